"""Matched categories and the mutual-information gap by hand and at their limits, and diversity within classes."""

import numpy as np
import pytest

from dlcv.quality.disentanglement import matched_error, mutual_information, mutual_information_gap
from dlcv.quality.diversity import within_classes

rng = np.random.default_rng(0)
LABELS = rng.integers(0, 10, 2000)


def test_categories_under_other_names_make_no_error():
    names = rng.permutation(10)
    assert matched_error(names[LABELS], LABELS) == 0
    wrong = np.where(np.arange(2000) < 200, (LABELS + 1) % 10, LABELS)
    np.testing.assert_allclose(matched_error(names[wrong], LABELS), 0.1)


def test_one_category_for_all_is_right_for_the_commonest_label_alone():
    np.testing.assert_allclose(matched_error(np.zeros(2000, int), LABELS), 1 - np.bincount(LABELS).max() / 2000)


def test_mutual_information_of_a_binary_symmetric_channel():
    """1 000 bits of which a quarter is flipped: log 2 - H(1/4)."""
    x, y = np.repeat([0, 1], 400), np.concatenate([np.repeat([0, 1], [300, 100]), np.repeat([0, 1], [100, 300])])
    wanted = np.log(2) + 0.25 * np.log(0.25) + 0.75 * np.log(0.75)
    np.testing.assert_allclose(mutual_information(x, y), wanted, rtol=1e-12)
    np.testing.assert_allclose(mutual_information(x, x), np.log(2), rtol=1e-12)


def test_the_gap_is_one_for_one_code_a_factor_and_none_where_two_codes_share_it():
    other = rng.uniform(-1, 1, 200_000)
    labels = rng.integers(0, 10, 200_000)
    assert mutual_information_gap([labels, other], [labels]) > 0.995
    np.testing.assert_allclose(mutual_information_gap([labels, labels, other], [labels]), 0, atol=1e-12)
    with pytest.raises(ValueError, match="two codes"):
        mutual_information_gap([labels], [labels])


def test_a_factor_of_one_value_does_not_count():
    """A split of one class leaves nothing to tell; warnings are errors here."""
    other, constant = rng.uniform(-1, 1, 2000), np.full(2000, 3)
    gap = mutual_information_gap([LABELS, other], [LABELS])
    np.testing.assert_allclose(mutual_information_gap([LABELS, other], [constant, LABELS]), gap, rtol=1e-12)
    assert np.isnan(mutual_information_gap([LABELS, other], [constant]))


def test_diversity_is_the_mean_distance_between_samples_of_one_class():
    features, labels = np.array([[0.0, 0], [3, 4], [0, 0], [10, 0], [0, 0]]), np.array([0, 0, 1, 1, 2])
    np.testing.assert_allclose(within_classes(features, labels), (5 + 10) / 2)
    np.testing.assert_allclose(within_classes(np.ones((4, 2)), np.array([0, 0, 1, 1])), 0)
    with pytest.raises(ValueError, match="two samples"):
        within_classes(np.ones((2, 3)), np.arange(2))
