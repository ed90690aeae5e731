"""Clipping by the global norm against optax, and what the lecture's rule, which squares the norm, does instead."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv.ops.clipping import clip_by_global_norm, clip_by_squared_norm, squared_norm

GRADIENTS = {"w": jnp.array([[3.0, 0.0], [0.0, 4.0]]), "b": jnp.array([12.0])}  # of norm 13


def norm(tree) -> float:
    return float(jnp.sqrt(squared_norm(tree)))


@pytest.mark.parametrize("threshold", [0.5, 5.0, 13.5])
def test_equals_optax_and_keeps_the_direction(threshold):
    clipped = clip_by_global_norm(GRADIENTS, threshold)
    peer, _ = optax.clip_by_global_norm(threshold).update(GRADIENTS, optax.EmptyState())
    for name in GRADIENTS:
        np.testing.assert_allclose(clipped[name], peer[name], rtol=1e-6)
    assert norm(clipped) == pytest.approx(min(13, threshold), rel=1e-6)


def test_the_lecture_s_rule_makes_large_gradients_smaller_than_small_ones():
    """Norm 13 and threshold 5: 5 / 13 comes out, not 5; ten times the gradient gives a tenth of that."""
    assert norm(clip_by_squared_norm(GRADIENTS, 5.0)) == pytest.approx(5 / 13, rel=1e-6)
    large = {name: 10 * leaf for name, leaf in GRADIENTS.items()}
    assert norm(clip_by_squared_norm(large, 5.0)) == pytest.approx(5 / 130, rel=1e-6)
    assert norm(clip_by_global_norm(large, 5.0)) == pytest.approx(5, rel=1e-6)


def test_the_lecture_s_rule_cuts_below_the_threshold_and_spares_above_it():
    """At threshold 5 a gradient of norm 3 is cut although it is short; at 0.25 one of norm 0.4 is spared although it is long."""
    short = {"w": jnp.array([3.0])}
    assert norm(clip_by_global_norm(short, 5.0)) == 3
    assert norm(clip_by_squared_norm(short, 5.0)) == pytest.approx(5 / 3, rel=1e-6)
    long = {"w": jnp.array([0.4])}
    assert norm(clip_by_global_norm(long, 0.25)) == pytest.approx(0.25, rel=1e-6)
    assert norm(clip_by_squared_norm(long, 0.25)) == pytest.approx(0.4, rel=1e-6)
