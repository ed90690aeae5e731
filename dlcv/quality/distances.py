"""Distances between two sets of features, a block of rows at a time: memory grows with N, not with N x M."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

BLOCK = 512  # rows: at 10,000 columns a block of distances takes 40 MB


def scale(real: np.ndarray) -> np.ndarray:
    """The standard deviation of each feature [D] of a real set [N, D], 1 for one that is the same in all."""
    spread = np.asarray(real, np.float64).std(axis=0)
    return np.where(spread > 1e-6, spread, 1.0)


def in_float64(function: Callable, *sets: np.ndarray, **options):
    """A jitted function of sets of features [N, D] in float64, its results as numpy; raises ValueError for other widths.

    All sets are moved by the last one's mean, which changes no distance and keeps the digits of small ones.
    """
    sets = [np.asarray(features, np.float64) for features in sets]
    if any(features.ndim != 2 or features.shape[1] != sets[0].shape[1] or not len(features) for features in sets):
        raise ValueError(f"expected features [N, D] of one width, got {', '.join(str(x.shape) for x in sets)}")
    centre = sets[-1].mean(0)
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, function(*(jnp.asarray(features - centre) for features in sets), **options))


def squared(x_ND: Float[Array, "N D"], y_MD: Float[Array, "M D"]) -> Float[Array, "N M"]:
    """|x - y|^2 in float32, computed in the precision of the inputs: from float64, equal distances come out equal."""
    product_NM = x_ND @ y_MD.T
    squares_NM = (x_ND**2).sum(1)[:, None] + (y_MD**2).sum(1) - 2 * product_NM
    return jnp.maximum(squares_NM, 0).astype(jnp.float32)


def by_blocks(function: Callable, *columns: Array):
    """`function(mask [B], *blocks [B, ...])` over blocks of the rows of columns [N, ...]: its results stacked, blocks leading.

    The last block is filled with zeros where the mask is false.
    """
    count = len(columns[0])
    size = min(BLOCK, count)
    blocks = -(-count // size)

    def folded(column):
        filled = jnp.zeros((blocks * size, *column.shape[1:]), column.dtype).at[:count].set(column)
        return filled.reshape(blocks, size, *column.shape[1:])

    return jax.lax.map(lambda block: function(*block), tuple(map(folded, (jnp.ones(count, bool), *columns))))


@partial(jax.jit, static_argnames="count")
def smallest(
    x_ND: Float[Array, "N D"], y_MD: Float[Array, "M D"], *, count: int
) -> tuple[Float[Array, "N count"], Int[Array, "N count"]]:
    """The squared distances of the `count` nearest y of every x, ascending, and which they are."""

    def of_block(_, rows_BD):
        near, which = jax.lax.top_k(-squared(rows_BD, y_MD), count)
        return jnp.abs(near), which

    return tuple(found.reshape(-1, count)[: len(x_ND)] for found in by_blocks(of_block, x_ND))
