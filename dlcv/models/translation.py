"""U-Net generator and patch discriminator of image-to-image translation.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017, section 3.2 and appendix 6.1.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.dcgan import around_one, first_side, normal
from dlcv.models.layers import BatchNorm, Conv, ConvTranspose


class UNet(nn.Module):
    """Source images [B, Y, Y, S] and codes [B, Z] (Z may be 0) to images [B, Y, Y, channels] in [-1, 1].

    Each map of the encoder is joined to the decoder's of the same size. The code is laid over every position of the source.
    `dropout` acts in the decoder's two coarsest maps, in training alone (the paper keeps it in testing and finds that it changes little).
    """

    channels: int
    width: int = 64
    dropout: float = 0.5
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, source: jax.Array, z: jax.Array, *, train: bool) -> jax.Array:
        _, halvings = first_side(source.shape[1])
        planes = jnp.broadcast_to(z[:, None, None, :], (*source.shape[:3], z.shape[-1]))
        x = jnp.concatenate([source, planes], axis=-1).astype(self.dtype)
        widths = [self.width * 2 ** min(index, 3) for index in range(halvings)]
        skips = []
        for index, width in enumerate(widths):
            x = Conv(width, 4, 2, kernel_init=normal, dtype=self.dtype, name=f"down_{index}")(x)
            x = self._norm(x, train, f"down_norm_{index}") if index else x  # none on the first, as in the paper
            x = nn.leaky_relu(x, 0.2)
            skips.append(x)
        x = Conv(widths[-1], 3, kernel_init=normal, dtype=self.dtype, name="middle")(x)
        x = nn.relu(self._norm(x, train, "middle_norm"))
        for index in reversed(range(1, halvings)):
            x = jnp.concatenate([x, skips[index]], axis=-1)
            x = ConvTranspose(widths[index - 1], 4, 2, kernel_init=normal, dtype=self.dtype, name=f"up_{index}")(x)
            x = self._norm(x, train, f"up_norm_{index}")
            if index >= halvings - 2:
                x = nn.Dropout(self.dropout, deterministic=not train)(x)
            x = nn.relu(x)
        x = jnp.concatenate([x, skips[0]], axis=-1)
        x = ConvTranspose(self.channels, 4, 2, bias=True, kernel_init=normal, dtype=self.dtype, name="image")(x)
        return jnp.tanh(x.astype(jnp.float32))

    def _norm(self, x, train, name):
        return BatchNorm(scale_init=around_one, dtype=self.dtype, name=name)(x, train=train)


class PatchDiscriminator(nn.Module):
    """Source and image, channels joined [B, Y, X, S + C], to scores [B, y, x] in float32, each of one patch alone.

    `halvings` strided convolutions and two more see patches of 70 pixels at the paper's 3, 34 at 2 and 16 at 1. Without `norm` no
    statistics mix the images of a batch, and kernels begin as He's, since DCGAN's small ones would fade from layer to layer.
    """

    width: int = 64
    halvings: int = 3
    dtype: Any = jnp.float32
    norm: bool = True

    @nn.compact
    def __call__(self, pair: jax.Array, *, train: bool) -> jax.Array:
        x, kernel_init = pair.astype(self.dtype), normal if self.norm else nn.initializers.he_normal()
        for index in range(self.halvings + 1):
            stride = 2 if index < self.halvings else 1
            fields = dict(bias=not (index and self.norm), kernel_init=kernel_init, dtype=self.dtype)
            x = Conv(self.width * 2 ** min(index, 3), 4, stride, name=f"conv_{index}", **fields)(x)
            if index and self.norm:
                x = BatchNorm(scale_init=around_one, dtype=self.dtype, name=f"norm_{index}")(x, train=train)
            x = nn.leaky_relu(x, 0.2)
        x = Conv(1, 4, bias=True, kernel_init=normal, dtype=self.dtype, name="score")(x)
        return x[..., 0].astype(jnp.float32)
