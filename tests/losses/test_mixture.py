"""The mixture density against scipy, by integration over the plane, and its draws."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import multivariate_normal

from dlcv.losses.mixture import Mixture, draw, log_density, log_pen_probability, mixture

GENERATOR = np.random.default_rng(0)
OUTPUTS = jnp.asarray(GENERATOR.normal(size=(4, 6 * 3 + 3)) * 0.6, jnp.float32)


def gaussians(row: np.ndarray):
    """(weight, scipy's Gaussian) of each of three components, from the raw numbers."""
    _, weight, mean_x, mean_y, log_x, log_y, rho = np.split(np.asarray(row, np.float64), [3, 6, 9, 12, 15, 18])
    weight = np.exp(weight) / np.exp(weight).sum()
    rho = 0.999 * np.tanh(rho)
    for j in range(3):
        x, y = np.exp(log_x[j]), np.exp(log_y[j])
        covariance = [[x * x, rho[j] * x * y], [rho[j] * x * y, y * y]]
        yield weight[j], multivariate_normal([mean_x[j], mean_y[j]], covariance)


def test_the_density_is_scipys():
    offsets = GENERATOR.normal(size=(4, 2)).astype(np.float32)
    expected = [np.log(sum(w * g.pdf(o) for w, g in gaussians(row))) for row, o in zip(OUTPUTS, offsets, strict=True)]
    np.testing.assert_allclose(log_density(mixture(OUTPUTS), jnp.asarray(offsets)), expected, rtol=1e-4, atol=1e-5)


def test_the_density_integrates_to_one_and_the_pen_sums_to_one():
    line = np.linspace(-10, 10, 201, dtype=np.float32)
    plane = jnp.asarray(np.stack(np.meshgrid(line, line), -1).reshape(-1, 2))
    total = jax.jit(
        lambda row: jnp.exp(log_density(mixture(jnp.broadcast_to(row, (len(plane), 21))), plane)).sum() * 0.01
    )
    for row in OUTPUTS:
        np.testing.assert_allclose(total(row), 1, atol=2e-3)
    states = [jnp.exp(log_pen_probability(mixture(OUTPUTS), jnp.broadcast_to(state, (4, 3)))) for state in jnp.eye(3)]
    np.testing.assert_allclose(sum(states), 1, rtol=1e-5)


def test_draws_have_the_mixtures_moments():
    found = mixture(jnp.broadcast_to(OUTPUTS[0], (40_000, 21)))
    drawn = np.asarray(draw(jax.random.key(0), found))
    weights, parts = zip(*gaussians(OUTPUTS[0]), strict=True)
    mean = sum(w * g.mean for w, g in zip(weights, parts, strict=True))
    second = sum(w * (g.cov_object.covariance + np.outer(g.mean, g.mean)) for w, g in zip(weights, parts, strict=True))
    np.testing.assert_allclose(drawn[:, :2].mean(0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn[:, :2].T), second - np.outer(mean, mean), atol=0.1)
    np.testing.assert_allclose(drawn[:, 2:].mean(0), jnp.exp(found.log_pen[0]), atol=0.01)


def test_a_low_temperature_draws_the_most_likely():
    one = Mixture(*(leaf[:1] for leaf in mixture(OUTPUTS)))
    drawn = np.asarray(draw(jax.random.key(1), one, 1e-6))[0]
    best = int(one.log_weight_M[0].argmax())
    np.testing.assert_allclose(drawn[:2], one.mean_M2[0, best], atol=0.01)
    assert drawn[2:].argmax() == int(one.log_pen[0].argmax())
