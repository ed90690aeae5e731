"""Points with pen states by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.strokes import shifted, stretched, with_pen

STROKES = jnp.array([[[1.0, 2, 0], [3, 4, 1], [9, 9, 0]], [[5.0, 6, 0], [7, 8, 0], [1, 1, 1]]])
LENGTHS = jnp.array([2, 3])


def test_pen_states_follow_marks_and_lengths():
    points = np.asarray(with_pen(STROKES, LENGTHS))
    assert points[0].tolist() == [[1, 2, 1, 0, 0], [3, 4, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]]
    assert points[1, 2:].tolist() == [[1, 1, 0, 1, 0], [0, 0, 0, 0, 1]]
    before = np.asarray(shifted(jnp.asarray(points)))
    assert before[0, 0].tolist() == [0, 0, 1, 0, 0] and (before[:, 1:] == points[:, :-1]).all()


def test_a_drawing_is_stretched_whole():
    points = with_pen(STROKES, LENGTHS)
    found = stretched(jax.random.key(0), points, 0.2)
    factors = np.asarray(found[:, 0, :2] / points[:, 0, :2])
    np.testing.assert_allclose(found[..., :2], points[..., :2] * factors[:, None], rtol=1e-6)
    assert (abs(factors - 1) <= 0.2).all() and len(np.unique(factors.round(4))) == 4
    np.testing.assert_array_equal(found[..., 2:], points[..., 2:])
