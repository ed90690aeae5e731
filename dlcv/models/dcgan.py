"""Generator and discriminator of DCGAN.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", 2016.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse
from dlcv.models.layers import BatchNorm, Conv, ConvTranspose

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
    """Codes [B, Z] to images [B, size, size, channels] in [-1, 1]; `width` is that of the last hidden map."""

    channels: int
    size: int
    width: int = 64
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, z: jax.Array, *, train: bool) -> jax.Array:
        side, doublings = first_side(self.size)
        width = self.width * 2 ** (doublings - 1)
        x = nn.Dense(side * side * width, use_bias=False, kernel_init=normal, dtype=self.dtype, name="project")(
            z.astype(self.dtype)
        )
        x = self._activate(x.reshape(-1, side, side, width), train, "norm_0")
        for index in range(1, doublings):
            width //= 2
            x = ConvTranspose(width, 4, 2, kernel_init=normal, dtype=self.dtype, name=f"up_{index}")(x)
            x = self._activate(x, train, f"norm_{index}")
        x = ConvTranspose(self.channels, 4, 2, bias=True, kernel_init=normal, dtype=self.dtype, name="image")(x)
        return jnp.tanh(x.astype(jnp.float32))

    def _activate(self, x, train, name):
        return nn.relu(BatchNorm(scale_init=around_one, dtype=self.dtype, name=name)(x, train=train))


class Discriminator(nn.Module):
    """Images [B, Y, X, C] in [-1, 1] to (logits [B] in float32, {"features": [B, D]})."""

    width: int = 64
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool):
        x, width = images.astype(self.dtype), self.width
        _, halvings = first_side(images.shape[1])
        x = Conv(width, 4, 2, bias=True, kernel_init=normal, dtype=self.dtype, name="down_0")(x)
        x = nn.leaky_relu(x, 0.2)
        for index in range(1, halvings):
            width *= 2
            x = Conv(width, 4, 2, kernel_init=normal, dtype=self.dtype, name=f"down_{index}")(x)
            x = nn.leaky_relu(
                BatchNorm(scale_init=around_one, dtype=self.dtype, name=f"norm_{index}")(x, train=train), 0.2
            )
        features = x.reshape(len(x), -1)
        logits = nn.Dense(1, kernel_init=normal, dtype=self.dtype, name="head")(features)
        return logits[:, 0].astype(jnp.float32), {"features": features}
