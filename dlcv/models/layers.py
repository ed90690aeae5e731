"""Convolution and batch norm as modules; compute in `dtype`, parameters and statistics in float32."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.ops.convolution import convolution, transposed_convolution

he_normal = nn.initializers.variance_scaling(2.0, "fan_in", "truncated_normal")  # He et al., "Delving Deep", 2015


class Conv(nn.Module):
    """Convolution with zero padding: [B, Y, X, C] to [B, ceil(Y / stride), ceil(X / stride), features]."""

    features: int
    kernel: int
    stride: int = 1
    bias: bool = False
    kernel_init: Any = he_normal
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        kernel = self.param("kernel", self.kernel_init, (self.kernel, self.kernel, x.shape[-1], self.features))
        x = self.apply_kernel(x.astype(self.dtype), kernel.astype(self.dtype))
        return x + self.param("bias", nn.initializers.zeros, (self.features,)).astype(self.dtype) if self.bias else x

    def apply_kernel(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
        return convolution(x, kernel, stride=self.stride)


class ConvTranspose(Conv):
    """Transposed convolution: [B, Y, X, C] to [B, stride Y, stride X, features]."""

    def apply_kernel(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
        return transposed_convolution(x, kernel, stride=self.stride)


class BatchNorm(nn.Module):
    """(x - mean) / sqrt(variance + 1e-5) scale + bias over all axes but the last; running statistics outside of training.

    Ioffe and Szegedy, "Batch Normalization", 2015. running <- 0.9 running + 0.1 batch.
    """

    scale_init: Any = nn.initializers.ones
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        norm = nn.BatchNorm(
            not train, momentum=0.9, epsilon=1e-5, scale_init=self.scale_init, dtype=self.dtype, name="norm"
        )
        return norm(x)
