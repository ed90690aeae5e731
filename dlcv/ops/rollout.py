"""Attention rollout: how much of each input token reaches each token of a layer, when residual sums are taken for halves."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def rollout(weights_NHLL: Float[Array, "N H L L"]) -> Float[Array, "N L L"]:
    """For each layer the shares, a row a token, of the inputs in it: R_n = (A_n / 2 + I / 2) R_(n-1), A_n the mean over heads.

    Rows sum to 1. Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020, section 3.
    """
    shares_LL, made = jnp.eye(weights_NHLL.shape[-1]), []
    for own_LL in weights_NHLL.mean(1):
        shares_LL = _passed(own_LL, shares_LL, shares_LL)
        made.append(shares_LL)
    return jnp.stack(made)


def rollout_with_memory(
    own_NHLL: Float[Array, "N H L L"], cross_NHLM: Float[Array, "N H L M"], memory_MM: Float[Array, "M M"]
) -> tuple[Float[Array, "N L L"], Float[Array, "N L M"]]:
    """The same for a decoder that also attends to a memory: shares of its own inputs, and of the memory's, by layer.

    `memory_MM` are the shares of inputs in the memory: the last of the encoder's rollout. Of each layer's residual sum, x + attention to
    the memory, again a half is each. The two shares of a row sum to 1 together.
    """
    length, places = cross_NHLM.shape[-2:]
    shares, made = jnp.eye(length, length + places), []
    memory = jnp.pad(memory_MM, ((0, 0), (length, 0)))
    for own_LL, cross_LM in zip(own_NHLL.mean(1), cross_NHLM.mean(1), strict=True):
        shares = _passed(own_LL, shares, shares)
        shares = _passed(cross_LM, memory, shares)
        made.append(shares)
    return tuple(jnp.split(jnp.stack(made), [length], axis=-1))


def _passed(weights_LM: Array, seen_MX: Array, kept_LX: Array) -> Array:
    """Half of what is seen under these weights, half of what was there."""
    return (weights_LM @ seen_MX + kept_LX) / 2
