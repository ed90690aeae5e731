"""A discriminator that judges patches of an image, each beside the same patch of the image it was made from.

Source: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017, section 3.2.2; without
batch norm here.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.dcgan import normal
from dlcv.models.layers import Conv


class PatchDiscriminator(nn.Module):
    """Conditions [B, Y, X, D] and images [B, Y, X, C] to logits [B, Y / 4, X / 4] in float32, of 22 x 22 pixels each."""

    width: int = 32
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, condition: jax.Array, images: jax.Array, *, train: bool) -> jax.Array:
        x = jnp.concatenate([condition, images], -1).astype(self.dtype)
        for index, (width, stride) in enumerate(((self.width, 2), (2 * self.width, 2), (2 * self.width, 1))):
            x = Conv(width, 4, stride, bias=True, kernel_init=normal, dtype=self.dtype, name=f"conv_{index}")(x)
            x = nn.leaky_relu(x, 0.2)
        x = Conv(1, 1, bias=True, kernel_init=normal, dtype=self.dtype, name="head")(x)
        return x[..., 0].astype(jnp.float32)
