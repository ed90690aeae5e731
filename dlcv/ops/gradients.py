"""Functions that change a gradient and nothing else."""

import jax
from jaxtyping import Array, Float


@jax.custom_vjp
def reverse_gradient(x: Float[Array, "*shape"], weight: Float[Array, ""] | float) -> Float[Array, "*shape"]:
    """x forward, -weight times the gradient backward.

    (Ganin and Lempitsky, Unsupervised Domain Adaptation by Backpropagation, 2015.)
    """
    return x


def _forward(x, weight):
    return x, weight


def _backward(weight, gradient):
    return jax.tree.map(lambda g: -weight * g, gradient), None


reverse_gradient.defvjp(_forward, _backward)
