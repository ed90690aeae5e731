"""Distances between two samples of features [N, D] and [M, D], as one number that can be minimised.

k(x, y) is the mean over bandwidths b of exp(-|x - y|^2 / b); without a given bandwidth it is the median heuristic's,
through which no gradient flows, times each of `FACTORS`.
"""

from collections.abc import Callable, Mapping
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.errors import Misuse

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
DAN_FACTORS = tuple(
    2.0 ** (half / 2) for half in range(-16, 17)
)  # Long et al. 2015, section 4.1: 2^-8 to 2^8 by sqrt 2

Samples = Float[Array, "N D"]
Others = Float[Array, "M D"]
Scalar = Float[Array, ""]


def squared_distances(x: Samples, y: Others) -> Float[Array, "N M"]:
    """|x_i - y_j|^2, in float32 and never negative."""
    x, y = x.astype(jnp.float32), y.astype(jnp.float32)
    return jnp.maximum((x**2).sum(1)[:, None] + (y**2).sum(1)[None] - 2 * x @ y.T, 0)


def median_bandwidth(source: Samples, target: Others) -> Scalar:
    """The median squared distance between distinct points of both samples together, a constant to the gradient.

    exp(-|x - y|^2 / median) is the kernel of Gretton et al., "A Kernel Two-Sample Test", 2012, section 8, sigma^2 = median / 2.
    """
    pooled = jnp.concatenate([source, target])
    rows, columns = jnp.triu_indices(len(pooled), k=1)
    distances = squared_distances(pooled, pooled)[rows, columns]
    return jax.lax.stop_gradient(jnp.maximum(jnp.median(distances), 1e-6))


def gaussian_kernel(
    distances: Float[Array, "*shape"], bandwidth: Scalar | float, factors: tuple[float, ...]
) -> Float[Array, "*shape"]:
    """Mean over f in `factors` of exp(-d / (f bandwidth)) of squared distances d."""
    return sum(jnp.exp(-distances / (factor * bandwidth)) for factor in factors) / len(factors)


def _kernels(source, target, bandwidth, factors):
    bandwidth = median_bandwidth(source, target) if bandwidth is None else bandwidth
    pairs = ((source, source), (target, target), (source, target))
    return (gaussian_kernel(squared_distances(x, y), bandwidth, factors) for x, y in pairs)


def mmd_biased(
    source: Samples, target: Others, bandwidth: float | None = None, factors: tuple[float, ...] = FACTORS
) -> Scalar:
    """MMD^2 as a V-statistic, never negative: mean k(s, s') + mean k(t, t') - 2 mean k(s, t) over all pairs.

    (Gretton, Borgwardt, Rasch, Schölkopf and Smola, "A Kernel Two-Sample Test", 2012, equation 5.)
    """
    k_NN, k_MM, k_NM = _kernels(source, target, bandwidth, factors)
    return k_NN.mean() + k_MM.mean() - 2 * k_NM.mean()


def mmd_unbiased(
    source: Samples, target: Others, bandwidth: float | None = None, factors: tuple[float, ...] = FACTORS
) -> Scalar:
    """MMD^2 as a U-statistic: without the pairs of a point and itself, so that equal distributions give 0 in expectation.

    Raises Misuse for samples of one. (Gretton et al., "A Kernel Two-Sample Test", 2012, equation 3.)
    """
    N, M = len(source), len(target)
    if min(N, M) < 2:
        raise Misuse(f"the unbiased MMD needs two examples of each domain, got {N} and {M}: give a larger batch_size")
    k_NN, k_MM, k_NM = _kernels(source, target, bandwidth, factors)
    within = (k_NN.sum() - N) / (N * (N - 1)) + (k_MM.sum() - M) / (M * (M - 1))  # k(x, x) = 1
    return within - 2 * k_NM.mean()


def mmd_linear_time(
    source: Samples, target: Samples, bandwidth: float | None = None, factors: tuple[float, ...] = FACTORS
) -> Scalar:
    """MMD^2 from N / 2 independent quadruples, unbiased: mean of k(s, s') + k(t, t') - k(s, t') - k(s', t).

    The median is that of the quadruples' distances. Raises Misuse for an odd or unequal number of examples.
    (Gretton et al., "A Kernel Two-Sample Test", 2012, section 6; in training: Long et al., "Learning Transferable
    Features with Deep Adaptation Networks", 2015, equation 5.)
    """
    if len(source) != len(target) or len(source) % 2:
        raise Misuse(
            f"the linear-time MMD pairs an even number of examples of each domain: {len(source)}, {len(target)}"
        )
    s, t = source.astype(jnp.float32), target.astype(jnp.float32)
    pairs = ((s[::2], s[1::2]), (t[::2], t[1::2]), (s[::2], t[1::2]), (s[1::2], t[::2]))
    distances = jnp.stack([((x - y) ** 2).sum(1) for x, y in pairs])
    if bandwidth is None:
        bandwidth = jax.lax.stop_gradient(jnp.maximum(jnp.median(distances), 1e-6))
    k = gaussian_kernel(distances, bandwidth, factors)
    return (k[0] + k[1] - k[2] - k[3]).mean()


def linear_mmd(source: Samples, target: Others) -> Scalar:
    """|mean s - mean t|^2: MMD^2 of the linear kernel.

    (Tzeng, Hoffman, Zhang, Saenko and Darrell, "Deep Domain Confusion: Maximizing for Domain Invariance", 2014, equation 1.)
    """
    return ((source.astype(jnp.float32).mean(0) - target.astype(jnp.float32).mean(0)) ** 2).sum()


def covariance(x: Samples) -> Float[Array, "D D"]:
    """The unbiased covariance of rows, in float32."""
    centred = x.astype(jnp.float32) - x.astype(jnp.float32).mean(0)
    return centred.T @ centred / (len(x) - 1)


def coral(source: Samples, target: Others) -> Scalar:
    """|C_s - C_t|_F^2 / (4 D^2) of the covariances. Raises Misuse for samples of one.

    (Sun and Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", 2016, equations 1 to 3.)
    """
    if min(len(source), len(target)) < 2:
        raise Misuse("a covariance needs two examples of each domain: give a larger batch_size")
    return ((covariance(source) - covariance(target)) ** 2).sum() / (4 * source.shape[1] ** 2)


DIVERGENCES: Mapping[str, Callable[[Samples, Others], Scalar]] = {
    "linear_mmd": linear_mmd,
    "mmd_biased": mmd_biased,
    "mmd_unbiased": mmd_unbiased,
    "mmd_linear_time": mmd_linear_time,
    "dan": partial(mmd_unbiased, factors=DAN_FACTORS),
    "dan_linear_time": partial(mmd_linear_time, factors=DAN_FACTORS),
    "coral": coral,
}
