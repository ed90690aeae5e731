"""Points with pen states by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.strokes import shifted, stretched, thinned, with_pen

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


def test_a_thinned_line_goes_straight_on_to_the_next_kept_point():
    strokes, lengths = map(np.asarray, thinned(jax.random.key(0), STROKES, LENGTHS, 1.0))  # all points inside lines go
    assert lengths.tolist() == [2, 2]
    assert strokes[0].tolist() == [[1, 2, 0], [3, 4, 1], [0, 0, 0]]  # first and last of a line stay
    assert strokes[1].tolist() == [[5, 6, 0], [8, 9, 1], [0, 0, 0]]


def test_thinning_keeps_places_and_lifts_and_drops_the_share_asked_for():
    rng = np.random.default_rng(0)
    drawings = np.concatenate([rng.normal(size=(200, 60, 2)), rng.random((200, 60, 1)) < 0.1], -1).astype(np.float32)
    lengths = rng.integers(20, 61, 200)
    drawings *= (np.arange(60) < lengths[:, None])[..., None]
    found, shorter = map(np.asarray, thinned(jax.random.key(1), jnp.asarray(drawings), jnp.asarray(lengths), 0.1))
    assert 0.05 < 1 - shorter.sum() / lengths.sum() < 0.1  # ends of lines are safe
    for before, after, T, t in zip(drawings, found, lengths, shorter, strict=True):
        assert before[:, 2].sum() == after[:, 2].sum() and not after[t:].any()
        np.testing.assert_allclose(before[:T, :2].sum(0), after[:t, :2].sum(0), atol=1e-3)
        places = {tuple(row) for row in before[:T, :2].cumsum(0).round(2)}
        assert sum(tuple(row) in places for row in after[:t, :2].cumsum(0).round(2)) >= 0.7 * t
