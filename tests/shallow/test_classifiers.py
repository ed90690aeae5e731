"""Nearest neighbour, nearest mean and the linear support vector machine against scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from shifts import blobs
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.svm import LinearSVC

from dlcv.errors import Misuse
from dlcv.shallow import classifiers

TRAIN, LABELS, TEST, WANTED = blobs(seed=61, classes=4, targets=60)


def weights(train, labels, cost, classes):
    with jax.enable_x64(True):
        return np.asarray(
            classifiers.support_vector_weights(jnp.asarray(train), jnp.asarray(labels), cost, classes=classes)
        )


def test_nearest_neighbour_equals_scikit_learn():
    wanted = KNeighborsClassifier(1).fit(TRAIN, LABELS).predict(TEST)
    np.testing.assert_array_equal(classifiers.nearest_neighbour(TRAIN, LABELS, TEST), wanted)


def test_of_equal_distances_the_first_row_counts():
    train = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 9.0]])
    assert classifiers.nearest_neighbour(train, [1, 0, 0], [[0.0, 0.0]]).tolist() == [1]


def test_nearest_mean_equals_scikit_learn():
    wanted = NearestCentroid().fit(TRAIN, LABELS).predict(TEST)
    np.testing.assert_array_equal(classifiers.nearest_mean(TRAIN, LABELS, TEST), wanted)


@pytest.mark.parametrize("width", [12, 3])
@pytest.mark.parametrize("cost", [0.01, 1.0, 100.0])
def test_the_machine_is_at_its_optimum(cost, width):
    train = TRAIN[:, :width]
    found = weights(train, LABELS, cost, 4)
    x = np.concatenate([train, np.ones((len(train), 1))], 1)
    for c in range(4):
        sign = np.where(c == LABELS, 1.0, -1.0)

        def objective(w, sign=sign):
            slack = np.maximum(0, 1 - sign * (x @ w))
            return 0.5 * w @ w + cost * slack @ slack, w - 2 * cost * x.T @ (sign * slack)

        value, gradient = objective(found[:, c])
        best = minimize(objective, np.zeros(width + 1), jac=True, method="L-BFGS-B", options={"maxiter": 5000}).fun
        assert value <= best * (1 + 1e-9)
        assert np.abs(gradient).max() < 1e-7 * max(1.0, cost)


def test_the_machine_equals_liblinear():
    peer = LinearSVC(C=1.0, loss="squared_hinge", dual=True, tol=1e-10, max_iter=100_000).fit(TRAIN, LABELS)
    found = weights(TRAIN, LABELS, 1.0, 4)
    np.testing.assert_allclose(found[:-1].T, peer.coef_, atol=1e-5)
    np.testing.assert_allclose(found[-1], peer.intercept_, atol=1e-5)
    np.testing.assert_array_equal(classifiers.linear_svm(TRAIN, LABELS, TEST), peer.predict(TEST))


def test_more_features_than_samples_give_the_same_machine():
    wide = np.linalg.qr(np.random.default_rng(0).normal(size=(70, 12)))[0].T
    np.testing.assert_allclose(
        weights(TRAIN @ wide, LABELS, 1.0, 4)[:-1], wide.T @ weights(TRAIN, LABELS, 1.0, 4)[:-1], atol=1e-8
    )


@pytest.mark.parametrize("classify", [classifiers.nearest_neighbour, classifiers.nearest_mean, classifiers.linear_svm])
def test_bad_rows_are_refused(classify):
    with pytest.raises(Misuse, match="the training rows have 12 features, the test rows 5"):
        classify(TRAIN, LABELS, TEST[:, :5])
    with pytest.raises(Misuse, match="the test rows has 720 NaN"):
        classify(TRAIN, LABELS, TEST * np.nan)
    with pytest.raises(Misuse, match="source_labels start at 1"):
        classify(TRAIN, LABELS + 1, TEST)
