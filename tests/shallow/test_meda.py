"""MEDA: its graph, its balance, and the stationarity of its classifier."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from shifts import blobs, mmd_columns
from sklearn.neighbors import kneighbors_graph

from dlcv import shallow
from dlcv.shallow.meda import balance_of, laplacian
from dlcv.shallow.preprocess import unit_rows

SOURCE, LABELS, TARGET, WANTED = blobs(seed=51)
SOURCES, COUNT = len(SOURCE), len(SOURCE) + len(TARGET)


def manifold(dim):
    flow = shallow.fit("gfk", SOURCE, LABELS, TARGET, dim=dim)
    return unit_rows(np.concatenate([flow.source, flow.target]))


def graph(z):
    """The normalised Laplacian through scikit-learn's neighbours."""
    near = kneighbors_graph(z, 5, metric="cosine", include_self=False).toarray()
    weight = np.maximum(near, near.T) * np.maximum(z @ z.T, 0)
    degree = weight.sum(1)
    return np.eye(len(z)) - weight / np.sqrt(np.outer(degree, degree))


def test_the_graph_joins_nearest_neighbours_by_their_cosine():
    z = manifold(4)
    with jax.enable_x64(True):
        found = np.asarray(laplacian(jnp.asarray(z), neighbours=5))
    np.testing.assert_allclose(found, graph(z), atol=1e-9)
    assert np.linalg.eigvalsh(found)[0] > -1e-9


def test_the_classifier_is_a_stationary_point_of_its_objective():
    found = shallow.fit("meda", SOURCE, LABELS, TARGET, dim=4, neighbours=5, balance=0.3, iterations=2, ridge=0.2)
    z = manifold(4)
    gram = np.exp(-(2 - 2 * z @ z.T) / 2)
    m, by_class = mmd_columns(LABELS, found.history[0]["labels"], 3)
    m = 0.7 * 3 * m + 0.3 * sum(by_class)
    form = 10 * m / np.linalg.norm(m) + graph(z)
    scores = np.concatenate([found.source, found.target])
    alpha = np.linalg.solve(gram, scores)
    aim = np.eye(3)[LABELS]

    def objective(a):
        f = gram @ a
        return np.sum((f[:SOURCES] - aim) ** 2) + np.trace(f.T @ form @ f) + 0.2 * np.trace(a.T @ gram @ a)

    best, rng = objective(alpha), np.random.default_rng(0)
    assert found.history[1]["objective"] == pytest.approx(best, rel=1e-6)
    for _ in range(10):
        step = 1e-3 * rng.normal(size=alpha.shape)
        assert abs(objective(alpha + step) - objective(alpha - step)) < 1e-6 * best
        assert objective(alpha + step) > best


def test_the_prediction_is_the_largest_score():
    found = shallow.fit("meda", SOURCE, LABELS, TARGET, dim=4, neighbours=5)
    np.testing.assert_array_equal(found.labels, found.target.argmax(1))
    np.testing.assert_array_equal(found.labels, found.history[-1]["labels"])
    assert np.mean(found.labels == WANTED) > 0.8


def balance(source, target, labels, pseudo):
    with jax.enable_x64(True):
        z = jnp.asarray(np.concatenate([source, target]))
        return float(balance_of(z, jnp.asarray(labels), jnp.asarray(pseudo), classes=2))


def test_the_balance_says_where_the_domains_differ():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 100)
    x = rng.normal(0, 0.05, (200, 2))
    apart, swapped = x + [5.0, 0.0], x.copy()
    swapped[:, 0] += np.where(labels == 0, 2.0, -2.0)
    crossed = x.copy()
    crossed[:, 0] -= np.where(labels == 0, 2.0, -2.0)
    assert balance(x, apart, labels, labels) == pytest.approx(0.5, abs=0.02)  # all and each class told apart
    assert balance(swapped, crossed, labels, labels) > 0.7  # equal as a whole, each class told apart
    assert 0 <= balance(x, x, labels, labels) <= 1
