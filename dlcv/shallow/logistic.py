"""Multinomial logistic regression, by L-BFGS to convergence."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int


class Logistic(NamedTuple):
    """Logits x W + b, and the largest entry of the gradient that the optimiser stopped at."""

    weight_DC: Float[Array, "D C"]
    bias_C: Float[Array, " C"]
    gradient: Float[Array, ""]

    def logits(self, x_ND: Float[Array, "N D"]) -> Float[Array, "N C"]:
        """log p(y | x) up to a constant of each row."""
        return x_ND @ self.weight_DC + self.bias_C


@partial(jax.jit, static_argnames="classes")
def logistic_regression(
    x_ND: Float[Array, "N D"],
    labels_N: Int[Array, " N"],
    *,
    classes: int,
    penalty: float | Array = 1e-3,
    tolerance: float | Array = 1e-6,
    iterations: int | Array = 5000,
) -> Logistic:
    """argmin of the mean cross-entropy + penalty / 2 |W|^2, the bias free, to a gradient of `tolerance`.

    Without a penalty separable examples have no minimum. Solved in the span of the centred examples where that is narrower than the
    features: the optimum lies there. Nocedal and Wright, "Numerical Optimization", 2006, chapter 7.
    """
    middle_D = x_ND.mean(0)
    centred_ND = x_ND - middle_D
    basis_DR = jnp.linalg.qr(centred_ND.T)[0] if len(x_ND) < x_ND.shape[1] else jnp.eye(x_ND.shape[1], dtype=x_ND.dtype)
    rows_NR = centred_ND @ basis_DR

    def objective(given):
        weight_RC, bias_C = given
        losses_N = optax.losses.softmax_cross_entropy_with_integer_labels(rows_NR @ weight_RC + bias_C, labels_N)
        return losses_N.mean() + 0.5 * penalty * (weight_RC**2).sum()

    optimizer, value_and_grad = optax.lbfgs(), optax.value_and_grad_from_state(objective)

    def step(carry):
        given, state, _, count = carry
        value, gradient = value_and_grad(given, state=state)
        updates, state = optimizer.update(gradient, state, given, value=value, grad=gradient, value_fn=objective)
        return optax.apply_updates(given, updates), state, _largest(gradient), count + 1

    begin = jnp.zeros((rows_NR.shape[1], classes), x_ND.dtype), jnp.zeros(classes, x_ND.dtype)
    carry = begin, optimizer.init(begin), jnp.asarray(jnp.inf, x_ND.dtype), 0
    (weight_RC, bias_C), _, _, _ = jax.lax.while_loop(
        lambda carry: (carry[2] > tolerance) & (carry[3] < iterations), step, carry
    )
    left = _largest(jax.grad(objective)((weight_RC, bias_C)))
    weight_DC = basis_DR @ weight_RC
    return Logistic(weight_DC, bias_C - middle_D @ weight_DC, left)


def _largest(gradient) -> Array:
    return jnp.max(jnp.stack([jnp.abs(part).max() for part in gradient]))
