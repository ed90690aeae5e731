"""Layer normalisation inside a recurrent cell.

Ba, Kiros and Hinton, "Layer Normalization", 2016: the two sums that enter the gates are normalised apart, over all gates of a
row at once, and so is an LSTM's memory before it is read. (For the GRU the paper normalises the candidate's sums by themselves.)
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.ops.recurrence.lstm import LstmCarry


class Norms(NamedTuple):
    """Gains of the two sums, the gates' bias (rows as in `Weights`, whose own must be 0), gain and bias of the memory."""

    input_GH: Float[Array, "G H"]
    recurrent_GH: Float[Array, "G H"]
    bias_RH: Float[Array, "R H"]
    memory_2H: Float[Array, "2 H"] | None = None


def normalise(z: Float[Array, "B *D"], epsilon: float = 1e-5) -> Float[Array, "B *D"]:
    """Each row with mean 0 and variance 1."""
    axes = tuple(range(1, z.ndim))
    centred = z - z.mean(axes, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(axes, keepdims=True) + epsilon)


def normalised(forward: Callable, norms: Norms) -> Callable:
    """A cell's pointwise part with both sums, and the memory where there is one, normalised."""

    def cell(carry, zx_BGH: Array, zh_BGH: Array):
        gates = zx_BGH.shape[1]
        zx_BGH = normalise(zx_BGH) * norms.input_GH + norms.bias_RH[:gates]
        zh_BGH = normalise(zh_BGH) * norms.recurrent_GH
        if extra := len(norms.bias_RH) - gates:
            zh_BGH = zh_BGH + jnp.pad(norms.bias_RH[gates:], ((gates - extra, 0), (0, 0)))
        after, gates_BGH = forward(carry, zx_BGH, zh_BGH)
        if norms.memory_2H is None:
            return after, gates_BGH
        gain_H, bias_H = norms.memory_2H
        return LstmCarry(after.c_BH, gates_BGH[:, 3] * jnp.tanh(normalise(after.c_BH) * gain_H + bias_H)), gates_BGH

    return cell
