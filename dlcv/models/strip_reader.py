"""Convolutions over a strip, then both directions of a recurrent layer over its columns: classes frame by frame."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.layers import BatchNorm, Conv
from dlcv.models.recurrent import Recurrent
from dlcv.ops.convolution import max_pool

COLUMNS = 4  # of the image to a frame


class StripSize(NamedTuple):
    """As of Shi, Bai and Yao, "An End-to-End Trainable Neural Network for Image-Based Sequence Recognition", 2017, but smaller."""

    convolutions: tuple[int, int, int]
    width: int
    layers: int


SIZES = {
    "tiny": StripSize((4, 8, 8), 16, 1),  # for tests
    "small": StripSize((16, 32, 48), 64, 1),
    "large": StripSize((64, 128, 256), 256, 2),
}


class StripReader(nn.Module):
    """(image [B, Y, X, 1], width in columns [B]) to (logits [B, X / 4, classes] in float32, frames [B])."""

    size: StripSize
    classes: int
    cell: str = "lstm"
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images: jax.Array, width_B: jax.Array, *, train: bool) -> tuple[jax.Array, jax.Array]:
        x = images.astype(self.dtype)
        for index, features in enumerate(self.size.convolutions):
            x = Conv(features, 3, dtype=self.dtype, name=f"conv_{index}")(x)
            x = nn.relu(BatchNorm(dtype=self.dtype, name=f"norm_{index}")(x, train=train))
            x = max_pool(x, 2) if index < 2 else x
        x_BTD = x.swapaxes(1, 2).reshape(len(x), x.shape[2], -1)
        frames_B = jnp.minimum(-(-width_B // COLUMNS) + 1, x_BTD.shape[1])
        x_BTD = nn.relu(nn.Dense(self.size.width, dtype=self.dtype, name="columns")(x_BTD))
        x_BTD = nn.Dropout(self.dropout)(x_BTD, deterministic=not train)
        recurrent = Recurrent(self.cell, self.size.width, self.size.layers, bidirectional=True, dtype=self.dtype)
        h_BTH, _ = recurrent(x_BTD, lengths_B=frames_B, train=train)
        return nn.Dense(self.classes, dtype=self.dtype, name="head")(h_BTH).astype(jnp.float32), frames_B


def strip_reader(size: str, classes: int, **fields: Any) -> StripReader:
    """The reader of a row of `SIZES`; raises Misuse for an unknown row."""
    if size not in SIZES:
        raise unknown("strip reader size", size, SIZES)
    return StripReader(SIZES[size], classes, **fields)
