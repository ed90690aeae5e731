"""Divergences between samples against numpy loops, torch, closed forms of Gaussians and their expectation at equal distributions."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.losses import divergence
from dlcv.losses.divergence import DIVERGENCES, FACTORS, coral, linear_mmd, mmd_biased, mmd_linear_time, mmd_unbiased

rng = np.random.default_rng(0)
S, T = jnp.asarray(rng.normal(size=(8, 3)), jnp.float32), jnp.asarray(rng.normal(size=(6, 3)) * 1.5 + 0.7, jnp.float32)
S64, T64 = np.asarray(S, np.float64), np.asarray(T, np.float64)
ESTIMATORS = {"biased": mmd_biased, "unbiased": mmd_unbiased, "linear_time": mmd_linear_time}


def kernel(x, y, bandwidth, factors=FACTORS) -> float:
    return float(np.mean([np.exp(-np.sum((x - y) ** 2) / (f * bandwidth)) for f in factors]))


def median(points) -> float:
    """Of the squared distances between distinct points."""
    return float(np.median([np.sum((x - y) ** 2) for i, x in enumerate(points) for y in points[:i]]))


def test_biased_estimate_is_the_mean_over_all_pairs():
    s, t = S64, T64
    b = median([*s, *t])
    means = [np.mean([kernel(x, y, b) for x in one for y in other]) for one, other in ((s, s), (t, t), (s, t))]
    np.testing.assert_allclose(mmd_biased(S, T), means[0] + means[1] - 2 * means[2], rtol=1e-5)


def test_unbiased_estimate_leaves_out_a_point_with_itself():
    s, t = S64, T64
    b = median([*s, *t])
    within = [np.mean([kernel(x, y, b) for i, x in enumerate(p) for j, y in enumerate(p) if i != j]) for p in (s, t)]
    across = np.mean([kernel(x, y, b) for x in s for y in t])
    np.testing.assert_allclose(mmd_unbiased(S, T), sum(within) - 2 * across, rtol=1e-5)


def test_linear_time_estimate_is_the_mean_over_disjoint_quadruples():
    s, t = S64[:6], T64
    values = []
    for i in range(0, 6, 2):
        pairs = (s[i], s[i + 1]), (t[i], t[i + 1]), (s[i], t[i + 1]), (s[i + 1], t[i])
        values.append(sum(sign * kernel(*pair, 2.0) for sign, pair in zip((1, 1, -1, -1), pairs, strict=True)))
    np.testing.assert_allclose(mmd_linear_time(S[:6], T, 2.0), np.mean(values), rtol=1e-5)


@pytest.mark.parametrize("name", ["unbiased", "linear_time"])
def test_equal_distributions_give_zero_in_expectation_and_the_v_statistic_does_not(name):
    draws = jax.random.normal(jax.random.key(0), (2000, 2, 10, 2))
    values = {
        which: np.asarray(jax.vmap(lambda pair, f=ESTIMATORS[which]: f(pair[0], pair[1], 2.0))(draws))
        for which in (name, "biased")
    }
    error = values[name].std() / np.sqrt(2000)
    assert abs(values[name].mean()) < 4 * error < 0.02
    assert values["biased"].min() >= -1e-6 and values["biased"].mean() > 0.05


@pytest.mark.parametrize("name", ["unbiased", "linear_time"])
def test_two_gaussians_give_the_closed_form(name):
    """E exp(-|x - y|^2 / b) = (b / (b + 4 v))^(D/2) exp(-|m|^2 / (b + 4 v)) where x - y is N(m, 2 v I)."""
    D, v, b, m = 2, 0.5, 3.0, np.array([1.0, -0.5])

    def expected(shift):
        return (b / (b + 4 * v)) ** (D / 2) * np.exp(-np.sum(shift**2) / (b + 4 * v))

    noise = np.sqrt(v) * np.asarray(jax.random.normal(jax.random.key(1), (400, 2, 40, D)))
    f = partial(ESTIMATORS[name], bandwidth=b, factors=(1.0,))
    values = np.asarray(jax.vmap(lambda pair: f(pair[0], pair[1] + jnp.asarray(m)))(jnp.asarray(noise)))
    error = values.std() / np.sqrt(len(values))
    assert error < 0.01
    assert abs(values.mean() - (2 * expected(0 * m) - 2 * expected(m))) < 4 * error


def test_median_heuristic_is_a_constant_to_the_gradient():
    gradient = jax.grad(mmd_unbiased)(S, T)
    fixed = jax.grad(mmd_unbiased)(S, T, median([*S64, *T64]))
    np.testing.assert_allclose(gradient, fixed, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(divergence.median_bandwidth(S, T), median([*S64, *T64]), rtol=1e-5)


def test_units_do_not_matter_under_the_median_heuristic():
    np.testing.assert_allclose(mmd_unbiased(S, T), mmd_unbiased(100 * S, 100 * T), rtol=1e-4)


def test_equal_points_stay_finite():
    same = jnp.ones((4, 3))
    for name, function in DIVERGENCES.items():
        value, gradient = jax.value_and_grad(function)(same, same)
        assert abs(float(value)) < 1e-6 and np.isfinite(gradient).all(), name


@pytest.mark.peers
def test_gradients_are_those_of_torch():
    torch = pytest.importorskip("torch")

    def theirs(s, t):
        def k(x, y):
            return sum(torch.exp(-(((x[:, None] - y[None]) ** 2).sum(-1)) / (f * 2.0)) for f in FACTORS) / len(FACTORS)

        within = sum((k(x, x).sum() - len(x)) / (len(x) * (len(x) - 1)) for x in (s, t))
        return within - 2 * k(s, t).mean()

    s = torch.tensor(S64, dtype=torch.float32, requires_grad=True)
    theirs(s, torch.tensor(T64, dtype=torch.float32)).backward()
    ours = jax.grad(mmd_unbiased)(S, T, 2.0)
    np.testing.assert_allclose(ours, s.grad.numpy(), rtol=1e-4, atol=1e-6)

    s = torch.tensor(S64, dtype=torch.float32, requires_grad=True)
    (((torch.cov(s.T) - torch.cov(torch.tensor(T64, dtype=torch.float32).T)) ** 2).sum() / (4 * 3**2)).backward()
    np.testing.assert_allclose(jax.grad(coral)(S, T), s.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_coral_compares_unbiased_covariances_and_not_means():
    C_s, C_t = np.cov(S64.T), np.cov(T64.T)
    np.testing.assert_allclose(coral(S, T), np.sum((C_s - C_t) ** 2) / (4 * 9), rtol=1e-5)
    np.testing.assert_allclose(coral(S, S + 5.0), 0, atol=1e-6)


def test_linear_mmd_is_the_biased_one_of_the_linear_kernel():
    s, t = S64, T64
    wanted = (s @ s.T).mean() + (t @ t.T).mean() - 2 * (s @ t.T).mean()
    np.testing.assert_allclose(linear_mmd(S, T), wanted, rtol=1e-5)


def test_dan_mixes_kernels_from_two_to_the_minus_eight_to_two_to_the_eight():
    wanted = [2.0 ** (-8 + 0.5 * step) for step in range(33)]
    np.testing.assert_allclose(divergence.DAN_FACTORS, wanted)
    np.testing.assert_allclose(DIVERGENCES["dan"](S, T), mmd_unbiased(S, T, factors=tuple(wanted)), rtol=1e-5)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_half_precision_features_give_float32(name):
    s, t = jnp.asarray(S, jnp.bfloat16), jnp.asarray(rng.normal(size=S.shape) + 2, jnp.bfloat16)
    value = DIVERGENCES[name](s, t)
    assert value.dtype == jnp.float32 and value.shape == ()
    np.testing.assert_allclose(value, DIVERGENCES[name](*(x.astype(jnp.float32) for x in (s, t))), rtol=1e-4)


def test_batches_that_are_too_small_or_odd_are_named():
    with pytest.raises(Misuse, match="batch_size"):
        mmd_unbiased(S[:1], T)
    with pytest.raises(Misuse, match="batch_size"):
        coral(S[:1], T)
    with pytest.raises(Misuse, match="even number"):
        mmd_linear_time(S[:3], T[:3])
