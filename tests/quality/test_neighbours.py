"""Nearest training examples against a plain search; copies are told from samples of the same distribution."""

import numpy as np
import pytest

from dlcv.quality.neighbours import copying, nearest

rng = np.random.default_rng(0)


def test_nearest_are_those_of_a_plain_search_nearest_first():
    x, train = rng.normal(size=(700, 4)), 5 + rng.normal(size=(60, 4))
    which, distance = nearest(x, train, 3)
    wanted = np.sqrt(((x[:, None] - train) ** 2).sum(-1))
    np.testing.assert_array_equal(which, np.argsort(wanted, 1)[:, :3])
    np.testing.assert_allclose(distance, np.sort(wanted, 1)[:, :3], rtol=1e-6)


def test_a_copy_is_found_at_distance_zero():
    train = 1000 + rng.normal(size=(50, 64))
    which, distance = nearest(train[[7, 3]], train)
    assert which.tolist() == [[7], [3]] and distance.max() < 1e-5


def test_copying_by_hand():
    """Distances to the training point 0: of samples 1 and 3, of held-out 2 and 3: nearer are 1 < 2, 1 < 3, tied is 3 = 3."""
    assert copying(np.array([[1.0], [3.0]]), np.zeros((1, 1)), np.array([[2.0], [-3.0]])) == (1 + 1 + 0.5) / 4


def test_copies_the_true_distribution_and_noise_are_told_apart():
    train, held, fresh = rng.normal(size=(3, 400, 3))
    assert copying(train + 1e-3 * held, train, held) > 0.99
    assert abs(copying(fresh, train, held) - 0.5) < 0.06
    assert copying(fresh + 100, train, held) == 0


def test_more_neighbours_than_examples_are_refused():
    with pytest.raises(ValueError, match="between 1 and 2 neighbours"):
        nearest(np.zeros((4, 2)), np.zeros((2, 2)), 3)
