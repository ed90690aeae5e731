"""Generator and discriminators of DCGAN.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", 2016.
"""

import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse
from dlcv.models.layers import BatchNorm, Conv, ConvTranspose, Dense
from dlcv.models.self_attention import SelfAttention

normal = nn.initializers.normal(0.02)


def around_one(key, shape, dtype=jnp.float32):
    """Batch norm's scale begins as N(1, 0.02)."""
    return 1 + 0.02 * jax.random.normal(key, shape, dtype)


def first_side(size: int) -> tuple[int, int]:
    """(side of the generator's first map, number of doublings): the side is between 4 and 7. Raises Misuse for an odd size."""
    side, doublings = size, 0
    while side > 7:
        if side % 2:
            raise Misuse(
                f"DCGAN cannot make {size}x{size} images: 4 to 7 times a power of two is needed, such as 28, 32 or 64"
            )
        side, doublings = side // 2, doublings + 1
    return side, doublings


class Generator(nn.Module):
    """Codes [B, Z] to images [B, size, size, channels] in [-1, 1]; `width` is that of the last hidden map.

    With `attention` the positions of the last hidden map see each other.
    """

    channels: int
    size: int
    width: int = 64
    dtype: Any = jnp.float32
    spectral: bool = False
    attention: bool = False

    @nn.compact
    def __call__(self, z: jax.Array, *, train: bool) -> jax.Array:
        shape = self.first_map()
        x = Dense(math.prod(shape), normal, self.dtype, self.spectral, bias=False, name="project")(z, train=train)
        return self.grow(self._activate(x.reshape(-1, *shape), train, "norm_0"), train)

    def first_map(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the map that the codes become."""
        side, doublings = first_side(self.size)
        return side, side, self.width * 2 ** (doublings - 1)

    def grow(self, x: jax.Array, train: bool) -> jax.Array:
        """The first map [B, Y, X, C] doubled to images."""
        _, doublings = first_side(self.size)
        fields = dict(kernel_init=normal, dtype=self.dtype, spectral=self.spectral)
        for index in range(1, doublings):
            x = ConvTranspose(x.shape[-1] // 2, 4, 2, name=f"up_{index}", **fields)(x, train=train)
            x = self._activate(x, train, f"norm_{index}")
        if self.attention:
            x = SelfAttention(self.spectral, self.dtype, name="attention")(x, train=train)
        x = ConvTranspose(self.channels, 4, 2, bias=True, name="image", **fields)(x, train=train)
        return jnp.tanh(x.astype(jnp.float32))

    def _activate(self, x, train, name):
        return nn.relu(BatchNorm(scale_init=around_one, dtype=self.dtype, name=name)(x, train=train))


NORMS = ("batch", "layer", "instance", "none")


class Encoder(nn.Module):
    """Images [B, Y, X, C] in [-1, 1] to maps at 4 to 7 positions a side: what discriminators share.

    `norm` is "batch" for the paper's; "layer", "instance" and "none" look at each image alone, as a penalty on its gradient needs.
    With `attention` the positions of the first map see each other.
    """

    width: int = 64
    norm: str = "batch"
    spectral: bool = False
    dtype: Any = jnp.float32
    attention: bool = False

    def maps(self, images: jax.Array, train: bool) -> jax.Array:
        x, width = images.astype(self.dtype), self.width
        _, halvings = first_side(images.shape[1])
        fields = dict(kernel_init=normal, dtype=self.dtype, spectral=self.spectral)
        x = nn.leaky_relu(Conv(width, 4, 2, bias=True, name="down_0", **fields)(x, train=train), 0.2)
        if self.attention:
            x = SelfAttention(self.spectral, self.dtype, name="attention")(x, train=train)
        for index in range(1, halvings):
            width *= 2
            x = Conv(width, 4, 2, bias=self.norm == "none", name=f"down_{index}", **fields)(x, train=train)
            x = nn.leaky_relu(self.normalised(x, train, f"norm_{index}"), 0.2)
        return x

    def normalised(self, x: jax.Array, train: bool, name: str) -> jax.Array:
        fields = dict(scale_init=around_one, dtype=self.dtype, name=name)
        if self.norm == "batch":
            return BatchNorm(**fields)(x, train=train)
        groups = {"layer": 1, "instance": x.shape[-1]}
        return nn.GroupNorm(groups[self.norm], epsilon=1e-5, **fields)(x) if self.norm in groups else x


class Discriminator(Encoder):
    """Images [B, Y, X, C] in [-1, 1] to (scores [B] in float32, {"features": [B, D]})."""

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool):
        features = self.maps(images, train).reshape(len(images), -1)
        scores = Dense(1, normal, self.dtype, self.spectral, name="head")(features, train=train)
        return scores[:, 0].astype(jnp.float32), {"features": features}


class AutoencoderDiscriminator(Encoder):
    """Images [B, Y, X, C] in [-1, 1] to (energies [B] in float32, {"features": [B, code], "reconstruction": [B, Y, X, C]}).

    The energy is the mean squared error of the image decoded from its code. Zhao, Mathieu and LeCun, "Energy-based Generative
    Adversarial Network", 2017; the decoder has the form of DCGAN's generator.
    """

    code: int = 64

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool):
        maps = self.maps(images, train).reshape(len(images), -1)
        code = Dense(self.code, normal, self.dtype, self.spectral, name="code")(maps, train=train)
        _, size, _, channels = images.shape
        drawn = Generator(channels, size, self.width, self.dtype, name="decoder")(code, train=train)
        energies = jnp.mean((drawn - images.astype(jnp.float32)) ** 2, axis=(1, 2, 3))
        return energies, {"features": code, "reconstruction": drawn}
