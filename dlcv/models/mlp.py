"""Generator and discriminator of dense layers, for points [B, D] such as those of a mixture of Gaussians."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.layers import Dense


class Generator(nn.Module):
    """Codes [B, Z] to points [B, outputs] anywhere: hidden layers with ReLU, the last one linear."""

    outputs: int
    widths: tuple[int, ...] = (128, 128, 128)
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, z: jax.Array, *, train: bool) -> jax.Array:
        for width in self.widths:
            z = nn.relu(Dense(width, nn.initializers.he_normal(), self.dtype)(z))
        return Dense(self.outputs, dtype=self.dtype, name="point")(z).astype(jnp.float32)


class Discriminator(nn.Module):
    """Points [B, D] to (scores [B] in float32, {"features": [B, widths[-1]]})."""

    widths: tuple[int, ...] = (128, 128, 128)
    spectral: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, points: jax.Array, *, train: bool):
        x = points
        for width in self.widths:
            dense = Dense(width, nn.initializers.he_normal(), self.dtype, self.spectral)
            x = nn.leaky_relu(dense(x, train=train), 0.2)
        scores = Dense(1, dtype=self.dtype, spectral=self.spectral, name="head")(x, train=train)
        return scores[:, 0].astype(jnp.float32), {"features": x}
