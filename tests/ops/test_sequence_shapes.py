"""The shapes of recurrence with a step whose outputs can be told by hand: a running sum."""

import jax.numpy as jnp
import numpy as np

from dlcv.ops.sequences import many_to_many, many_to_many_asynchronous, many_to_one, one_to_many

X_TB = jnp.asarray(np.random.default_rng(0).integers(0, 9, (5, 2)))


def running_sum(state, x):
    return state + x, state + x


def test_synchronous_gives_an_output_with_every_input():
    last, y_TB = many_to_many(running_sum, jnp.zeros(2, int), X_TB)
    np.testing.assert_array_equal(y_TB, np.cumsum(X_TB, 0))
    np.testing.assert_array_equal(last, X_TB.sum(0))


def test_many_to_one_is_the_last_output():
    np.testing.assert_array_equal(many_to_one(running_sum, jnp.zeros(2, int), X_TB), X_TB.sum(0))


def test_one_to_many_feeds_each_output_back():
    """Every output doubles the sum: 3, 6, 12; with feed = 1 it grows by one."""
    np.testing.assert_array_equal(one_to_many(running_sum, jnp.array([0]), jnp.array([3]), 4)[:, 0], [3, 6, 12, 24])
    ones = one_to_many(running_sum, jnp.array([0]), jnp.array([3]), 4, feed=jnp.ones_like)
    np.testing.assert_array_equal(ones[:, 0], [3, 4, 5, 6])


def test_asynchronous_reads_everything_before_it_speaks():
    y_SB = many_to_many_asynchronous(
        running_sum,
        lambda state, x: (state - x, state - x),
        jnp.zeros(2, int),
        X_TB,
        jnp.ones(2, int),
        3,
        feed=jnp.ones_like,
    )
    np.testing.assert_array_equal(y_SB, X_TB.sum(0) - np.array([[1], [2], [3]]))
