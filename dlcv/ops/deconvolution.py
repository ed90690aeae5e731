"""From an activation back to the pixels that caused it (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014).

Convolutions are transposed, a maximum hands the signal to the place it came from (the switch), and a rectifier rectifies the
signal: the backward pass of a network whose ReLU is `dlcv.ops.rectifiers.deconvolution_relu`. Equal largest values, which all
are zero after a ReLU, share the signal where the paper's switch picks one; a batch norm scales it as it scales activations.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def strongest(activation: Float[Array, "B P Q C"], channel: Int[Array, "B"]) -> Float[Array, "B P Q C"]:
    """Each image's activation, all but the largest of one channel set to zero; the first of several equal ones."""
    B, P, Q, C = activation.shape
    chosen = jnp.take_along_axis(activation, channel[:, None, None, None], 3).reshape(B, P * Q)
    place = jax.nn.one_hot(chosen.argmax(1), P * Q).reshape(B, P, Q, 1)
    return activation * place * jax.nn.one_hot(channel, C)[:, None, None]


def deconvolve(
    forward: Callable[[Float[Array, "B Y X D"]], Float[Array, "B P Q C"]],
    images: Float[Array, "B Y X D"],
    channel: Int[Array, "B"],
) -> Float[Array, "B Y X D"]:
    """The largest activation of each image's `channel` carried back to its pixels; `forward` gives a layer's activations."""
    activation, back = jax.vjp(forward, images)
    return back(strongest(activation, channel))[0]
