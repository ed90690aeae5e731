"""JGSA against its eigenproblem written out densely, scatter by scatter, and its published accuracies."""

import numpy as np
import pytest
from scipy.io import loadmat
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from shifts import blobs, mmd_columns

from dlcv import shallow
from dlcv.shallow.classifiers import nearest_neighbour
from dlcv.shallow.preprocess import surf, unit_rows

SOURCE, LABELS, TARGET, _ = blobs(seed=21)
SOURCES, TARGETS, CLASSES = len(SOURCE), len(TARGET), 3
WEIGHT, MU, BETA = 0.8, 1.3, 0.2
SETTINGS = {"dim": 5, "weight": WEIGHT, "mu": MU, "beta": BETA, "iterations": 3}


def dense(source, target, norm, aim, pseudo):
    """The two forms for rows of features, the metric of |a|^2, and rows whose square is the target's scatter."""
    width = source.shape[1]
    within, between = np.zeros((width, width)), np.zeros((width, width))
    for c in range(CLASSES):
        rows = source[c == LABELS]
        for row in rows:
            within += np.outer(row - rows.mean(0), row - rows.mean(0))
        between += len(rows) * np.outer(rows.mean(0) - source.mean(0), rows.mean(0) - source.mean(0))
    m, by_class = mmd_columns(LABELS, pseudo, CLASSES)
    m = (CLASSES * m + sum(by_class)) / np.linalg.norm(CLASSES * m)
    both = np.zeros((SOURCES + TARGETS, 2 * width))
    both[:SOURCES, :width], both[SOURCES:, width:] = source, target
    zero = np.zeros((width, width))
    below = both.T @ m @ both
    below += np.block([[WEIGHT * norm + BETA * within, -WEIGHT * norm], [-WEIGHT * norm, (WEIGHT + MU) * norm]])
    above = np.block([[BETA * between, zero], [zero, MU * aim.T @ aim]])
    return above, below + 1e-9 * np.eye(2 * width)


def follow(found, source, target, norm, aim, tolerance=1e-6):
    """Every iteration again by the dense solver; the embedding of the last one."""
    pseudo = nearest_neighbour(SOURCE, LABELS, TARGET)
    for entry in found.history:
        above, below = dense(source, target, norm, aim, pseudo)
        values, vectors = eigh(above, below)
        w = vectors[:, ::-1][:, :5] / np.linalg.norm(vectors[:, ::-1][:, :5], axis=0)
        assert entry["objective"] == pytest.approx(values[::-1][:5].sum(), rel=1e-6)
        a, b = np.split(w, 2)
        pseudo = nearest_neighbour(source @ a, LABELS, target @ b)
        np.testing.assert_array_equal(entry["labels"], pseudo)
    np.testing.assert_allclose(np.abs(found.source), np.abs(source @ a), atol=tolerance * np.abs(source @ a).max())
    np.testing.assert_allclose(np.abs(found.target), np.abs(target @ b), atol=tolerance * np.abs(target @ b).max())


def test_primal_follows_its_algorithm():
    found = shallow.fit("jgsa_primal", SOURCE, LABELS, TARGET, **SETTINGS)
    follow(found, SOURCE, TARGET, np.eye(12), TARGET - TARGET.mean(0))


def test_primal_solves_its_equation_with_unit_columns():
    found = shallow.fit("jgsa_primal", SOURCE, LABELS, TARGET, **SETTINGS | {"iterations": 1})
    w = np.concatenate([found.transform(np.eye(12), domain) for domain in ("source", "target")])
    first = nearest_neighbour(SOURCE, LABELS, TARGET)
    above, below = dense(SOURCE, TARGET, np.eye(12), TARGET - TARGET.mean(0), first)
    ratio = np.sum(w * (above @ w), 0) / np.sum(w * (below @ w), 0)
    assert np.abs(above @ w - below @ w * ratio).max() < 1e-9 * np.abs(above @ w).max()
    np.testing.assert_allclose(np.linalg.norm(w, axis=0), 1.0, rtol=1e-10)


def test_features_of_many_more_dimensions_than_samples_change_nothing():
    wide = np.linalg.qr(np.random.default_rng(0).normal(size=(80, 12)))[0].T  # an isometry from 12 to 80 dimensions
    plain = shallow.fit("jgsa_primal", SOURCE, LABELS, TARGET, **SETTINGS)
    lifted = shallow.fit("jgsa_primal", SOURCE @ wide, LABELS, TARGET @ wide, **SETTINGS)
    np.testing.assert_allclose(np.abs(lifted.source), np.abs(plain.source), atol=1e-7)
    np.testing.assert_allclose(np.abs(lifted.target), np.abs(plain.target), atol=1e-7)


def grams(name, width=None):
    """Centred kernel rows of source and target against all samples, and the centred Gram matrix."""
    both = np.concatenate([SOURCE, TARGET])
    squares = cdist(both, both, "sqeuclidean")
    blocks = [slice(None), slice(0, SOURCES), slice(SOURCES, None)]
    if name == "linear":
        rows = [(both @ both.T)[block] for block in blocks]
    else:
        spans = [2 / squares[block].mean() if width is None else width for block in blocks]
        rows = [np.exp(-squares[block] / (2 * span**2)) for block, span in zip(blocks, spans, strict=True)]
    gram = rows[0]
    columns, whole = gram.mean(0), gram.mean()
    return [row - row.mean(1, keepdims=True) - columns + whole for row in rows]


@pytest.mark.parametrize(("name", "width"), [("linear", None), ("rbf", None), ("rbf", 4.0)])
def test_kernels_follow_the_same_algorithm(name, width):
    options = {} if name == "linear" else {"width": width}
    source, labels, target = SOURCE, LABELS, TARGET
    if name == "rbf" and width is None:  # 2 / mean distance is a width for rows of unit norm
        source, target = unit_rows(SOURCE), unit_rows(TARGET)
    found = shallow.fit(f"jgsa_{name}", source, labels, target, **SETTINGS, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "SOURCE", source)
        patch.setitem(globals(), "TARGET", target)
        gram, of_source, of_target = grams(name, width)
        # in the null space of the kernel the dense solver has the ridge alone against its rounding
        follow(found, of_source, of_target, gram, of_target, tolerance=1e-3)


# Zhang, Li, Ogunbona, 2017, Table 1, and the columns of its comparison: per cent correct on SURF features of Office + Caltech.
PRINTED = {
    "raw": {"DW": 83.73, "WD": 84.71},
    "tca": {"DW": 86.10, "WD": 89.17},
    "jda": {"DW": 89.49, "WD": 89.17},
    "tjm": {"DW": 85.42, "WD": 89.17},
    "jgsa_primal": {"DW": 91.86, "WD": 90.45},
    "jgsa_linear": {"DW": 91.86, "WD": 90.45},
    "jgsa_rbf": {"DW": 93.22, "WD": 88.54},
}


@pytest.mark.parametrize("task", ["DW", "WD"])
@pytest.mark.parametrize("name", PRINTED)
def test_published_accuracies(name, task, data_dir):
    files = {"D": "dslr", "W": "webcam"}
    (source, labels), (target, wanted) = [
        (surf(mat["fts"]), mat["labels"].ravel().astype(int) - 1)
        for mat in (loadmat(data_dir / "office_caltech10" / "surf" / f"{files[d]}_SURF_L10.mat") for d in task)
    ]
    found = shallow.fit(name, source, labels, target)
    right = nearest_neighbour(found.source, labels, found.target) == wanted
    assert round(100 * right.mean(), 2) == PRINTED[name][task]
