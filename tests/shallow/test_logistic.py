"""Multinomial logistic regression: the gradient vanishes, two points have the known solution, scikit-learn agrees."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from dlcv.shallow.logistic import logistic_regression

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def fitted(x, labels, classes, **settings):
    return logistic_regression(jnp.asarray(x), jnp.asarray(labels), classes=classes, **settings)


def test_two_points_on_a_line_by_hand():
    """x = -1, 1: by symmetry logits are (-w x, w x), and the gradient is 0 where penalty w = sigmoid(-2 w)."""
    penalty = 0.1
    w = brentq(lambda w: penalty * w - 1 / (1 + np.exp(2 * w)), 0, 10)
    model = fitted([[-1.0], [1.0]], [0, 1], 2, penalty=penalty)
    np.testing.assert_allclose(model.weight_DC, [[-w, w]], rtol=1e-5)
    np.testing.assert_allclose(model.bias_C, 0, atol=1e-6)


PENALTY = 1e-2


@functools.cache
def of_rows(count):
    """(x [count, 30], labels, model): with fewer rows than features, and with more."""
    x = rng.normal(size=(count, 30)) + 3
    labels = (x[:, :3] + 0.5 * rng.normal(size=(count, 3))).argmax(1)
    return x, labels, fitted(x, labels, 3, penalty=PENALTY)


@pytest.mark.parametrize("count", [20, 200])
def test_the_gradient_vanishes(count):
    x, labels, model = of_rows(count)
    p = jax.nn.softmax(model.logits(jnp.asarray(x)))
    error = np.asarray(p - jax.nn.one_hot(labels, 3)) / count
    np.testing.assert_allclose(x.T @ error + PENALTY * model.weight_DC, 0, atol=2e-5)
    np.testing.assert_allclose(error.sum(0), 0, atol=2e-6)
    assert model.gradient < 2e-6


@pytest.mark.peers
@pytest.mark.parametrize("count", [20, 200])
def test_weights_are_those_of_scikit_learn(count):
    from sklearn.linear_model import LogisticRegression

    x, labels, model = of_rows(count)
    middle = x.mean(0)  # the peer's optimiser is slow on features far from 0
    peer = LogisticRegression(C=1 / (PENALTY * count), tol=1e-8, max_iter=5000).fit(x - middle, labels)
    np.testing.assert_allclose(model.weight_DC.T, peer.coef_, atol=1e-3)
    bias = peer.intercept_ - peer.coef_ @ middle
    np.testing.assert_allclose(model.bias_C - model.bias_C.mean(), bias - bias.mean(), atol=1e-2)
