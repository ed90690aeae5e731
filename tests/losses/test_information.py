"""InfoGAN's lower bound: exact for the true posterior, below the mutual information for any other; and the information of pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses.information import categorical_information, gaussian_information, paired_information


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


def test_paired_information_is_that_of_the_joint_distribution_of_two_views():
    """I = H(k) + H(l) - H(k, l) by sums over the batch, one pair at a time, in numpy."""
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(2, 40, 5)) * 3
    p, q = (np.exp(x) / np.exp(x).sum(1, keepdims=True) for x in (one, other))
    joint = sum(np.outer(a, b) + np.outer(b, a) for a, b in zip(p, q, strict=True)) / 80
    entropy = lambda x: -(x * np.log(x)).sum()  # noqa: E731
    expected = entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint)
    np.testing.assert_allclose(paired_information(jnp.asarray(one), jnp.asarray(other)), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("one", "other", "nats"),
    [
        (200 * np.eye(4), 200 * np.eye(4), np.log(4)),  # the views agree, all categories are there
        (200 * np.eye(4)[[0, 0, 1, 1]], 200 * np.eye(4)[[0, 0, 1, 1]], np.log(2)),  # two categories that nobody has
        (200 * np.eye(4)[[0, 0, 0, 0]], 200 * np.eye(4)[[0, 0, 0, 0]], 0),  # they agree on one category
        (np.zeros((4, 4)), np.zeros((4, 4)), 0),  # nothing is told
    ],
)
def test_paired_information_wants_views_that_agree_and_every_category(one, other, nats):
    value, slope = jax.value_and_grad(paired_information)(jnp.asarray(one), jnp.asarray(other))
    np.testing.assert_allclose(value, nats, atol=1e-5)
    assert np.isfinite(slope).all()
