"""Gram matrices, their centring, and their factors."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dlcv.errors import unknown

KERNELS = ("linear", "rbf")


@jax.jit
def squared_distances(x_ND: Float[Array, "N D"], y_MD: Float[Array, "M D"]) -> Float[Array, "N M"]:
    """|x_i - y_j|^2, not below 0."""
    squares_N1, squares_1M = jnp.sum(x_ND**2, 1)[:, None], jnp.sum(y_MD**2, 1)[None]
    return jnp.maximum(squares_N1 + squares_1M - 2 * x_ND @ y_MD.T, 0.0)


def kernel_of(name: str, width: float | Array | None, x_ND: Float[Array, "N D"]) -> Callable[[Array, Array], Array]:
    """k(a, b) -> [A, B]: the inner product, or exp(-|a - b|^2 / (2 width^2)); no width: the median distance among `x_ND`.

    Raises Misuse for an unknown name.
    """
    if name == "linear":
        return lambda a, b: a @ b.T
    if name == "rbf":
        if width is None:
            width = np.sqrt(np.median(np.asarray(squared_distances(x_ND, x_ND))))  # numpy selects where jax sorts
        return lambda a, b: jnp.exp(-squared_distances(a, b) / (2 * width**2))
    raise unknown("kernel", name, KERNELS)


def centred(k_NM: Float[Array, "N M"], gram_MM: Float[Array, "M M"]) -> Float[Array, "N M"]:
    """The kernel of new against fitted samples after the fitted samples' mean is moved to the origin of feature space.

    Schölkopf, Smola, Müller, "Nonlinear Component Analysis as a Kernel Eigenvalue Problem", 1998.
    """
    return k_NM - k_NM.mean(1, keepdims=True) - gram_MM.mean(0) + gram_MM.mean()


def gram_factor(name: str, x_ND: Float[Array, "N D"], gram_NN: Float[Array, "N N"]) -> Float[Array, "N R"]:
    """V with V V' = K H K, H the centring matrix: K H, or the narrower X R' with QR = HX where K = X X'."""
    if name == "linear":
        return x_ND @ jnp.linalg.qr(x_ND - x_ND.mean(0), mode="r").T
    return gram_NN - gram_NN.mean(1, keepdims=True)
