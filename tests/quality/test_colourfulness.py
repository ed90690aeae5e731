"""Colourfulness and what a linear probe reads."""

import jax.numpy as jnp
import numpy as np

from dlcv.quality.colourfulness import colourfulness
from dlcv.quality.probe import linear_probe

rng = np.random.default_rng(0)


def test_colourfulness_is_the_papers_formula_and_grey_has_none():
    images = rng.uniform(size=(3, 5, 6, 3))
    rg = images[..., 0] - images[..., 1]
    yb = 0.5 * (images[..., 0] + images[..., 1]) - images[..., 2]
    spread = np.hypot(rg.std((1, 2)), yb.std((1, 2)))
    wanted = spread + 0.3 * np.hypot(rg.mean((1, 2)), yb.mean((1, 2)))
    np.testing.assert_allclose(colourfulness(jnp.asarray(images, jnp.float32)), wanted, rtol=1e-5)
    grey = jnp.repeat(jnp.asarray(images[..., :1], jnp.float32), 3, -1)
    np.testing.assert_allclose(colourfulness(grey), 0, atol=1e-6)


def test_a_probe_reads_what_is_linear_and_guesses_what_is_not_there():
    labels = rng.integers(0, 4, 2000)
    centres = rng.normal(size=(4, 10))
    assert linear_probe(centres[labels] + 0.1 * rng.normal(size=(2000, 10)), labels) > 0.99
    assert abs(linear_probe(rng.normal(size=(2000, 10)), labels) - 0.25) < 0.06
    angle, ring = rng.uniform(0, 2 * np.pi, 2000), rng.integers(0, 2, 2000)
    circles = (1 + ring)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    assert linear_probe(circles, ring) < 0.65


def test_the_probe_is_ridge_regression():
    sklearn = __import__("sklearn.linear_model", fromlist=["Ridge"])
    labels = np.arange(200) % 3
    features = rng.normal(size=(200, 5)) + 0.6 * np.eye(5)[labels]
    order = np.random.default_rng(0).permutation(200)
    x, y = features[order], labels[order]
    x = (x - x[:100].mean(0)) / x[:100].std(0)
    fitted = sklearn.Ridge(alpha=1.0).fit(x[:100], np.eye(3)[y[:100]])
    wanted = (fitted.predict(x[100:]).argmax(1) == y[100:]).mean()
    assert linear_probe(features, labels) == wanted
