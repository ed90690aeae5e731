"""Bins of the real set by k-means: how many hold too few or too many samples (NDB), and the divergence between the shares (JSD).

Source: Richardson and Weiss, "On GANs and GMMs", 2018.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from dlcv.quality.distances import in_float64, smallest, squared
from dlcv.quality.modes import reverse_kl


class Bins(NamedTuple):
    """Different bins of all, their share, and the Jensen-Shannon divergence in nats."""

    ndb: int
    share: float
    jsd: float


def compared(fake: np.ndarray, real: np.ndarray, centres: np.ndarray, significance: float = 0.05) -> Bins:
    """Bins around centres [K, D], those of `k_means` of the real set, in which the shares of fake [N, D] and real [M, D] features differ.

    About `significance` of them do where both sets have one distribution.
    """
    bins = len(centres)
    p, q = (np.bincount(assigned(x, centres), minlength=bins) / len(x) for x in (fake, real))
    different = proportions_differ(p, len(fake), q, len(real), significance)
    return Bins(int(different.sum()), float(different.mean()), jensen_shannon(p, q))


def proportions_differ(p, p_count: int, q, q_count: int, significance: float = 0.05) -> np.ndarray:
    """The two-proportion z-test of shares p of `p_count` and q of `q_count` examples, pooled and two-sided, bin by bin."""
    from scipy.stats import norm

    pooled = (p * p_count + q * q_count) / (p_count + q_count)
    error = np.sqrt(pooled * (1 - pooled) * (1 / p_count + 1 / q_count))
    z = np.divide(np.abs(p - q), error, out=np.zeros_like(error), where=error > 0)
    return 2 * norm.sf(z) < significance


def jensen_shannon(p: Float[np.ndarray, " K"], q: Float[np.ndarray, " K"]) -> float:
    """1/2 KL(p || m) + 1/2 KL(q || m), m = (p + q) / 2, in nats: 0 for equal shares, log 2 for disjoint ones."""
    middle = (np.asarray(p) + np.asarray(q)) / 2
    return (reverse_kl(p, middle) + reverse_kl(q, middle)) / 2


def assigned(features: np.ndarray, centres: np.ndarray) -> Int[np.ndarray, " N"]:
    """The nearest centre of every row."""
    return in_float64(smallest, features, centres, count=1)[1][:, 0]


def k_means(features: np.ndarray, bins: int, *, restarts: int = 3, seed: int = 0) -> Float[np.ndarray, "K D"]:
    """Centres of Lloyd's algorithm from the best of some seeded k-means++ starts. Raises ValueError for too few distinct rows.

    Lloyd, "Least Squares Quantization in PCM", 1982; Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007.
    """
    features = np.asarray(features, np.float32)
    if not 1 <= bins <= len(np.unique(features, axis=0)):
        raise ValueError(f"{bins} bins need as many distinct examples among the {len(features)} given")
    middle = features.mean(0)
    found = [_lloyd(features - middle, jax.random.fold_in(jax.random.key(seed), start), bins=bins) for start in range(restarts)]  # fmt: skip
    return np.asarray(min(found, key=lambda one: float(one[1]))[0]) + middle


@partial(jax.jit, static_argnames=("bins", "most"))
def _lloyd(x_ND: Float[Array, "N D"], key, *, bins: int, most: int = 300):
    """(centres [K, D], sum of squared distances to them); a bin that lost its last row stays where it is."""

    def seeded(place, carry):
        centres_KD, square_N, key = carry
        key, here = jax.random.split(key)
        row = x_ND[jax.random.categorical(here, jnp.log(square_N))]
        return centres_KD.at[place].set(row), jnp.minimum(square_N, squared(x_ND, row[None])[:, 0]), key

    def step(carry):
        centres_KD, _, count = carry
        nearest_N = squared(x_ND, centres_KD).argmin(1)
        size_K = jnp.zeros(bins).at[nearest_N].add(1)
        sum_KD = jnp.zeros_like(centres_KD).at[nearest_N].add(x_ND)
        moved_KD = jnp.where(size_K[:, None] > 0, sum_KD / jnp.maximum(size_K, 1)[:, None], centres_KD)
        return moved_KD, jnp.abs(moved_KD - centres_KD).max(), count + 1

    begin = jnp.zeros((bins, x_ND.shape[1])), jnp.full(len(x_ND), 1e30), key  # the first row is drawn uniformly
    centres_KD = jax.lax.fori_loop(0, bins, seeded, begin)[0]
    begin = centres_KD, jnp.inf, 0
    centres_KD = jax.lax.while_loop(lambda carry: (carry[1] > 0) & (carry[2] < most), step, begin)[0]
    return centres_KD, squared(x_ND, centres_KD).min(1).sum()
