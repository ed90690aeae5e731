"""Convolution, dense layer and normalisations as modules; compute in `dtype`, parameters and statistics in float32."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.ops.convolution import convolution, transposed_convolution

he_normal = nn.initializers.variance_scaling(2.0, "fan_in", "truncated_normal")  # He et al., "Delving Deep", 2015


class SpectralNorm(nn.Module):
    """A kernel [..., I, O] over its largest singular value as a matrix of O columns, by one power iteration a training step.

    Miyato, Kataoka, Koyama and Yoshida, "Spectral Normalization for Generative Adversarial Networks", 2018, algorithm 1. The right
    singular vector `u` is kept beside running statistics, and changed in training alone.
    """

    @nn.compact
    def __call__(self, kernel: jax.Array, *, train: bool) -> jax.Array:
        W_IO = kernel.reshape(-1, kernel.shape[-1])
        u_O = self.variable(
            "batch_stats", "u", lambda: _unit(jax.random.normal(self.make_rng("params"), W_IO.shape[1:]))
        )
        v_I = _unit(jax.lax.stop_gradient(W_IO) @ u_O.value)
        after_O = _unit(v_I @ jax.lax.stop_gradient(W_IO))
        if train and not self.is_initializing():
            u_O.value = after_O
        return kernel / (v_I @ W_IO @ after_O)


def _unit(x: jax.Array) -> jax.Array:
    return x / (jnp.linalg.norm(x) + 1e-12)


class Conv(nn.Module):
    """Convolution with zero padding: [B, Y, X, C] to [B, ceil(Y / stride), ceil(X / stride), features]."""

    features: int
    kernel: int
    stride: int = 1
    bias: bool = False
    kernel_init: Any = he_normal
    dtype: Any = jnp.float32
    spectral: bool = False  # the kernel under a spectral norm, which `train` moves on

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool = False) -> jax.Array:
        kernel = self.param("kernel", self.kernel_init, (self.kernel, self.kernel, x.shape[-1], self.features))
        kernel = SpectralNorm(name="spectral")(kernel, train=train) if self.spectral else kernel
        x = self.apply_kernel(x.astype(self.dtype), kernel.astype(self.dtype))
        return x + self.param("bias", nn.initializers.zeros, (self.features,)).astype(self.dtype) if self.bias else x

    def apply_kernel(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
        return convolution(x, kernel, stride=self.stride)


class ConvTranspose(Conv):
    """Transposed convolution: [B, Y, X, C] to [B, stride Y, stride X, features]."""

    def apply_kernel(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
        return transposed_convolution(x, kernel, stride=self.stride)


class Dense(nn.Module):
    """x W + b: [B, I] to [B, features]; as of linen, with the option of a spectral norm."""

    features: int
    kernel_init: Any = nn.initializers.lecun_normal()
    dtype: Any = jnp.float32
    spectral: bool = False
    bias: bool = True

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool = False) -> jax.Array:
        kernel = self.param("kernel", self.kernel_init, (x.shape[-1], self.features))
        kernel = SpectralNorm(name="spectral")(kernel, train=train) if self.spectral else kernel
        x = x.astype(self.dtype) @ kernel.astype(self.dtype)
        return x + self.param("bias", nn.initializers.zeros, (self.features,)).astype(self.dtype) if self.bias else x


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
