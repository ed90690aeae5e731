"""Position encodings against the slides, their papers' formulas, and the properties that the lecture asks of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.positions import (
    alibi,
    alibi_slopes,
    relative_buckets,
    relative_positions,
    rotary,
    sinusoidal_positions,
)


def test_position_table_with_n_100_and_width_4():
    """The lecture's table, frequencies counted from 0, two digits."""
    expected = [[0, 1, 0, 1], [0.84, 0.54, 0.10, 1.0], [0.91, -0.42, 0.20, 0.98], [0.14, -0.99, 0.30, 0.96]]
    np.testing.assert_allclose(sinusoidal_positions(4, 4, n=100), expected, atol=6e-3)


def test_frequencies_counted_from_1_are_the_other_lectures():
    k = np.arange(1, 4)
    angles = np.arange(5)[:, None] / 10_000 ** (2 * k / 6)
    table = sinusoidal_positions(5, 6, first=1)
    np.testing.assert_allclose(table[:, 0::2], np.sin(angles), atol=1e-6)
    np.testing.assert_allclose(table[:, 1::2], np.cos(angles), atol=1e-6)


def test_a_shift_of_position_is_a_rotation_that_does_not_depend_on_the_position():
    table = sinusoidal_positions(12, 8).reshape(12, 4, 2)
    moved = sinusoidal_positions(15, 8).reshape(15, 4, 2)[3:]
    w = 3 * 10_000.0 ** (-2 * np.arange(4) / 8)
    rotation = np.stack([np.stack([np.cos(w), np.sin(w)], -1), np.stack([-np.sin(w), np.cos(w)], -1)], -2)
    np.testing.assert_allclose(np.einsum("kij,lkj->lki", rotation, table), moved, atol=1e-5)


def test_an_odd_width_is_named():
    with pytest.raises(ValueError, match="width 5 of a sinusoidal table is odd"):
        sinusoidal_positions(4, 5)


def test_sinusoids_are_unique_bounded_consistent_and_go_on_past_any_length():
    """The slide's wishes: each position its own code, bounded, the same distance for the same step, longer than trained, no chance."""
    table = np.asarray(sinusoidal_positions(2000, 16))
    assert len(np.unique(table.round(4), axis=0)) == 2000 and np.abs(table).max() <= 1
    for step in (1, 7):
        apart = np.linalg.norm(table[step:] - table[:-step], axis=1)
        np.testing.assert_allclose(apart, apart[0], atol=5e-3)
    np.testing.assert_array_equal(table[:50], sinusoidal_positions(50, 16))


def test_rotary_turns_each_pair_by_its_angle_and_scores_see_only_the_difference():
    q, k = (jax.random.normal(key, (1, 1, 2, 6)) for key in jax.random.split(jax.random.key(0)))
    place = jnp.array([[5]])
    turned = np.asarray(rotary(q, place))
    pairs = np.asarray(q[..., 0::2] + 1j * np.asarray(q[..., 1::2]))
    angles = 5 * 10_000.0 ** (-2 * np.arange(3) / 6)
    np.testing.assert_allclose(turned[..., 0::2] + 1j * turned[..., 1::2], pairs * np.exp(1j * angles), atol=1e-5)
    scores = [(rotary(q, place + s) * rotary(k, place + 3 + s)).sum(-1) for s in (0, 11, 400)]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)
    np.testing.assert_allclose(scores[2], scores[0], atol=1e-3)
    np.testing.assert_array_equal(rotary(q, jnp.zeros((1, 1), int)), q)
    with pytest.raises(ValueError, match="width 5 of a head is odd"):
        rotary(jnp.zeros((1, 1, 1, 5)), place)


def test_alibi_has_the_papers_slopes_and_falls_with_distance():
    np.testing.assert_allclose(alibi_slopes(8), [2.0**-i for i in range(1, 9)])
    np.testing.assert_allclose(alibi_slopes(6), [2**-2, 2**-4, 2**-6, 2**-8, 2**-1, 2**-3])
    bias = np.asarray(alibi(2, 3, 5, first=2))
    for head, slope in enumerate((2**-4, 2**-8)):
        np.testing.assert_allclose(bias[0, head, 1], [-3 * slope, -2 * slope, -slope, 0, -slope])


def test_relative_buckets_are_those_of_t5():
    """Near distances have a bucket each; the others are the logarithm's, up to the furthest; both sides have their own."""
    away = np.arange(-200, 201)
    found = np.asarray(relative_buckets(jnp.asarray(away)[None, :]))[0]
    for distance, bucket in zip(away, found, strict=True):
        size = abs(distance)
        if size >= 8:
            size = min(15, 8 + int(np.float32(np.log(np.float32(size) / 8) / np.log(128 / 8) * 8)))
        assert bucket == size + 16 * (distance > 0), distance
    one_way = np.asarray(relative_buckets(relative_positions(4, 4), both_ways=False))
    np.testing.assert_array_equal(one_way, [[0, 0, 0, 0], [1, 0, 0, 0], [2, 1, 0, 0], [3, 2, 1, 0]])
