"""TCA, JDA and TJM: their eigenproblems built densely from the papers, their constraint, their objective."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from shifts import blobs, mmd_columns

from dlcv import shallow
from dlcv.shallow.classifiers import nearest_neighbour
from dlcv.shallow.discrepancy import conditional

SOURCE, LABELS, TARGET, _ = blobs(
    width=60, seed=7
)  # more features than samples: K is invertible, so A can be read off K A
BOTH = np.concatenate([SOURCE, TARGET])
COUNT, CLASSES = len(BOTH), 3
CENTRE = np.eye(COUNT) - 1 / COUNT
GRAMS = {
    "linear": BOTH @ BOTH.T,
    "rbf": np.exp(-cdist(BOTH, BOTH, "sqeuclidean") / (2 * np.median(cdist(BOTH, BOTH, "sqeuclidean")))),
}


def coefficients(projection, gram):
    return np.linalg.solve(gram, np.concatenate([projection.source, projection.target]))


def forms(gram, m, penalty):
    """K M K + diag(penalty) with M of unit norm, and K H K."""
    return gram @ (m / np.linalg.norm(m)) @ gram + np.diag(np.broadcast_to(penalty, COUNT)), gram @ CENTRE @ gram


def residual(a, below, above):
    """|below A phi - above A|, phi the Rayleigh quotients, over the size of its terms."""
    mu = np.sum(a * (above @ a), 0) / np.sum(a * (below @ a), 0)
    return np.abs(above @ a - below @ a * mu).max() / np.abs(above @ a).max()


@pytest.mark.parametrize("kernel", GRAMS)
def test_tca_solves_its_eigenproblem(kernel):
    gram, m = GRAMS[kernel], mmd_columns(LABELS, np.zeros(len(TARGET)), CLASSES)[0]
    below, above = forms(gram, m, 0.7)
    a = coefficients(shallow.fit("tca", SOURCE, LABELS, TARGET, kernel=kernel, dim=5, weight=0.7), gram)
    assert residual(a, below, above) < 1e-8
    np.testing.assert_allclose(np.linalg.norm(a, axis=0), 1.0, rtol=1e-8)
    wanted = eigh(above, below)[0][::-1][:5]
    np.testing.assert_allclose(np.sum(a * (above @ a), 0) / np.sum(a * (below @ a), 0), wanted, rtol=1e-8)


@pytest.mark.parametrize("kernel", GRAMS)
def test_tca_meets_its_constraint_and_no_feasible_point_is_better(kernel):
    gram, m = GRAMS[kernel], mmd_columns(LABELS, np.zeros(len(TARGET)), CLASSES)[0]
    below, above = forms(gram, m, 1.0)
    found = shallow.fit("tca", SOURCE, LABELS, TARGET, kernel=kernel, dim=3, scale="constraint")
    a = coefficients(found, gram)
    np.testing.assert_allclose(a.T @ above @ a, np.eye(3), atol=1e-8)
    best = np.trace(a.T @ below @ a)
    assert found.history[0]["objective"] == pytest.approx(best, rel=1e-8)
    rng = np.random.default_rng(0)
    for size in (1e-3, 1e-1, 10.0):
        other = a + size * rng.normal(size=a.shape) * np.abs(a).max()
        values, vectors = np.linalg.eigh(other.T @ above @ other)
        other = other @ vectors / np.sqrt(values)
        assert np.trace(other.T @ below @ other) > best


@pytest.mark.parametrize("shape", [(60, 60), (12, 12)])
def test_the_narrow_factor_of_a_linear_kernel_loses_nothing(shape):
    source, target = SOURCE[:, : shape[0]], TARGET[:, : shape[0]]
    both = np.concatenate([source, target])
    gram, m = both @ both.T, mmd_columns(LABELS, np.zeros(len(target)), CLASSES)[0]
    below, above = forms(gram, m, 1.0)
    vectors = eigh(above, below)[1][:, ::-1][:, :6]
    wanted = gram @ (vectors / np.linalg.norm(vectors, axis=0))
    found = shallow.fit("tca", source, LABELS, target, dim=6)
    np.testing.assert_allclose(
        np.abs(np.concatenate([found.source, found.target])), np.abs(wanted), atol=1e-7 * np.abs(wanted).max()
    )


def test_jda_follows_its_algorithm():
    gram = GRAMS["rbf"]
    found = shallow.fit("jda", SOURCE, LABELS, TARGET, kernel="rbf", dim=5, iterations=4)
    pseudo = None
    for entry in found.history:
        m, by_class = mmd_columns(LABELS, np.zeros(len(TARGET)) if pseudo is None else pseudo, CLASSES)
        below, above = forms(gram, CLASSES * m + (0 if pseudo is None else sum(by_class)), 1.0)
        values, vectors = eigh(above, below)
        z = gram @ (vectors[:, ::-1][:, :5] / np.linalg.norm(vectors[:, ::-1][:, :5], axis=0))
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        pseudo = nearest_neighbour(z[: len(SOURCE)], LABELS, z[len(SOURCE) :])
        np.testing.assert_array_equal(entry["labels"], pseudo)
        assert entry["objective"] == pytest.approx(np.sum(1 / values[::-1][:5]), rel=1e-8)
    np.testing.assert_allclose(np.abs(found.source), np.abs(z[: len(SOURCE)]), atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(found.target, axis=1), 1.0)


def test_a_class_without_pseudo_labels_keeps_its_source_part():
    pseudo = np.zeros(len(TARGET), int)
    found = np.asarray(conditional(jnp.asarray(LABELS), jnp.asarray(pseudo), CLASSES))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[: len(SOURCE)].sum(0), 1.0, rtol=1e-6)
    np.testing.assert_allclose(found[len(SOURCE) :].sum(0), [-1.0, 0.0, 0.0], rtol=1e-6)


def test_tjm_never_raises_its_objective_and_sits_at_a_stationary_point():
    gram = GRAMS["rbf"]
    found = shallow.fit(
        "tjm", SOURCE, LABELS, TARGET, kernel="rbf", dim=3, weight=0.1, iterations=200, scale="constraint"
    )
    objective = [entry["objective"] for entry in found.history]
    assert np.all(np.diff(objective) <= 1e-9 * objective[0])
    assert objective[0] - objective[-1] > 1e-3 * objective[0]
    a = coefficients(found, gram)
    m, _ = mmd_columns(LABELS, np.zeros(len(TARGET)), CLASSES)
    m /= np.linalg.norm(m)
    rows = np.linalg.norm(a, axis=1)
    lasso = 0.1 * (2 * rows[: len(SOURCE)].sum() + (rows[len(SOURCE) :] ** 2).sum())
    assert objective[-1] == pytest.approx(np.trace(a.T @ gram @ m @ gram @ a) + lasso, rel=1e-5)
    penalty = 0.1 * np.where(np.arange(COUNT) < len(SOURCE), 1 / rows, 1.0)
    below, above = forms(gram, m, penalty)
    mu = np.sum(a * (above @ a), 0) / np.sum(a * (below @ a), 0)
    kept = rows > 1e-4  # where a row vanishes the penalty has no gradient
    assert 0 < kept[: len(SOURCE)].sum() < len(SOURCE)
    assert np.abs(above @ a - below @ a * mu)[kept].max() < 1e-3 * np.abs(above @ a).max()


def test_tjm_drops_source_samples_that_lie_apart():
    source, labels, target, _ = blobs(seed=8)
    source[0] += 40 * np.eye(12)[0]
    found = shallow.fit("tjm", source, labels, target, kernel="rbf", dim=3, weight=1.0)
    both = np.concatenate([source, target])
    squares = cdist(both, both, "sqeuclidean")
    a = np.linalg.solve(np.exp(-squares / (2 * np.median(squares))), np.concatenate([found.source, found.target]))
    rows = np.linalg.norm(a[: len(source)], axis=1)
    assert rows[0] < 0.1 * np.median(rows)


@pytest.mark.peers
def test_tca_solves_the_equation_that_skada_solves_roughly():
    skada = pytest.importorskip("skada", reason="needs skada")
    gram, (m, _) = GRAMS["linear"], mmd_columns(LABELS, np.zeros(len(TARGET)), CLASSES)
    domain = np.repeat([1, -2], [len(SOURCE), len(TARGET)])
    peer = skada.TransferComponentAnalysisAdapter(kernel="linear", n_components=3, mu=1.0)
    theirs = np.linalg.solve(gram, peer.fit_transform(BOTH, np.zeros(COUNT), sample_domain=domain))
    found = shallow.fit("tca", SOURCE, LABELS, TARGET, dim=3, weight=1 / np.linalg.norm(m))
    ours = coefficients(found, gram)
    below, above = forms(gram, m, 1 / np.linalg.norm(m))
    assert residual(ours, below, above) < 1e-9
    assert residual(ours, below, above) < 1e-3 * residual(theirs, below, above)  # theirs is no symmetric problem
    cosines = np.linalg.svd(np.linalg.qr(gram @ ours)[0].T @ np.linalg.qr(gram @ theirs)[0])[1]
    assert cosines.min() > 0.9
