"""Kernel distance (KID): the unbiased squared maximum mean discrepancy of a cubic kernel over subsets of the features."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class KernelDistance(NamedTuple):
    """Mean over the subsets, and their standard deviation."""

    mean: float
    spread: float


def kernel_distance(
    first: np.ndarray, second: np.ndarray, *, subsets: int = 100, size: int = 1000, seed: int = 0
) -> KernelDistance:
    """MMD^2 of features [N, D] and [M, D] under k(x, y) = (x y / D + 1)^3, over seeded subsets of `size` examples (at most N and M).

    Unbiased: near 0 where both are draws of one distribution, negative too. The spread is of subsets that share examples where these are
    few. Binkowski et al., "Demystifying MMD GANs", 2018. Raises ValueError for fewer than two examples or another width.
    """
    size = min(size, len(first), len(second))
    if size < 2 or first.shape[1] != second.shape[1]:
        raise ValueError(f"expected two or more features [N, D] of one width, got {first.shape} and {second.shape}")
    rng = np.random.default_rng(seed)
    rows = np.array(
        [[rng.choice(len(x), size, replace=False) for x in (first, second)] for _ in range(subsets)], np.int32
    )
    with jax.enable_x64(True):
        values = np.asarray(_over_subsets(*(jnp.asarray(x, jnp.float64) for x in (first, second)), rows))
    return KernelDistance(float(values.mean()), float(values.std()))


@jax.jit
def _over_subsets(first_ND, second_MD, rows_S2K) -> Float[Array, " S"]:
    return jax.lax.map(lambda rows: mmd(first_ND[rows[0]], second_MD[rows[1]]), rows_S2K)


def mmd(x_KD: Float[Array, "K D"], y_KD: Float[Array, "K D"]) -> Float[Array, ""]:
    """The unbiased estimate: no example is compared with itself."""

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def within(a):
        gram = kernel(a, a)
        return (gram.sum() - jnp.trace(gram)) / (len(a) * (len(a) - 1))

    return within(x_KD) + within(y_KD) - 2 * kernel(x_KD, y_KD).mean()
