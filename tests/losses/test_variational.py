"""The terms of variational bounds against numpy, Monte Carlo and a model whose evidence is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses import variational
from dlcv.losses.variational import gaussian_kl, gaussian_log_density, importance_weighted_bound, reparameterised

rng = np.random.default_rng(0)
MEAN, LOG_VARIANCE = (jnp.asarray(x, jnp.float32) for x in rng.normal(size=(2, 5, 3)))
PIXELS = jnp.asarray(rng.uniform(size=(5, 4, 4, 2)) < 0.4, jnp.float32)
DRAWN = jnp.asarray(rng.normal(size=(5, 4, 4, 2)), jnp.float32)


def test_kl_is_the_integral_of_the_formula():
    """On a grid, coordinate by coordinate: the KL of a diagonal Gaussian is the sum of its coordinates'."""
    z = np.linspace(-12, 12, 20_001)
    for row in range(5):
        total = 0.0
        for mu, log_variance in np.asarray([MEAN[row], LOG_VARIANCE[row]], np.float64).T:
            sigma = np.exp(0.5 * log_variance)
            log_q = -0.5 * ((z - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
            log_p = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
            total += np.sum(np.exp(log_q) * (log_q - log_p)) * (z[1] - z[0])
        np.testing.assert_allclose(gaussian_kl(MEAN[row], LOG_VARIANCE[row]), total, rtol=1e-5)


def test_kl_is_the_mean_log_ratio_of_draws():
    noise = jax.random.normal(jax.random.key(0), (40_000, *MEAN.shape))
    z = reparameterised(MEAN, LOG_VARIANCE, noise)
    ratios = np.asarray(gaussian_log_density(z, MEAN, LOG_VARIANCE) - gaussian_log_density(z, 0.0, 0.0))
    error = ratios.std(0) / np.sqrt(len(ratios))
    assert (np.abs(ratios.mean(0) - gaussian_kl(MEAN, LOG_VARIANCE)) < 4 * error).all() and error.max() < 0.05


def test_kl_is_zero_at_the_prior_and_exact_near_it():
    np.testing.assert_array_equal(gaussian_kl(jnp.zeros((2, 3)), jnp.zeros((2, 3))), 0)
    tiny = jnp.full((1, 1), 1e-3)
    np.testing.assert_allclose(gaussian_kl(0 * tiny, tiny), 0.5 * (np.expm1(1e-3) - 1e-3), rtol=1e-3)


def test_bernoulli_log_likelihood_is_numpys():
    p, x = 1 / (1 + np.exp(-np.asarray(DRAWN, np.float64))), np.asarray(PIXELS)
    wanted = (x * np.log(p) + (1 - x) * np.log(1 - p)).reshape(5, -1).sum(1)
    np.testing.assert_allclose(variational.bernoulli_log_likelihood(DRAWN, PIXELS), wanted, rtol=1e-5)
    assert np.isfinite(variational.bernoulli_log_likelihood(1e4 * DRAWN, PIXELS)).all()


def test_gaussian_log_likelihood_is_numpys():
    sigma = 0.3
    near = PIXELS + 0.1 * DRAWN
    density = np.exp(-0.5 * (np.asarray(PIXELS - near, np.float64) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    wanted = np.log(density).reshape(5, -1).sum(1)
    np.testing.assert_allclose(variational.gaussian_log_likelihood(near, PIXELS, sigma), wanted, rtol=1e-4)


def test_densities_are_those_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    z = jnp.asarray(rng.normal(size=MEAN.shape), jnp.float32)
    wanted = stats.norm.logpdf(z, MEAN, np.exp(0.5 * LOG_VARIANCE)).sum(-1)
    np.testing.assert_allclose(gaussian_log_density(z, MEAN, LOG_VARIANCE), wanted, rtol=1e-4)


def test_gradients_through_draws_are_those_of_the_expectation():
    """E z^2 = mu^2 + sigma^2, whose gradients are 2 mu and, by log sigma^2, sigma^2."""
    mu, log_variance = jnp.asarray(0.7), jnp.asarray(-0.5)
    noise = jax.random.normal(jax.random.key(1), (100_000,))

    def mean_square(mu, log_variance):
        return (reparameterised(mu, log_variance, noise) ** 2).mean()

    by_mu, by_log_variance = jax.grad(mean_square, (0, 1))(mu, log_variance)
    np.testing.assert_allclose(by_mu, 2 * 0.7, atol=0.02)
    np.testing.assert_allclose(by_log_variance, np.exp(-0.5), atol=0.02)


def log_weights(samples: int, repeats: int = 4000):
    """log p(x, z) / q(z|x) [samples, repeats] of p(z) = N(0, 1), p(x|z) = N(z, 1) at x = 1 under q = N(0.2, 1); p(x) = N(0, 2)."""
    z = 0.2 + jax.random.normal(jax.random.key(2), (samples, repeats, 1))
    x = jnp.ones((samples, repeats, 1))
    joint = gaussian_log_density(x, z, 0.0) + gaussian_log_density(z, 0.0, 0.0)
    return joint - gaussian_log_density(z, 0.2 * x, 0.0)


def test_the_importance_weighted_bound_rises_with_draws_to_the_evidence():
    evidence = float(gaussian_log_density(jnp.ones(1), 0.0, np.log(2.0)))
    bounds = [float(importance_weighted_bound(log_weights(samples)).mean()) for samples in (1, 2, 8, 64)]
    assert all(np.diff(bounds) > 0.01) and bounds[-1] < evidence + 0.01
    np.testing.assert_allclose(bounds[-1], evidence, atol=0.02)


def test_one_draw_is_the_elbo():
    weights = log_weights(1)
    np.testing.assert_allclose(importance_weighted_bound(weights), weights[0], rtol=1e-6)
    log_likelihood = jnp.asarray(-0.5 * (np.log(2 * np.pi) + 0.8**2 + 1))  # E_q log N(1; z, 1) under q = N(0.2, 1)
    kl = gaussian_kl(jnp.full((1,), 0.2), jnp.zeros(1))
    np.testing.assert_allclose(weights.mean(), -variational.negative_elbo(log_likelihood, kl), atol=0.05)


def test_the_annealed_weight_rises_from_next_to_nothing_through_half():
    found = [float(variational.annealed(2.0, step, 100)) for step in (0, 25, 50, 75, 100)]
    np.testing.assert_allclose(found, 2 / (1 + np.exp([6, 3, 0, -3, -6])), rtol=1e-5)
    assert variational.annealed(2.0, 0, 0) == 2.0


def test_the_weight_of_the_kl_grows_in_equal_steps_and_stays():
    found = [float(variational.warmed_up(0.5, step, 4)) for step in range(6)]
    np.testing.assert_allclose(found, [0.125, 0.25, 0.375, 0.5, 0.5, 0.5])
    assert variational.warmed_up(0.5, 0, 0) == 0.5
