"""Small networks for digit images: the encoder that adaptation methods share, and the heads on top of it."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.layers import BatchNorm, Conv
from dlcv.ops.convolution import max_pool


class DigitEncoder(nn.Module):
    """5x5 convolutions, each halving the image by its stride, batch norm and ReLU: [B, Y, X, C] to [B, D].

    The strided form of the encoder of Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016, figure 4.
    """

    widths: tuple[int, ...] = (24, 48)
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool) -> jax.Array:
        x = images.astype(self.dtype)
        for width in self.widths:
            x = Conv(width, 5, stride=2, dtype=self.dtype)(x)
            x = nn.relu(BatchNorm(dtype=self.dtype)(x, train=train))
        return x.reshape(len(x), -1)


class PooledDigitEncoder(nn.Module):
    """5x5 convolutions with ReLU and 2x2 maxima: [B, Y, X, C] to [B, D]; Ganin et al., 2016, figure 4 a, padded with zeros."""

    widths: tuple[int, ...] = (32, 48)
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool) -> jax.Array:
        x = images.astype(self.dtype)
        for width in self.widths:
            x = max_pool(nn.relu(Conv(width, 5, bias=True, dtype=self.dtype)(x)), 2)
        return x.reshape(len(x), -1)


class Mlp(nn.Module):
    """Dense layers with ReLU between them: [B, D] to logits [B, outputs] in float32."""

    hidden: tuple[int, ...]
    outputs: int
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        for width in self.hidden:
            x = nn.relu(nn.Dense(width, dtype=self.dtype)(x))
            x = nn.Dropout(self.dropout)(x, deterministic=not train)
        return nn.Dense(self.outputs, dtype=self.dtype)(x).astype(jnp.float32)
