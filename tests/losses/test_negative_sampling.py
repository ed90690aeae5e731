"""Negative sampling against its formula, its gradient against the one written out by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.losses.negative_sampling import negative_sampling

rng = np.random.default_rng(0)
H, WORD, NOISE = (rng.normal(size=shape).astype(np.float32) for shape in ((4, 6), (4, 6), (4, 3, 6)))
COUNTS = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0]], bool)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_value_is_the_formulas():
    expected = -np.log(sigmoid((H * WORD).sum(1)))
    expected -= (COUNTS * np.log(sigmoid(-np.einsum("bd,bkd->bk", H, NOISE)))).sum(1)
    np.testing.assert_allclose(negative_sampling(*map(jnp.asarray, (H, WORD, NOISE, COUNTS))), expected, rtol=1e-5)


def test_the_gradient_is_the_formulas():
    """d/dh = (s(h.v) - 1) v + sum s(h.n) n; d/dv = (s(h.v) - 1) h; d/dn = s(h.n) h."""
    gradients = jax.jit(jax.grad(lambda *x: negative_sampling(*x, jnp.asarray(COUNTS)).sum(), argnums=(0, 1, 2)))(
        *map(jnp.asarray, (H, WORD, NOISE))
    )
    true = sigmoid((H * WORD).sum(1, keepdims=True)) - 1
    false = (sigmoid(np.einsum("bd,bkd->bk", H, NOISE)) * COUNTS)[..., None]
    expected = (true * WORD + (false * NOISE).sum(1), true * H, false * H[:, None])
    for found, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_large_scores_do_not_overflow():
    both = jax.jit(jax.value_and_grad(lambda h: negative_sampling(h, -h, h[:, None], jnp.ones((1, 1), bool)).sum()))
    value, gradient = both(jnp.full((1, 2), 1e3))
    assert np.isfinite(value) and np.isfinite(gradient).all()
