"""A lecture's three ways of mapping a sequence to a sequence, as pure functions: what is shared, and whether a state is.

Inputs (B, T, D), outputs (B, T, O); every network has one hidden layer of tanh.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class StepWeights(NamedTuple):
    """One network: D inputs, H hidden units, O outputs; `recurrent` is None where no state is handed on."""

    input_DH: Float[Array, "*T D H"]
    bias_H: Float[Array, "*T H"]
    output_HO: Float[Array, "*T H O"]
    recurrent_HH: Float[Array, "H H"] | None = None


def shared_without_state(weights: StepWeights, x_BTD: Float[Array, "B T D"]) -> Float[Array, "B T O"]:
    """The same network at every step, which sees the present input alone."""
    return jnp.tanh(x_BTD @ weights.input_DH + weights.bias_H) @ weights.output_HO


def one_network_a_step(weights: StepWeights, x_BTD: Float[Array, "B T D"]) -> Float[Array, "B T O"]:
    """A network of its own for every step (weights lead with T), which sees the present input alone.

    Raises ValueError for a length other than that of the weights: for a step without a network there is no answer.
    """
    if len(weights.input_DH) != x_BTD.shape[1]:
        raise ValueError(f"{len(weights.input_DH)} networks cannot take {x_BTD.shape[1]} steps")
    hidden_BTH = jnp.tanh(jnp.einsum("BTD,TDH->BTH", x_BTD, weights.input_DH) + weights.bias_H)
    return jnp.einsum("BTH,THO->BTO", hidden_BTH, weights.output_HO)


def shared_with_state(weights: StepWeights, x_BTD: Float[Array, "B T D"]) -> Float[Array, "B T O"]:
    """The same network at every step, which sees the present input and its own hidden layer of the step before."""

    def step(h_BH, x_BD):
        h_BH = jnp.tanh(x_BD @ weights.input_DH + h_BH @ weights.recurrent_HH + weights.bias_H)
        return h_BH, h_BH @ weights.output_HO

    first_BH = jnp.zeros((len(x_BTD), weights.bias_H.shape[-1]), x_BTD.dtype)
    return jax.lax.scan(step, first_BH, x_BTD.swapaxes(0, 1))[1].swapaxes(0, 1)
