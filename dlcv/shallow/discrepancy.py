"""Differences of means between domains, over all samples and class by class: the columns of MMD matrices."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def marginal(sources: int, targets: int) -> Float[Array, "N 1"]:
    """e with e e' the MMD matrix: 1/Ns on source rows, -1/Nt on target rows. Pan et al., "TCA", 2011 (equation 3)."""
    return jnp.concatenate([jnp.full((sources, 1), 1.0 / sources), jnp.full((targets, 1), -1.0 / targets)])


def conditional(labels_s: Int[Array, " S"], labels_t: Int[Array, " T"], classes: int) -> Float[Array, "N C"]:
    """The same restricted to each class of the labels and pseudo-labels; a class without target samples keeps its source part.

    Long et al., "Transfer Feature Learning with Joint Distribution Adaptation", 2013 (equation 5).
    """
    source_SC, target_TC = jax.nn.one_hot(labels_s, classes), jax.nn.one_hot(labels_t, classes)
    return jnp.concatenate([source_SC / source_SC.sum(0), -target_TC / jnp.maximum(target_TC.sum(0), 1)])


def frobenius(e_NE: Float[Array, "N E"]) -> Array:
    """|E E'|_F."""
    return jnp.linalg.norm(e_NE.T @ e_NE)
