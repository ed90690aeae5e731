"""Three ways of reading a sequence, each looking back only: recurrence, dilated convolution, self-attention."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.recurrent import CELLS, Recurrent
from dlcv.models.transformer import Stack, Style
from dlcv.ops.causal_convolution import causal_convolution
from dlcv.ops.positions import sinusoidal_positions

WAYS = (*CELLS, "convolution", "attention")
TAPS, HEADS = 3, 4


class CausalConvolutions(nn.Module):
    """Residual blocks of a causal convolution whose gaps double from block to block: x_BTD -> h_BTH.

    Bai, Kolter and Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling",
    2018 (two convolutions a block with weight normalisation; here one, after a layer normalisation).
    """

    width: int
    layers: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BTD: jax.Array) -> jax.Array:
        h_BTH = nn.Dense(self.width, dtype=self.dtype, name="embed")(x_BTD)
        init = nn.initializers.variance_scaling(2.0, "fan_in", "normal", in_axis=(0, 1), out_axis=2)
        for index in range(self.layers):
            kernel_KDH = self.param(f"kernel_{index}", init, (TAPS, self.width, self.width)).astype(self.dtype)
            normal_BTH = nn.LayerNorm(dtype=self.dtype, name=f"norm_{index}")(h_BTH)
            h_BTH = h_BTH + nn.relu(causal_convolution(normal_BTH, kernel_KDH, 2**index))
        return nn.LayerNorm(dtype=self.dtype, name="norm")(h_BTH)


class CausalAttention(nn.Module):
    """A Transformer encoder on sinusoidal positions in which no step sees a later one: x_BTD -> h_BTH."""

    width: int
    layers: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BTD: jax.Array, *, train: bool) -> jax.Array:
        steps = x_BTD.shape[1]
        h_BTH = nn.Dense(self.width, dtype=self.dtype, name="embed")(x_BTD)
        h_BTH = h_BTH + sinusoidal_positions(steps, self.width).astype(self.dtype)
        style = Style(HEADS, 2 * self.width)
        return Stack(self.layers, self.width, style, causal=True, dtype=self.dtype, name="encoder")(h_BTH, train=train)[
            0
        ]


class SequenceReader(nn.Module):
    """Inputs [B, T, D] to (outputs [B, asked, O] in float32 at the last steps, features [B, T, H] of all steps)."""

    way: str
    outputs: int
    asked: int = 1
    width: int = 64
    layers: int = 1
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BTD: jax.Array, *, train: bool) -> tuple[jax.Array, jax.Array]:
        x_BTD = x_BTD.astype(self.dtype)
        if self.way == "convolution":
            h_BTH = CausalConvolutions(self.width, self.layers, self.dtype, name="convolutions")(x_BTD)
        elif self.way == "attention":
            h_BTH = CausalAttention(self.width, self.layers, self.dtype, name="attention")(x_BTD, train=train)
        else:
            stack = Recurrent(self.way, self.width, self.layers, dtype=self.dtype, name="recurrent")
            h_BTH, _ = stack(x_BTD, train=train)
        head = nn.Dense(self.outputs, dtype=self.dtype, name="head")
        return head(h_BTH[:, -self.asked :]).astype(jnp.float32), h_BTH


def sequence_reader(way: str, outputs: int, **fields: Any) -> SequenceReader:
    """A reader by its way; raises Misuse for an unknown one."""
    if way not in WAYS:
        raise unknown("way of reading a sequence", way, WAYS)
    return SequenceReader(way, outputs, **fields)
