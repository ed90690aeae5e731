"""Images that a score is largest for, found by gradient ascent under regularisers."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.ops.attribution import Score, gradient
from dlcv.ops.keys import named


def total_variation(images: Float[Array, "B Y X C"]) -> Float[Array, "B"]:
    """Mean squared difference of neighbours, down and to the right.

    (Mahendran and Vedaldi, Understanding Deep Image Representations by Inverting Them, 2015, equation 3, beta = 2.)
    """
    down, right = jnp.diff(images, axis=1), jnp.diff(images, axis=2)
    return (down**2).mean((1, 2, 3)) + (right**2).mean((1, 2, 3))


def maximise(
    score: Score,
    start: Float[Array, "B Y X C"],
    key: jax.Array,
    *,
    steps: int,
    rate: float,
    decay: float = 0.0,
    smoothness: float = 0.0,
    jitter: int = 0,
) -> Float[Array, "B Y X C"]:
    """The images after `steps` of ascent from `start` on score - decay mean (x - start)^2 - smoothness total variation, in [-1, 1].

    The gradient is divided by its root mean square; the step shrinks linearly to zero; before each step the images are shifted, all
    by the same random number of pixels up to `jitter`. (Simonyan, Vedaldi and Zisserman, Deep Inside Convolutional
    Networks, 2014, section 2; Mahendran and Vedaldi, 2015; Mordvintsev, Olah and Tyka, Inceptionism, 2015.)
    """

    def objective(images, shift):
        moved = jnp.roll(images, shift, (1, 2))
        distance = ((images - start) ** 2).mean((1, 2, 3))
        return score(moved) - decay * distance - smoothness * total_variation(images)

    def one(images, step):
        shift = jax.random.randint(named(key, step), (2,), -jitter, jitter + 1)
        slope = gradient(lambda images: objective(images, shift), images)
        size = jnp.sqrt((slope**2).mean((1, 2, 3), keepdims=True)) + 1e-12
        return jnp.clip(images + rate * (1 - step / steps) * slope / size, -1, 1), None

    return jax.lax.scan(one, start, jnp.arange(steps))[0]
