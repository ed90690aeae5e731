"""Reconstruction errors against numpy, and what scale invariance leaves free."""

import jax.numpy as jnp
import numpy as np

from dlcv.losses.reconstruction import scale_invariant_error, squared_error

rng = np.random.default_rng(0)
X, Y = (jnp.asarray(rng.normal(size=(3, 4, 5, 2)), jnp.float32) for _ in range(2))


def test_squared_error_is_the_mean_over_an_example():
    np.testing.assert_allclose(
        squared_error(X, Y), [np.mean(np.square(x - y)) for x, y in zip(X, Y, strict=True)], rtol=1e-5
    )


def test_scale_invariant_error_is_that_of_all_pairs_of_pixels():
    """Eigen et al. 2014, equation 2: the mean over pairs of ((x_i - x_j) - (y_i - y_j))^2 / 2."""
    for found, x, y in zip(scale_invariant_error(X, Y), X, Y, strict=True):
        d = np.asarray(x - y, np.float64).ravel()
        np.testing.assert_allclose(found, np.mean((d[:, None] - d[None]) ** 2) / 2, rtol=1e-5)


def test_a_constant_an_example_costs_nothing():
    moved = X + jnp.asarray([3.0, -1.0, 0.5])[:, None, None, None]
    np.testing.assert_allclose(scale_invariant_error(moved, X), 0, atol=1e-5)
    np.testing.assert_allclose(squared_error(moved, X), [9.0, 1.0, 0.25], rtol=1e-4)


def test_half_precision_is_summed_in_float32():
    halves = jnp.asarray(X, jnp.bfloat16)
    assert scale_invariant_error(halves, jnp.asarray(Y, jnp.bfloat16)).dtype == jnp.float32
