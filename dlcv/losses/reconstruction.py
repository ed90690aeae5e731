"""Errors of a reconstruction: one value an example, means over everything but the batch axis."""

from collections.abc import Callable, Mapping

import jax.numpy as jnp
from jaxtyping import Array, Float

Arrays = Float[Array, "B *shape"]


def squared_error(reconstruction: Arrays, truth: Arrays) -> Float[Array, " B"]:
    """|x - x'|^2 / k over the k entries of an example, in float32."""
    return (_residuals(reconstruction, truth) ** 2).mean(1)


def absolute_error(reconstruction: Arrays, truth: Arrays) -> Float[Array, " B"]:
    """|x - x'|_1 / k over the k entries of an example, in float32."""
    return jnp.abs(_residuals(reconstruction, truth)).mean(1)


def scale_invariant_error(reconstruction: Arrays, truth: Arrays) -> Float[Array, " B"]:
    """|x - x'|^2 / k - (sum(x - x') / k)^2: the squared error left when a constant may be added to each example.

    (Eigen, Puhrsch and Fergus, "Depth Map Prediction from a Single Image using a Multi-Scale Deep Network", 2014, whose x is
    a logarithm, so that the constant is a scale; on images: Bousmalis et al., "Domain Separation Networks", 2016, equation 4.)
    """
    residuals = _residuals(reconstruction, truth)
    return (residuals**2).mean(1) - residuals.mean(1) ** 2


def _residuals(reconstruction, truth):
    return (truth.astype(jnp.float32) - reconstruction.astype(jnp.float32)).reshape(len(truth), -1)


RECONSTRUCTIONS: Mapping[str, Callable[[Arrays, Arrays], Float[Array, " B"]]] = {
    "squared": squared_error,
    "absolute": absolute_error,
    "scale_invariant": scale_invariant_error,
}
