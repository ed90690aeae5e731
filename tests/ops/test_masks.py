"""Masks against their definitions, entry by entry."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops import masks


def where(mask, rule, batch=1):
    """The mask broadcast to (batch, L, M) equals rule(b, l, m) everywhere."""
    found = np.asarray(jnp.broadcast_to(mask, (batch, 1, *mask.shape[2:])))[:, 0]
    for place in itertools.product(*map(range, found.shape)):
        assert found[place] == rule(*place), place


@pytest.mark.parametrize("first", [0, 2])
def test_causal_sees_itself_and_the_past(first):
    where(masks.causal(3, 5, first), lambda b, query, key: key <= query + first)


def test_local_sees_a_window_and_with_causal_its_past_half():
    where(masks.local(6, 2), lambda b, query, key: abs(query - key) <= 2)
    where(masks.local(6, 2) & masks.causal(6), lambda b, query, key: 0 <= query - key <= 2)


def test_padding_hides_what_lies_past_each_rows_length():
    lengths = jnp.array([0, 2, 4])
    where(masks.padding(lengths, 4), lambda b, query, key: key < lengths[b], batch=3)
    np.testing.assert_array_equal(masks.cross(lengths, 4), masks.padding(lengths, 4))


def test_a_prefix_is_seen_whole_and_what_follows_step_by_step():
    lengths = jnp.array([0, 3])
    where(masks.prefix(lengths, 5), lambda b, query, key: key <= query or key < lengths[b], batch=2)
    np.testing.assert_array_equal(masks.prefix(lengths, 5)[0], masks.causal(5)[0])
    np.testing.assert_array_equal(masks.prefix(jnp.array([5]), 5), masks.bidirectional(5))
    where(masks.prefix(lengths, 2, 6, 1), lambda b, query, key: key <= query + 1 or key < lengths[b], batch=2)
