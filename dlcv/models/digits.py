"""Small networks for digit images: the encoder that adaptation methods share, and the heads on top of it."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse
from dlcv.models.layers import BatchNorm, Conv, ConvTranspose
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

    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        return self.layers(x, train=train)["logits"]

    @nn.compact
    def layers(self, x: jax.Array, *, train: bool) -> dict[str, jax.Array]:
        """Every layer's activations, {"hidden_1": [B, hidden[0]], ..., "logits": [B, outputs]}: `method="layers"` of a Net."""
        found = {}
        for number, width in enumerate(self.hidden, start=1):
            x = nn.relu(nn.Dense(width, dtype=self.dtype)(x))
            found[f"hidden_{number}"] = x = nn.Dropout(self.dropout)(x, deterministic=not train)
        return {**found, "logits": nn.Dense(self.outputs, dtype=self.dtype)(x).astype(jnp.float32)}


class Code(nn.Module):
    """An encoder and a dense layer with ReLU on top: [B, Y, X, C] to codes [B, width].

    The private encoders of Bousmalis et al., "Domain Separation Networks", 2016, appendix B.
    """

    encoder: nn.Module
    width: int = 100
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool) -> jax.Array:
        return nn.relu(nn.Dense(self.width, dtype=self.dtype)(self.encoder(images, train=train)))


class MapDecoder(nn.Module):
    """A flattened map [B, side side C], as the encoders give, to images [B, size, size, channels] in float32.

    Each of `doublings` 4x4 transposed convolutions doubles the side; the range is not limited. Raises Misuse for a size that is no
    multiple of 2^doublings.
    """

    size: int
    channels: int = 3
    width: int = 16
    doublings: int = 2
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, codes: jax.Array, *, train: bool) -> jax.Array:
        x = codes.astype(self.dtype).reshape(len(codes), *(first_side(self.size, self.doublings),) * 2, -1)
        for _ in range(self.doublings - 1):
            x = nn.relu(ConvTranspose(self.width, 4, 2, bias=True, dtype=self.dtype)(x))
        return ConvTranspose(self.channels, 4, 2, bias=True, dtype=self.dtype)(x).astype(jnp.float32)


class DigitDecoder(nn.Module):
    """Codes [B, D] to images [B, size, size, channels] in float32: a dense layer with ReLU, then `MapDecoder`."""

    size: int
    channels: int = 3
    width: int = 16
    doublings: int = 2
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, codes: jax.Array, *, train: bool) -> jax.Array:
        side = first_side(self.size, self.doublings)
        x = nn.relu(nn.Dense(side * side * 2 * self.width, dtype=self.dtype)(codes.astype(self.dtype)))
        return MapDecoder(self.size, self.channels, self.width, self.doublings, self.dtype)(x, train=train)


def first_side(size: int, doublings: int) -> int:
    """The side that so many doublings bring to `size`."""
    if size % 2**doublings:
        raise Misuse(
            f"a decoder that doubles {doublings} times makes no images of {size}x{size}: give a multiple of {2**doublings}"
        )
    return size // 2**doublings
