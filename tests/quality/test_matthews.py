"""Matthews correlation against scikit-learn, and what it says of those who guess."""

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from dlcv.quality.matthews import matthews


@pytest.mark.parametrize("classes", [2, 5])
def test_it_is_scikit_learns(classes):
    rng = np.random.default_rng(classes)
    labels = rng.integers(0, classes, 300)
    for noise in (0.0, 0.3, 1.0):
        predicted = np.where(rng.random(300) < noise, rng.integers(0, classes, 300), labels)
        assert matthews(predicted, labels, classes) == pytest.approx(matthews_corrcoef(labels, predicted), abs=1e-12)


def test_the_more_frequent_class_earns_nothing_and_the_opposite_is_minus_one():
    labels = np.array([1, 1, 1, 0])
    assert matthews(np.ones(4, int), labels, 2) == 0.0
    assert matthews(1 - labels, labels, 2) == pytest.approx(-1.0)
