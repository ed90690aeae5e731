"""SCA: the scatters summed sample by sample, the eigenproblem, the constraint."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import eigh
from shifts import blobs

from dlcv import shallow
from dlcv.shallow.scatter import scatters

SOURCE, LABELS, TARGET, _ = blobs(seed=41, width=60)
BOTH = np.concatenate([SOURCE, TARGET]) - np.concatenate([SOURCE, TARGET]).mean(0)
COUNT, BETA, DELTA, RIDGE = len(BOTH), 0.3, 2.0, 1e-3


def forms():
    """Of the centred linear kernel, whose feature space is the input space: sums of outer products there, seen through K."""
    source, target = BOTH[: len(SOURCE)], BOTH[len(SOURCE) :]
    between = within = np.zeros((60, 60))
    for c in range(3):
        rows = source[c == LABELS]
        gap = rows.mean(0) - source.mean(0)
        between = between + len(rows) * np.outer(gap, gap)
        within = within + sum(np.outer(row - rows.mean(0), row - rows.mean(0)) for row in rows)
    middle = (source.mean(0) + target.mean(0)) / 2
    domains = sum(np.outer(x.mean(0) - middle, x.mean(0) - middle) for x in (source, target)) / 2
    total = BOTH.T @ BOTH / COUNT
    above = BOTH @ (BETA * between + (1 - BETA) * total) @ BOTH.T
    below = BOTH @ (DELTA * domains + within + np.eye(60)) @ BOTH.T + RIDGE * np.eye(COUNT)
    return above, below


def test_the_scatters_are_sums_over_samples():
    gram = BOTH @ BOTH.T
    with jax.enable_x64(True):
        found = scatters(jnp.asarray(gram), jnp.asarray(LABELS), BETA, DELTA, RIDGE, classes=3)
    for one, two in zip(found, forms(), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-9 * np.abs(two).max())


def test_the_embedding_solves_the_eigenproblem_scaled_as_kernel_pca():
    settings = {"kernel": "linear", "dim": 4, "beta": BETA, "delta": DELTA, "ridge": RIDGE}
    found = shallow.fit("sca", SOURCE, LABELS, TARGET, **settings)
    values, vectors = eigh(*forms())
    wanted = BOTH @ BOTH.T @ vectors[:, ::-1][:, :4] / np.sqrt(values[::-1][:4])
    ours = np.concatenate([found.source, found.target])
    np.testing.assert_allclose(np.abs(ours), np.abs(wanted), atol=1e-6 * np.abs(wanted).max())
    assert found.history[0]["objective"] == pytest.approx(values[::-1][:4].sum(), rel=1e-8)


def test_a_heavy_domain_scatter_brings_the_means_together():
    def gap(delta):
        found = shallow.fit("sca", SOURCE, LABELS, TARGET, kernel="linear", delta=delta)
        return np.linalg.norm(found.source.mean(0) - found.target.mean(0)) / found.source.std()

    assert gap(1e6) < 0.1 * gap(0.0)
