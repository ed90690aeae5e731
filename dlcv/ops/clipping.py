"""Gradients cut down to a norm: the rule that is used, and one that a lecture prints.

Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def squared_norm(tree: Any) -> Float[Array, ""]:
    """The sum of the squares of all leaves together."""
    return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(tree))


def clip_by_global_norm(tree: Any, threshold: float) -> Any:
    """All leaves times min(1, threshold / norm), the norm being that of all leaves together: the direction stays."""
    norm = jnp.sqrt(squared_norm(tree))
    factor = jnp.where(norm > threshold, threshold / norm, 1.0)
    return jax.tree.map(lambda leaf: leaf * factor, tree)


def clip_by_squared_norm(tree: Any, threshold: float) -> Any:
    """The lecture's rule, which calls the SQUARED norm `grad_norm`: what comes out has the norm threshold / norm, not threshold.

    So the larger a gradient was, the smaller it becomes; above 1 gradients below the threshold are cut, below 1 some above it are not.
    """
    grad_norm = squared_norm(tree)
    factor = jnp.where(grad_norm > threshold, threshold / grad_norm, 1.0)
    return jax.tree.map(lambda leaf: leaf * factor, tree)
