"""Activation maximisation: it finds a known maximum, each regulariser does what it says, pixels stay in range."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.maximisation import maximise, total_variation

rng = np.random.default_rng(0)
KEY = jax.random.key(0)
START = jnp.zeros((2, 5, 6, 1))


def test_total_variation_is_its_formula():
    images = jnp.asarray(rng.normal(size=(2, 5, 6, 3)), jnp.float32)
    for row, got in zip(images, total_variation(images), strict=True):
        down = np.mean([(row[y + 1, x] - row[y, x]) ** 2 for y in range(4) for x in range(6)])
        right = np.mean([(row[y, x + 1] - row[y, x]) ** 2 for y in range(5) for x in range(5)])
        np.testing.assert_allclose(got, down + right, rtol=1e-5)


def test_ascent_finds_the_maximum():
    aim = rng.uniform(-0.8, 0.8, START.shape).astype(np.float32)
    found = maximise(lambda x: -((x - aim) ** 2).sum((1, 2, 3)), START, KEY, steps=400, rate=0.02)
    np.testing.assert_allclose(found, aim, atol=0.02)


def test_pixels_stay_in_range_and_each_image_has_its_own_score():
    signs = np.array([1.0, -1.0])
    found = maximise(lambda x: signs * x.sum((1, 2, 3)), START, KEY, steps=50, rate=0.1)
    np.testing.assert_array_equal(found, np.ones(START.shape) * signs[:, None, None, None])


def test_decay_holds_the_image_near_its_start():
    """Of slope w a pixel and decay d, the maximum of w x - d mean (x - start)^2 over N pixels is start + w N / (2 d)."""
    start = jnp.full_like(START, 0.2)
    found = maximise(lambda x: 0.01 * x.sum((1, 2, 3)), start, KEY, steps=400, rate=0.02, decay=0.5)
    np.testing.assert_allclose(found, 0.2 + 0.01 * 30 / (2 * 0.5), atol=0.01)


def test_smoothness_lowers_the_variation_and_jitter_moves_the_image():
    weights = rng.normal(size=START.shape[1:]).astype(np.float32)

    def score(x):
        return (x * weights).mean((1, 2, 3))

    rough = maximise(score, START, KEY, steps=100, rate=0.05)
    smooth = maximise(score, START, KEY, steps=100, rate=0.05, smoothness=5.0)
    assert (total_variation(smooth) < 0.2 * total_variation(rough)).all() and (score(smooth) > 0).all()
    moved = maximise(score, START, KEY, steps=100, rate=0.05, jitter=2)
    assert jnp.abs(moved - rough).max() > 0.1 and (jnp.abs(moved) <= 1).all()
