"""How a state depends on the states before it: the products of Jacobians of which back-propagation through time is made.

Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013. With W the recurrent matrix: where
every singular value is below 1 (and |f'| <= 1) gradients vanish, which suffices; one above 1 is necessary for them to explode, not
sufficient, since f saturates.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def jacobian_norms(step: Callable, state_S: Float[Array, "S"], x_TD: Float[Array, "T D"]) -> Float[Array, "T"]:
    """Frobenius norms of d state_T / d state_t over sqrt(S), for distances T - t from 1 to T, of `step(state_S, x_D) -> state_S`.

    An orthogonal Jacobian has the norm 1 whatever S is. State is everything that is handed on: of an LSTM memory and output both.
    """

    def forward(state_S, x_D):
        return step(state_S, x_D), jax.jacobian(step)(state_S, x_D)

    _, jacobians_TSS = jax.lax.scan(forward, state_S, x_TD)

    def backward(product_SS, jacobian_SS):
        product_SS = product_SS @ jacobian_SS
        largest = jnp.maximum(jnp.abs(product_SS).max(), jnp.finfo(product_SS.dtype).tiny)  # squares would underflow
        return product_SS, largest * jnp.linalg.norm(product_SS / largest) / jnp.sqrt(len(product_SS))

    return jax.lax.scan(backward, jnp.eye(len(state_S), dtype=state_S.dtype), jacobians_TSS, reverse=True)[1][::-1]


def with_singular_values(key: Array, size: int, value: float) -> Float[Array, "{size} {size}"]:
    """A random matrix all of whose singular values are `value`."""
    return value * jax.random.orthogonal(key, size)
