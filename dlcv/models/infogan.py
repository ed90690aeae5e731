"""Generator and discriminator of InfoGAN: DCGAN's with a dense layer under batch norm between the codes and the maps, on both sides.

Chen, Duan, Houthooft, Schulman, Sutskever and Abbeel, "InfoGAN: Interpretable Representation Learning by Information Maximizing
Generative Adversarial Nets", 2016, appendix C.1: 1024 wide at a width of 64. Codes meet each other there, before any position does.
"""

import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models import dcgan
from dlcv.models.layers import BatchNorm, Dense


class Between(nn.Module):
    """Dense, norm, (leaky) ReLU: [B, D] to [B, features]."""

    features: int
    norm: str = "batch"
    slope: float = 0.0
    spectral: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        batch = self.norm == "batch"
        x = Dense(self.features, dcgan.normal, self.dtype, self.spectral, bias=not batch, name="dense")(x, train=train)
        if batch:
            x = BatchNorm(scale_init=dcgan.around_one, dtype=self.dtype, name="norm")(x, train=train)
        return nn.leaky_relu(x, self.slope)


class Generator(dcgan.Generator):
    """Codes [B, Z] to images [B, size, size, channels] in [-1, 1]; the dense layer is 16 times as wide as the last hidden map.

    Batch norm of the first map is one of each of its numbers, not of each channel, as in the authors' code.
    """

    @nn.compact
    def __call__(self, z: jax.Array, *, train: bool) -> jax.Array:
        shape = self.first_map()
        x = Between(16 * self.width, dtype=self.dtype, name="between")(z, train=train)
        x = Between(math.prod(shape), dtype=self.dtype, name="first_map")(x, train=train)
        return self.grow(x.reshape(-1, *shape), train)


class Discriminator(dcgan.Encoder):
    """Images [B, Y, X, C] in [-1, 1] to (scores [B] in float32, {"features": [B, 16 width]}), those of the dense layer."""

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool):
        x = self.maps(images, train).reshape(len(images), -1)
        fields = dict(norm=self.norm, slope=0.2, spectral=self.spectral, dtype=self.dtype)
        features = Between(16 * self.width, **fields, name="between")(x, train=train)
        scores = Dense(1, dcgan.normal, self.dtype, self.spectral, name="head")(features, train=train)
        return scores[:, 0].astype(jnp.float32), {"features": features}


class Posterior(nn.Module):
    """Features [B, D] of the discriminator to `outputs` numbers an image [B, outputs] in float32, through one more such layer.

    Its batch norm matters: without it the codes were told as well, the discriminator won, and categories stayed mixtures of digits.
    """

    hidden: int
    outputs: int
    norm: str = "batch"
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, features: jax.Array, *, train: bool) -> jax.Array:
        x = Between(self.hidden, self.norm, 0.2, dtype=self.dtype, name="between")(features, train=train)
        return Dense(self.outputs, dcgan.normal, self.dtype, name="codes")(x, train=train).astype(jnp.float32)
