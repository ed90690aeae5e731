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


def thinned(
    key: Key[Array, ""], strokes_BT3: Float[Array, "B T 3"], lengths_B: Int[Array, "B"], share: float
) -> tuple[Float[Array, "B T 3"], Int[Array, "B"]]:
    """Drawings and lengths without a random `share` of the points inside a line: the pen goes straight on to the next that is kept.

    Ha and Eck, "A Neural Representation of Sketch Drawings", 2017, section 4.1: drawings are varied by dropping points.
    """
    step_T = jnp.arange(strokes_BT3.shape[1])
    lifted = (strokes_BT3[..., 2] > 0) | (step_T == lengths_B[:, None] - 1)
    inside = step_T < lengths_B[:, None]
    begins = jnp.pad(lifted[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    dropped = jax.random.bernoulli(key, share, inside.shape) & ~begins & ~lifted
    kept = inside & ~dropped
    front = jnp.argsort(~kept, axis=1, stable=True)[..., None]  # kept points first, in their order
    places = jnp.take_along_axis(jnp.cumsum(strokes_BT3[..., :2], axis=1), front, axis=1)
    moves = jnp.diff(places, axis=1, prepend=jnp.zeros_like(places[:, :1]))
    strokes = jnp.concatenate([moves, jnp.take_along_axis(strokes_BT3[..., 2:], front, axis=1)], axis=-1)
    lengths = kept.sum(1)
    return strokes * (step_T < lengths[:, None])[..., None], lengths
