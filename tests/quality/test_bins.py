"""Bins of the real set: k-means, the test of two proportions, the divergence of the shares, samples that lost a part."""

import numpy as np
import pytest

from dlcv.quality.bins import assigned, compared, jensen_shannon, k_means, proportions_differ

rng = np.random.default_rng(0)
CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


def blobs(counts):
    return np.concatenate([c + rng.normal(size=(n, 2)) for c, n in zip(CENTRES, counts, strict=True)])


def test_well_separated_clusters_are_found_at_their_means():
    x = blobs([50, 60, 70, 80])
    means = [part.mean(0) for part in np.split(x, [50, 110, 180])]
    found = k_means(x, 4)
    order = assigned(np.array(means), found)
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(found[order], means, atol=1e-4)
    np.testing.assert_array_equal(np.bincount(assigned(x, found))[order], [50, 60, 70, 80])


def test_lloyd_ends_where_each_centre_is_the_mean_of_its_rows():
    x = rng.normal(size=(500, 3)) + 20
    centres = k_means(x, 12)
    labels = assigned(x, centres)
    np.testing.assert_allclose(centres, [x[labels == one].mean(0) for one in range(12)], atol=1e-4)


@pytest.mark.peers
def test_the_sum_of_squares_is_that_of_scikit_learn():
    from sklearn.cluster import KMeans

    x = rng.normal(size=(600, 4))
    centres = k_means(x, 10, restarts=5)
    mine = ((x - centres[assigned(x, centres)]) ** 2).sum()
    theirs = KMeans(10, n_init=5, random_state=0).fit(x).inertia_
    assert mine < 1.03 * theirs


def test_two_proportions_by_hand():
    """30 of 100 against 50 of 100: z = 0.2 / sqrt(0.4 0.6 / 50) = 2.887, p = 0.0039; against 35 of 100: z = 0.755."""
    p, q = np.array([0.3, 0.3, 0.0]), np.array([0.5, 0.35, 0.0])
    np.testing.assert_array_equal(proportions_differ(p, 100, q, 100), [True, False, False])
    np.testing.assert_array_equal(proportions_differ(p, 100, q, 100, 0.0038), [False] * 3)
    np.testing.assert_array_equal(proportions_differ(p, 100, q, 100, 0.0040), [True, False, False])


def test_divergence_of_equal_and_disjoint_shares():
    assert jensen_shannon(np.array([0.2, 0.8]), np.array([0.2, 0.8])) == 0
    np.testing.assert_allclose(jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])), np.log(2))
    wanted = 0.5 * np.log(1 / 0.75) + 0.5 * (0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25))
    np.testing.assert_allclose(jensen_shannon(np.array([1.0, 0.0]), np.array([0.5, 0.5])), wanted)


@pytest.mark.peers
def test_divergence_is_the_square_of_scipy_s_distance():
    from scipy.spatial.distance import jensenshannon

    p, q = rng.dirichlet(np.ones(20), 2)
    np.testing.assert_allclose(jensen_shannon(p, q), jensenshannon(p, q) ** 2, rtol=1e-9)


def test_one_distribution_differs_in_about_the_significance_and_a_lost_part_in_many_bins():
    pairs = rng.normal(size=(8, 2, 1000, 2))
    draws = [compared(fake, real, k_means(real, 25)) for fake, real in pairs]
    assert np.mean([one.share for one in draws]) < 0.12 and max(one.jsd for one in draws) < 0.02
    real = blobs([250, 250, 250, 250])
    lost = compared(blobs([500, 500, 0, 0]), real, k_means(real, 20))
    assert lost.share > 0.9 and lost.ndb == round(20 * lost.share)
    np.testing.assert_allclose(lost.jsd, jensen_shannon(np.array([0.5, 0.5, 0, 0]), np.full(4, 0.25)), atol=0.02)


def test_more_bins_than_distinct_examples_are_refused():
    with pytest.raises(ValueError, match="3 bins need as many distinct"):
        k_means(np.repeat([[0.0], [1.0]], 5, 0), 3)
