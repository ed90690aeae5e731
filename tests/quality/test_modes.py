"""Modes and classes of samples by hand and at their limits; the Inception score of known probabilities."""

import numpy as np
import pytest

from dlcv.data.gaussians import centres
from dlcv.quality.inception_score import inception_score
from dlcv.quality.modes import gaussian_modes, reverse_kl, shares

rng = np.random.default_rng(0)


def test_samples_near_two_of_three_centres_by_hand():
    means = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    samples = np.array([[0.0, 0.29], [0.0, 0.31], [0.2, 0.2], [1.1, 0.1], [0.0, 0.69], [9.0, 9.0]])
    found = gaussian_modes(samples, means, 0.1)
    assert found.covered == 2 and found.high_quality == 3 / 6 and found.counts.tolist() == [2, 1, 0]


@pytest.mark.parametrize("shape", ["ring", "grid"])
def test_the_true_distribution_covers_all_and_has_the_rayleigh_share(shape):
    means, std = centres(shape), 0.05
    samples = means[rng.integers(len(means), size=20_000)] + std * rng.normal(size=(20_000, 2))
    found = gaussian_modes(samples, means, std)
    assert found.covered == len(means)
    np.testing.assert_allclose(found.high_quality, 1 - np.exp(-4.5), atol=0.003)
    assert gaussian_modes(np.full((9, 2), 50.0), means, std).covered == 0


def test_reverse_kl_by_hand_and_at_its_limits():
    uniform = np.full(4, 0.25)
    np.testing.assert_allclose(reverse_kl(np.array([0.5, 0.5, 0, 0]), uniform), np.log(2))
    assert reverse_kl(uniform, uniform) == 0
    assert reverse_kl(uniform, np.array([0.5, 0.5, 0, 0])) == float("inf")
    one = np.eye(1000)[3]
    np.testing.assert_allclose(reverse_kl(one, np.full(1000, 1e-3)), np.log(1000))


@pytest.mark.peers
def test_reverse_kl_is_scipy_s_relative_entropy():
    from scipy.stats import entropy

    p, q = rng.dirichlet(np.ones(12), 2)
    np.testing.assert_allclose(reverse_kl(p, q), entropy(p, q), rtol=1e-9)


def test_shares_of_classes_by_hand():
    labels = np.array([3, 3, 0, 9])
    np.testing.assert_array_equal(shares(labels, 10)[[0, 3, 9]], [0.25, 0.5, 0.25])
    with pytest.raises(ValueError, match=r"each in 0\.\.8"):
        shares(labels, 9)


def test_sure_and_even_predictions_score_the_number_of_classes():
    np.testing.assert_allclose(inception_score(np.eye(10)[np.arange(100) % 10]), 10, rtol=1e-9)
    np.testing.assert_allclose(inception_score(np.full((50, 10), 0.1)), 1, rtol=1e-9)
    np.testing.assert_allclose(inception_score(np.eye(10)[np.full(50, 4)]), 1, rtol=1e-9)


def test_the_inception_score_is_the_exponent_of_the_mean_divergence():
    p = rng.dirichlet(np.full(5, 0.3), 40)
    wanted = np.exp(np.mean([np.sum(row * np.log(row / p.mean(0))) for row in p]))
    np.testing.assert_allclose(inception_score(p.astype(np.float32)), wanted, rtol=1e-5)
