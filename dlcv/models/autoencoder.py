"""Encoders of images to codes and decoders back, in pairs of mirrored sizes."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.digits import first_side
from dlcv.models.layers import Conv, ConvTranspose


class AutoencoderSize(NamedTuple):
    """The encoder's layers from image to code; the decoder has them in reverse."""

    maps: tuple[int, ...]  # channels of 4x4 convolutions, each halving the side
    hidden: tuple[int, ...]  # widths of dense layers


SIZES = {
    "dense-500": AutoencoderSize((), (500,)),  # Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, on MNIST
    "dense-deep": AutoencoderSize((), (1000, 500, 250)),  # Hinton and Salakhutdinov, "Reducing the Dimensionality of Data", 2006
    "dense": AutoencoderSize((), (512, 256)),  # for a CPU; no paper
    "dense-tiny": AutoencoderSize((), (64,)),  # for tests; no paper
    # Masci, Meier, Ciresan and Schmidhuber, "Stacked Convolutional Auto-Encoders", 2011, with strides; widths for a CPU
    "conv": AutoencoderSize((16, 32), (128,)),
    "conv-colour": AutoencoderSize((24, 48), ()),  # for a CPU; no paper
    "conv-wide": AutoencoderSize((32, 64, 128), ()),  # for 32x32 pictures; no paper
    "conv-tiny": AutoencoderSize((4, 8), ()),  # for tests; no paper
}  # fmt: skip


class Encoder(nn.Module):
    """Images [B, Y, X, C] and a condition [B, K] or None to [B, outputs] in float32; ReLU between layers."""

    size: AutoencoderSize
    outputs: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, condition: jax.Array | None = None, *, train: bool) -> jax.Array:
        x = images.astype(self.dtype)
        for width in self.size.maps:
            x = nn.relu(Conv(width, 4, 2, bias=True, dtype=self.dtype)(x))
        x = joined(x.reshape(len(x), -1), condition)
        for width in self.size.hidden:
            x = nn.relu(nn.Dense(width, dtype=self.dtype)(x))
        return nn.Dense(self.outputs, dtype=self.dtype)(x).astype(jnp.float32)


class Decoder(nn.Module):
    """Codes [B, Z] and a condition [B, K] or None to [B, Y, X, C] in float32, of unlimited range; ReLU between layers.

    Raises Misuse for a side that the convolutions cannot double to.
    """

    size: AutoencoderSize
    image: tuple[int, int, int]  # Y, X, C
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, codes: jax.Array, condition: jax.Array | None = None, *, train: bool) -> jax.Array:
        maps, hidden = self.size
        x = joined(codes.astype(self.dtype), condition)
        for width in reversed(hidden):
            x = nn.relu(nn.Dense(width, dtype=self.dtype)(x))
        if not maps:
            Y, X, C = self.image
            return nn.Dense(Y * X * C, dtype=self.dtype)(x).reshape(-1, Y, X, C).astype(jnp.float32)
        sides = [first_side(side, len(maps)) for side in self.image[:2]]
        x = nn.relu(nn.Dense(sides[0] * sides[1] * maps[-1], dtype=self.dtype)(x)).reshape(len(x), *sides, maps[-1])
        for width in reversed(maps[:-1]):
            x = nn.relu(ConvTranspose(width, 4, 2, bias=True, dtype=self.dtype)(x))
        return ConvTranspose(self.image[-1], 4, 2, bias=True, dtype=self.dtype)(x).astype(jnp.float32)


def joined(x: jax.Array, condition: jax.Array | None) -> jax.Array:
    """[B, D] beside [B, K]."""
    return x if condition is None else jnp.concatenate([x, condition.astype(x.dtype)], -1)


def encoder(size: str, outputs: int, **fields: Any) -> Encoder:
    """The Encoder of a row of `SIZES`; raises Misuse for an unknown row."""
    return Encoder(_row(size), outputs, **fields)


def decoder(size: str, image: tuple[int, int, int], **fields: Any) -> Decoder:
    """The Decoder of a row of `SIZES`; raises Misuse for an unknown row."""
    return Decoder(_row(size), tuple(image), **fields)


def _row(size: str) -> AutoencoderSize:
    if size not in SIZES:
        raise unknown("autoencoder size", size, SIZES)
    return SIZES[size]
