"""Drawings as sequences of offsets and pen states.

A point is (dx, dy, p1, p2, p3): the pen draws on from it, is lifted after it, or the drawing has ended: Ha and Eck, "A Neural
Representation of Sketch Drawings", 2017.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

Points = Float[Array, "B T 5"]
START = (0.0, 0.0, 1.0, 0.0, 0.0)


def with_pen(strokes_BT3: Float[Array, "B T 3"], lengths_B: Int[Array, "B"]) -> Float[Array, "B T+1 5"]:
    """Offsets and a mark where the pen is lifted, to points; every place past a drawing's length says that it has ended."""
    inside = jnp.arange(strokes_BT3.shape[1] + 1) < lengths_B[:, None]
    moves, lifted = jnp.split(jnp.pad(strokes_BT3, ((0, 0), (0, 1), (0, 0))), [2], -1)
    pen = jnp.where(
        inside[..., None], jnp.concatenate([1 - lifted, lifted, 0 * lifted], -1), jnp.array([0.0, 0.0, 1.0])
    )
    return jnp.concatenate([moves * inside[..., None], pen], -1)


def shifted(points: Points) -> Points:
    """What stands before each point: a start, then all but the last."""
    start = jnp.broadcast_to(jnp.array(START, points.dtype), (len(points), 1, 5))
    return jnp.concatenate([start, points[:, :-1]], 1)


def stretched(key: Key[Array, ""], points: Points, most: float) -> Points:
    """Each drawing widened and heightened by two random factors in [1 - most, 1 + most]."""
    factors = jax.random.uniform(key, (len(points), 1, 2), minval=1 - most, maxval=1 + most)
    return jnp.concatenate([points[..., :2] * factors, points[..., 2:]], -1)
