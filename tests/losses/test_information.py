"""InfoGAN's lower bound: exact for the true posterior, below the mutual information for any other."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.losses.information import categorical_information, gaussian_information


def test_the_bound_is_the_mutual_information_for_the_true_posterior_and_less_for_others():
    """A code of 4 through a noisy channel p(x | c); L_I = sum p(c, x) log Q(c | x) + H(c)."""
    rng = np.random.default_rng(0)
    channel_CX = rng.dirichlet(np.ones(6), size=4)
    joint_CX = channel_CX / 4
    posterior_CX = joint_CX / joint_CX.sum(0)
    information = (joint_CX * np.log(posterior_CX * 4)).sum()

    def bound(posterior_CX):
        values = [categorical_information(jnp.log(posterior_CX.T), jnp.eye(4)[jnp.full(6, c)]) for c in range(4)]
        return (joint_CX * np.asarray(values)).sum()

    np.testing.assert_allclose(bound(posterior_CX), information, rtol=1e-5)
    assert bound(rng.dirichlet(np.ones(4), size=6).T) < information
    np.testing.assert_allclose(bound(np.full((4, 6), 0.25)), 0, atol=1e-6)


def test_a_gaussian_posterior_is_scored_by_its_density_over_the_uniform_one():
    rng = np.random.default_rng(1)
    mean, deviation, c = rng.normal(size=(5, 2)), rng.uniform(0.2, 2, (5, 2)), rng.uniform(-1, 1, (5, 2))
    density = np.exp(-((c - mean) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))
    found = gaussian_information(jnp.asarray(mean), jnp.log(jnp.asarray(deviation)), jnp.asarray(c))
    np.testing.assert_allclose(found, np.log(density / 0.5).sum(1), rtol=1e-5)


def test_the_best_deviation_is_that_of_the_errors():
    errors = jnp.asarray(np.random.default_rng(2).normal(size=(4000, 1)) * 0.3)
    slope = jax.grad(lambda s: gaussian_information(jnp.zeros_like(errors), jnp.full_like(errors, s), errors).mean())
    assert abs(float(slope(np.log(float(errors.std()))))) < 1e-3
