"""Classifiers that need no tuning of a network: nearest neighbour, nearest mean, a linear support vector machine."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from dlcv.errors import Misuse
from dlcv.shallow import checks
from dlcv.shallow.kernels import squared_distances


@jax.jit
def nearest(
    train_ND: Float[Array, "N D"], labels_N: Int[Array, " N"], test_MD: Float[Array, "M D"]
) -> Int[Array, " M"]:
    """The label of the nearest training row, the first of equals: `nearest_neighbour` for traced arrays."""
    return labels_N[jnp.argmin(squared_distances(test_MD, train_ND), axis=1)]


def nearest_neighbour(train, labels, test) -> np.ndarray:
    """The labels [M] of the training rows [N, D] nearest to each test row [M, D]; of equal distances the first.

    Raises Misuse for NaN, other widths, and labels that are not 0..C-1. Cover, Hart, "Nearest Neighbor Pattern Classification", 1967.
    """
    return _in_float64(nearest, train, labels, test)


def nearest_mean(train, labels, test) -> np.ndarray:
    """The class [M] whose mean over the training rows [N, D] is nearest to each test row [M, D]; raises as `nearest_neighbour`."""

    def classify(train_ND, labels_N, test_MD):
        member_NC = jax.nn.one_hot(labels_N, int(labels_N.max()) + 1)
        return jnp.argmin(squared_distances(test_MD, member_NC.T @ train_ND / member_NC.sum(0)[:, None]), axis=1)

    return _in_float64(classify, train, labels, test)


def linear_svm(train, labels, test, *, cost: float = 1.0) -> np.ndarray:
    """The class [M] with the largest one-against-rest score x w_c + b_c, trained on [N, D] by `support_vector_weights`.

    Raises as `nearest_neighbour`. Fan et al., "LIBLINEAR: A Library for Large Linear Classification", 2008.
    """

    def classify(train_ND, labels_N, test_MD):
        weight_EC = support_vector_weights(train_ND, labels_N, cost, classes=int(labels_N.max()) + 1)
        return jnp.argmax(test_MD @ weight_EC[:-1] + weight_EC[-1], axis=1)

    return _in_float64(classify, train, labels, test)


@functools.partial(jax.jit, static_argnames="classes")
def support_vector_weights(
    train_ND: Float[Array, "N D"], labels_N: Int[Array, " N"], cost, *, classes: int
) -> Float[Array, "E C"]:
    """A column of `support_vector` for each class against the rest, the bias in the last row (E = D + 1).

    Solved in the span of the samples where that is narrower than the features: the optimum lies there.
    """
    x_NE = jnp.concatenate([train_ND, jnp.ones_like(train_ND[:, :1])], axis=1)
    sign_CN = 2 * jax.nn.one_hot(labels_N, classes, dtype=x_NE.dtype).T - 1
    costs_N = jnp.full(len(x_NE), cost)
    basis_ER = jnp.linalg.qr(x_NE.T)[0] if x_NE.shape[0] < x_NE.shape[1] else jnp.eye(x_NE.shape[1])
    return basis_ER @ jax.lax.map(lambda sign_N: support_vector(x_NE @ basis_ER, sign_N, costs_N), sign_CN).T


def support_vector(
    x_NE: Float[Array, "N E"], sign_N: Float[Array, " N"], cost_N: Float[Array, " N"], *, iterations: int = 100
) -> Float[Array, " E"]:
    """argmin 1/2 |w|^2 + sum_i cost_i max(0, 1 - sign_i x_i w)^2, by Newton's method over the samples inside the margin.

    Each step goes as far towards the active set's minimum as the best of eight halvings. Chapelle, "Training a Support Vector
    Machine in the Primal", 2007.
    """
    steps_S = 0.5 ** jnp.arange(8.0)

    def objective(w_E):
        slack_N = jnp.maximum(0.0, 1 - sign_N * (x_NE @ w_E))
        return 0.5 * w_E @ w_E + cost_N @ slack_N**2

    def newton(carry):
        count, w_E, _ = carry
        active_N = 2 * cost_N * (sign_N * (x_NE @ w_E) < 1)
        hessian_EE = jnp.eye(len(w_E)) + (x_NE.T * active_N) @ x_NE
        move_E = jnp.linalg.solve(hessian_EE, x_NE.T @ (active_N * sign_N)) - w_E
        tried_SE = w_E + steps_S[:, None] * move_E
        best_E = tried_SE[jnp.argmin(jax.vmap(objective)(tried_SE))]
        return count + 1, best_E, jnp.linalg.norm(move_E)

    def going(carry):
        count, w_E, moved = carry
        return (count < iterations) & (moved > 1e-10 * (1 + jnp.linalg.norm(w_E)))

    return jax.lax.while_loop(going, newton, (0, jnp.zeros_like(x_NE[0]), jnp.inf))[1]


def _in_float64(classify, train, labels, test) -> np.ndarray:
    train, test = checks.features(train, "the training rows"), checks.features(test, "the test rows")
    if train.shape[1] != test.shape[1]:
        raise Misuse(
            f"the training rows have {train.shape[1]} features, the test rows {test.shape[1]}: they must agree"
        )
    labels = checks.classes(labels, len(train))
    with jax.enable_x64(True):
        return np.asarray(classify(jnp.asarray(train), jnp.asarray(labels), jnp.asarray(test)))
