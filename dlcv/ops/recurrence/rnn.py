"""The vanilla recurrent network: h' = f(x W + h U + b) with f = tanh or ReLU.

Elman, "Finding Structure in Time", 1990.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.ops.recurrence.scan import Carry, Cell, Lengths, Weights, scan, scan_with_states, step


class RnnCarry(NamedTuple):
    """State between two steps, which is what comes out."""

    h_BH: Float[Array, "*B H"]


def _cell(activation, derivative) -> Cell:
    def forward(carry: RnnCarry, zx_BGH: Array, zh_BGH: Array) -> tuple[RnnCarry, Array]:
        h_BGH = activation(zx_BGH + zh_BGH)
        return RnnCarry(h_BGH[:, 0]), h_BGH

    def backward(dcarry: RnnCarry, before: RnnCarry, h_BGH: Array) -> tuple[RnnCarry, Array]:
        return RnnCarry(jnp.zeros_like(dcarry.h_BH)), dcarry.h_BH[:, None] * derivative(h_BGH)

    return Cell(forward, backward, lambda dz, gates: dz)


RNN = {
    "tanh": _cell(jnp.tanh, lambda h: 1 - h**2),
    "relu": _cell(jax.nn.relu, lambda h: (h > 0).astype(h.dtype)),
}  # its only "gate" is h itself


def rnn_step(carry: RnnCarry, x_BD: Array, weights: Weights, activation: str = "tanh") -> tuple[RnnCarry, Array]:
    """One step: (new carry, h (B, 1, H))."""
    return step(RNN[activation], carry, x_BD, weights)


def rnn_scan(
    x_BTD: Array, carry: Carry, weights: Weights, lengths_B: Lengths = None, activation: str = "tanh"
) -> tuple[Array, Carry]:
    """(h of every step, last carry)."""
    return scan(RNN[activation], x_BTD, carry, weights, lengths_B)


def rnn_scan_with_states(
    x_BTD: Array, carry: Carry, weights: Weights, lengths_B: Lengths = None, activation: str = "tanh"
):
    """(h of every step, last carry, {"h", "gates"} over time), differentiated automatically."""
    return scan_with_states(RNN[activation], x_BTD, carry, weights, lengths_B)
