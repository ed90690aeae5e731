"""Recurrent encoder of a drawing to a code, and recurrent decoder to the numbers of a mixture density.

Source: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.recurrent import Recurrent
from dlcv.ops.recurrence import LstmCarry
from dlcv.ops.strokes import Points


class SketchSize(NamedTuple):
    encoder: int  # units a direction
    decoder: int
    components: int  # of the mixture


SIZES = {
    "tiny": SketchSize(16, 24, 2),  # for tests; no paper
    "small": SketchSize(96, 192, 8),  # for a CPU; no paper
    "medium": SketchSize(128, 320, 16),  # for a CPU; no paper
    "sketch-rnn": SketchSize(256, 512, 20),  # Ha and Eck, 2017, whose decoder is a HyperLSTM
}


class SketchEncoder(nn.Module):
    """Points [B, T, 5] and lengths [B] to [B, outputs] in float32, off the last states of an LSTM in either direction."""

    size: SketchSize
    outputs: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, points: Points, lengths_B: jax.Array, *, train: bool) -> jax.Array:
        stack = Recurrent("lstm", self.size.encoder, bidirectional=True, dtype=self.dtype, name="recurrent")
        _, last = stack(points.astype(self.dtype), lengths_B=lengths_B, train=train)
        ends = jnp.concatenate([last["layer_0"][way].h_BH for way in ("forward", "backward")], -1)
        return nn.Dense(self.outputs, dtype=self.dtype, name="head")(ends.astype(self.dtype)).astype(jnp.float32)


class SketchDecoder(nn.Module):
    """Codes [B, Z] and the points before [B, T, 5] to (6 M + 3 numbers a point [B, T, 6 M + 3] in float32, carry).

    The code sets the first state by a tanh and is shown again at every step; with Z = 0 the state begins at zero. A `carry` goes on
    from an earlier call.
    """

    size: SketchSize
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, codes_BZ: jax.Array, before: Points, carry: dict[str, LstmCarry] | None = None, *, train: bool):
        width = self.size.decoder
        if codes_BZ.shape[-1]:
            first = jnp.tanh(nn.Dense(2 * width, dtype=self.dtype, name="first")(codes_BZ.astype(self.dtype)))
            if carry is None:
                carry = {"layer_0": LstmCarry(*jnp.split(first.astype(jnp.float32), 2, -1))}
        codes_BTZ = jnp.repeat(codes_BZ[:, None], before.shape[1], axis=1)
        x_BTD = jnp.concatenate([before, codes_BTZ], -1).astype(self.dtype)
        h_BTH, carry = Recurrent("lstm", width, dtype=self.dtype, name="recurrent")(x_BTD, carry, train=train)
        head = nn.Dense(6 * self.size.components + 3, dtype=self.dtype, name="head")
        return head(h_BTH).astype(jnp.float32), carry


class StrokeClassifier(nn.Module):
    """Points [B, T, 5] and lengths [B] to (logits [B, classes] in float32, features [B, 2 H]): the mean of an LSTM both ways."""

    width: int
    classes: int
    layers: int = 1
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, points: Points, lengths_B: jax.Array, *, train: bool):
        stack = Recurrent(
            "lstm",
            self.width,
            self.layers,
            bidirectional=True,
            dropout=self.dropout,
            dtype=self.dtype,
            name="recurrent",
        )
        h_BTH, _ = stack(points.astype(self.dtype), lengths_B=lengths_B, train=train)
        features = h_BTH.sum(1) / lengths_B[:, None].astype(self.dtype)  # the output is 0 past the end
        kept = nn.Dropout(self.dropout)(features, deterministic=not train)
        return nn.Dense(self.classes, dtype=self.dtype, name="head")(kept).astype(jnp.float32), features


def sketch_size(name: str) -> SketchSize:
    """A row of `SIZES`; raises Misuse for an unknown one."""
    if name not in SIZES:
        raise unknown("size of sketch-RNN", name, SIZES)
    return SIZES[name]
