"""The spherical walk turns by equal angles and ends where it should."""

import jax.numpy as jnp
import numpy as np

from dlcv.ops.interpolation import spherical


def test_the_walk_turns_by_equal_angles_from_end_to_end():
    one, other = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    one, other = (codes / np.linalg.norm(codes, axis=-1, keepdims=True) for codes in (one, other))
    walk = np.asarray(spherical(jnp.asarray(one), jnp.asarray(other), 7))
    np.testing.assert_allclose(walk[:, [0, -1]], np.stack([one, other], 1), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(walk, axis=-1), 1, atol=1e-5)
    cosines = (walk[:, :-1] * walk[:, 1:]).sum(-1)
    np.testing.assert_allclose(cosines, cosines[:, :1] * np.ones(6), atol=1e-4)


def test_between_codes_of_one_direction_it_is_straight():
    one = jnp.array([[1.0, 2.0]])
    np.testing.assert_allclose(spherical(one, 3 * one, 3)[0], [[1, 2], [2, 4], [3, 6]], atol=1e-4)
