"""The difference loss of domain separation networks against its definition, at its ends, and its gradient against torch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses.orthogonality import difference, unit_rows

rng = np.random.default_rng(0)
SHARED, PRIVATE = (jnp.asarray(rng.normal(size=(6, width)) + width - 3, jnp.float32) for width in (5, 4))


def unit(x):
    x = np.asarray(x, np.float64)
    x = x - x.mean(0)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_it_is_the_squared_norm_of_the_cross_correlation():
    wanted = np.linalg.norm(unit(SHARED).T @ unit(PRIVATE) / 6, "fro") ** 2
    np.testing.assert_allclose(difference(SHARED, PRIVATE), wanted, rtol=1e-4)


def test_the_authors_division_differs_by_a_known_factor():
    theirs = np.mean((unit(SHARED).T @ unit(PRIVATE)) ** 2)
    np.testing.assert_allclose(difference(SHARED, PRIVATE) * 6**2 / (5 * 4), theirs, rtol=1e-4)


def test_orthogonal_columns_cost_nothing_and_equal_ones_the_most():
    signs = jnp.asarray([1.0, 1.0, -1.0, -1.0])
    other = jnp.asarray([1.0, -1.0, 1.0, -1.0])
    np.testing.assert_allclose(difference(signs[:, None], other[:, None]), 0, atol=1e-6)
    np.testing.assert_allclose(difference(signs[:, None], 3 * signs[:, None]), 1, rtol=1e-4)


def test_a_row_of_zeros_stays_finite():
    flat = jnp.zeros((4, 3))
    assert np.isfinite(jax.grad(difference)(flat, PRIVATE[:4])).all()
    np.testing.assert_allclose(unit_rows(flat), 0)


@pytest.mark.peers
def test_gradient_is_that_of_torch():
    torch = pytest.importorskip("torch")
    s, p = torch.tensor(np.array(SHARED), requires_grad=True), torch.tensor(np.array(PRIVATE))
    one, other = ((x - x.mean(0)) / (x - x.mean(0)).norm(dim=1, keepdim=True) for x in (s, p))
    ((one.T @ other / 6) ** 2).sum().backward()
    ours = jax.grad(difference)(SHARED, PRIVATE)
    np.testing.assert_allclose(ours, s.grad.numpy(), rtol=1e-3, atol=1e-6)
