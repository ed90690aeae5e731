"""The search for units against brute force, and against units planted in noise."""

import numpy as np
import pytest

from dlcv.quality.detectors import Thresholds, correlations, f1, judged, measure_of, search

GENERATOR = np.random.default_rng(0)


def brute(values: np.ndarray, labels: np.ndarray) -> float:
    """The largest F1 of one column over every threshold and both signs, one by one."""
    edges = [-np.inf, *np.unique(values)]
    return max(f1(predicted, labels) for edge in edges for predicted in (values > edge, values <= edge))


@pytest.mark.parametrize("levels", [None, 4])  # continuous values, and values with ties
def test_the_best_threshold_is_that_of_trying_all(levels):
    values = GENERATOR.normal(size=(60, 5)).astype(np.float32)
    if levels:
        values = np.round(values * levels / 3).astype(np.float32)
    labels = values[:, 0] - values[:, 1] + GENERATOR.normal(size=60) > 0.4
    scores, signs, edges = Thresholds(values).best(labels)
    np.testing.assert_allclose(scores, [brute(column, labels) for column in values.T], atol=1e-6)
    for unit, column in enumerate(values.T):
        assert judged(column, labels, signs[unit], edges[unit]) == pytest.approx(scores[unit], abs=1e-6)
    assert signs[1] == -1


def test_f1_and_correlation_are_scikit_learns_and_numpys():
    from sklearn.metrics import f1_score

    values = GENERATOR.normal(size=(50, 3)).astype(np.float32)
    labels = GENERATOR.random(50) < 0.3
    assert f1(values[:, 0] > 0.2, labels) == pytest.approx(f1_score(labels, values[:, 0] > 0.2))
    numbers = GENERATOR.integers(0, 9, 50)
    expected = [np.corrcoef(column, numbers)[0, 1] for column in values.T]
    np.testing.assert_allclose(correlations(values, numbers), expected, atol=1e-5)
    assert correlations(np.ones((50, 1), np.float32), numbers) == 0


def planted(kind: str):
    """512 units of noise over 4,000 characters, of which unit 37 holds the label."""
    runs = np.repeat(GENERATOR.integers(0, 2 if kind == "F1" else 12, 200), 20)
    labels = runs.astype(bool) if kind == "F1" else runs.astype(np.int32)
    values = GENERATOR.normal(size=(4000, 512)).astype(np.float32)
    values[:, 37] = -0.8 * runs / runs.std() + 0.4 * values[:, 37]
    return values, labels


@pytest.mark.parametrize("kind", ["F1", "|r|"])
def test_a_planted_unit_is_found_and_shifted_labels_find_none(kind):
    values, labels = planted(kind)
    assert measure_of(labels) == kind
    found, baseline = search(values, labels, shifts=(700, 1300, 2100), most=3)
    assert found[0].unit == 37 and found[0].sign == -1 and found[0].score > 0.85
    assert all(detector.chosen < 0.75 for detector in found[1:])
    assert max(baseline) < (0.75 if kind == "F1" else 0.3)


def test_a_unit_is_judged_on_the_half_it_was_not_chosen_on():
    values, labels = planted("|r|")
    values[2000:, 37] *= -1  # it turns its sign
    found, _ = search(values, labels, shifts=())
    assert found[0].unit == 37 and found[0].chosen > 0.8 and found[0].score < -0.8
