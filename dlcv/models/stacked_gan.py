"""Two generators, one on the other, and their discriminators, all told by a sentence.

Zhang, Xu, Li, Zhang, Wang, Huang and Metaxas, "StackGAN++: Realistic Image Synthesis with Stacked Generative Adversarial Networks", 2018,
section 4: the second stage goes on from the first one's hidden map, and each size has a discriminator.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.cnn import standardised
from dlcv.models.dcgan import around_one, first_side, normal
from dlcv.models.layers import BatchNorm, Conv, ConvTranspose, Dense
from dlcv.models.recurrent import Recurrent
from dlcv.ops.recurrence import last_inside


class SentenceEncoder(nn.Module):
    """Token numbers [B, T], 0 for padding, to a vector [B, width]: the LSTM's state after the last word."""

    words: int  # in the vocabulary
    width: int = 64
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens: jax.Array, *, train: bool) -> jax.Array:
        x = nn.Embed(self.words, self.width, dtype=self.dtype, name="embed")(tokens)
        states, _ = Recurrent("lstm", self.width, dtype=self.dtype, name="recurrent")(x, train=train)
        return last_inside(states, (tokens != 0).sum(-1)).astype(jnp.float32)


class StackedGenerator(nn.Module):
    """Noise [B, Z] and sentences [B, D] to (images at half size, images at full size) in [-1, 1] and the condition's (mean, log variance).

    Conditioning augmentation: the generators see a draw of N(mean(sentence), variance(sentence)), made with `noise`.
    """

    channels: int
    size: int
    width: int = 32
    condition: int = 32
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, z: jax.Array, sentence: jax.Array, noise: jax.Array, *, train: bool):
        mean, log_variance = jnp.split(nn.Dense(2 * self.condition, name="augment")(sentence), 2, axis=-1)
        c = mean + jnp.exp(log_variance / 2) * noise
        side, doublings = first_side(self.size)
        width = self.width * 2 ** (doublings - 1)
        x = Dense(side * side * width, normal, self.dtype, bias=False, name="project")(
            jnp.concatenate([z, c], -1), train=train
        )
        x = self._activate(x.reshape(-1, side, side, width), train, "norm_0")
        for index in range(1, doublings):
            width //= 2
            x = ConvTranspose(width, 4, 2, kernel_init=normal, dtype=self.dtype, name=f"up_{index}")(x)
            x = self._activate(x, train, f"norm_{index}")
        half = self._image(x, "half")
        planes = jnp.broadcast_to(c[:, None, None, :], (*x.shape[:3], self.condition)).astype(self.dtype)
        x = Conv(width, 3, kernel_init=normal, dtype=self.dtype, name="join")(jnp.concatenate([x, planes], -1))
        x = self._activate(x, train, "join_norm")
        x = ConvTranspose(width, 4, 2, kernel_init=normal, dtype=self.dtype, name="last_up")(x)
        x = self._activate(x, train, "last_norm")
        return half, self._image(x, "full"), (mean, log_variance)

    def _activate(self, x, train, name):
        return nn.relu(BatchNorm(scale_init=around_one, dtype=self.dtype, name=name)(x, train=train))

    def _image(self, x, name):
        x = Conv(self.channels, 3, bias=True, kernel_init=normal, dtype=self.dtype, name=name)(x)
        return jnp.tanh(x.astype(jnp.float32))


class SentenceDiscriminator(nn.Module):
    """Images [B, Y, X, C] and sentences [B, S, D] to the scores of the image alone [B] and of it with each sentence [B, S], in float32.

    With a sentence by projection, a scalar product of the image's features and the sentence: Miyato and Koyama, "cGANs with Projection
    Discriminator", 2018. StackGAN++ lays the sentence beside its maps; so narrow a network then reads colours alone.
    The standardised image stands beside the image: with the hues alone, a shape is another one in every pair of colours.
    """

    width: int = 32
    features: int = 128
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, sentences: jax.Array, *, train: bool):
        x = jnp.concatenate([images, standardised(images)], -1).astype(self.dtype)
        halvings = first_side(images.shape[1])[1]
        x = self._down(x, self.width, 2 if halvings else 1, train, 0)
        for index in range(1, halvings):
            x = self._down(x, x.shape[-1] * 2, 2, train, index)
        alone = Dense(1, normal, self.dtype, name="alone")(x.reshape(len(x), -1))
        x = self._down(x, x.shape[-1] * 2, 2, train, max(halvings, 1))
        x_BF = nn.leaky_relu(nn.Dense(self.features, dtype=self.dtype, name="features")(x.reshape(len(x), -1)), 0.2)
        v_BSF = nn.Dense(self.features, dtype=self.dtype, name="sentence")(sentences)
        projected = jnp.einsum("bf,bsf->bs", x_BF, v_BSF) / self.features**0.5
        together = projected + Dense(1, normal, self.dtype, name="together")(x_BF)
        return alone[:, 0].astype(jnp.float32), together.astype(jnp.float32)

    def _down(self, x, width, stride, train, index):
        """The first one has a bias for batch norm, as DCGAN's."""
        x = Conv(
            width,
            4 if stride == 2 else 3,
            stride,
            bias=not index,
            kernel_init=normal,
            dtype=self.dtype,
            name=f"down_{index}",
        )(x)
        if index:
            x = BatchNorm(scale_init=around_one, dtype=self.dtype, name=f"norm_{index}")(x, train=train)
        return nn.leaky_relu(x, 0.2)
