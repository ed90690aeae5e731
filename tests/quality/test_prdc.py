"""Precision, recall, density and coverage: cases worked by hand, limits, and scikit-learn's neighbours."""

import time

import numpy as np
import pytest

from dlcv.quality.prdc import prdc

rng = np.random.default_rng(0)
NAMES = ("precision", "recall", "density", "coverage")


def test_four_points_on_a_line_by_hand():
    """k = 1. Real 0, 1, 3, 10 with radii 1, 1, 2, 7; fake 0.5, 0.75, 30 with radii 0.25, 0.25, 29.25.

    Real balls that hold them: of 0.5 those of 0 and 1 (3 is 2.5 away, 10 is 9.5 away), of 0.75 those of 0 and 1, of 30 none. Fake balls
    that hold a real: those of 0.5 and 0.75 reach [0.25, 1], that of 30 from 0.75 on: reals 1, 3, 10.
    """
    found = prdc(np.array([[0.5], [0.75], [30.0]]), np.array([[0.0], [1.0], [3.0], [10.0]]), neighbours=1)
    assert found == {"precision": 2 / 3, "recall": 3 / 4, "density": 4 / 3, "coverage": 2 / 4}


@pytest.mark.parametrize("count", [40, 1100])
def test_a_set_against_itself_is_perfect(count):
    x = 100 + rng.normal(size=(count, 64))
    assert prdc(x, rng.permutation(x)) == dict.fromkeys(NAMES, 1.0)


def test_sets_far_apart_share_nothing():
    assert prdc(rng.normal(size=(50, 4)) + 100, rng.normal(size=(60, 4))) == dict.fromkeys(NAMES, 0.0)


def test_one_distribution_has_the_coverage_of_the_paper_s_formula():
    """Naeem et al. (2020), lemma: E density = 1 and E coverage = 1 - (N - 1)...(N - k) / ((M + N - 1)...(M + N - k)), M fakes."""
    M = N = 300
    k = 5
    found = [prdc(*rng.normal(size=(2, N, 3)), neighbours=k) for _ in range(12)]
    steps = np.arange(1, k + 1)
    expected = {"density": 1.0, "coverage": 1 - np.prod((N - steps) / (M + N - steps))}
    for name, value in expected.items():
        values = np.array([one[name] for one in found])
        assert abs(values.mean() - value) < 4 * values.std(ddof=1) / np.sqrt(len(values)) < 0.06, name


def test_collapse_is_precise_and_dropped_modes_cost_coverage():
    real = np.concatenate([rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 50])
    collapsed, one_mode = 0.01 * rng.normal(size=(200, 2)), rng.normal(size=(200, 2))
    narrow, half = prdc(collapsed, real), prdc(one_mode, real)
    assert narrow["precision"] == 1 and narrow["recall"] == 0 and narrow["coverage"] < 0.3
    assert half["precision"] > 0.9 and 0.4 < half["recall"] <= 0.5 and 0.4 < half["coverage"] <= 0.5


@pytest.mark.peers
@pytest.mark.parametrize("sizes", [(300, 400), (1300, 700)])
def test_equals_the_formulas_on_scikit_learn_s_neighbours(sizes):
    from sklearn.metrics import pairwise_distances
    from sklearn.neighbors import NearestNeighbors

    fake, real, k = rng.normal(size=(sizes[0], 6)) * 0.8, rng.normal(size=(sizes[1], 6)), 3
    fake_radius, real_radius = (
        NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, -1] for x in (fake, real)
    )
    distance = pairwise_distances(real, fake)
    wanted = {
        "precision": (distance <= real_radius[:, None]).any(0).mean(),
        "recall": (distance <= fake_radius).any(1).mean(),
        "density": (distance < real_radius[:, None]).sum(0).mean() / k,
        "coverage": (distance.min(1) < real_radius).mean(),
    }
    found = prdc(fake, real, neighbours=k)
    np.testing.assert_allclose([found[name] for name in NAMES], [wanted[name] for name in NAMES], rtol=1e-6)


@pytest.mark.all
def test_ten_thousand_against_ten_thousand_take_less_than_twenty_seconds_of_two_cores():
    fake, real = rng.normal(size=(2, 10_000, 64))
    begun = time.process_time()  # of all threads: what others do on the machine does not count
    found = prdc(fake, real)
    assert time.process_time() - begun < 40
    assert 0 < found["coverage"] < 1


def test_too_few_examples_and_other_widths_are_refused():
    with pytest.raises(ValueError, match="5 neighbours need more examples"):
        prdc(np.zeros((5, 2)), np.zeros((20, 2)))
    with pytest.raises(ValueError, match="one width"):
        prdc(np.zeros((9, 2)), np.zeros((20, 3)))
