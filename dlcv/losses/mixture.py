"""Mixture density of a drawing's next point: M bivariate Gaussians over the offset, three states of the pen.

Sources: Bishop, "Mixture Density Networks", 1994; Graves, "Generating Sequences With Recurrent Neural Networks", 2013; Ha and Eck, "A
Neural Representation of Sketch Drawings", 2017.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

PEN = 3


class Mixture(NamedTuple):
    """log weights (of sum 1), means, log standard deviations, correlations, and log probabilities of the pen's states."""

    log_weight_M: Float[Array, "*B M"]
    mean_M2: Float[Array, "*B M 2"]
    log_sigma_M2: Float[Array, "*B M 2"]
    correlation_M: Float[Array, "*B M"]
    log_pen: Float[Array, "*B 3"]


def mixture(outputs: Float[Array, "*B F"], limit: float = 0.999) -> Mixture:
    """F = 6 M + 3 numbers as a distribution: softmax, identity, exp and tanh; |correlation| stays below `limit`."""
    pen, rest = outputs[..., :PEN], outputs[..., PEN:]
    weight, mean_x, mean_y, log_x, log_y, correlation = jnp.split(rest, 6, -1)
    return Mixture(
        jax.nn.log_softmax(weight, -1), jnp.stack([mean_x, mean_y], -1), jnp.stack([log_x, log_y], -1),
        limit * jnp.tanh(correlation), jax.nn.log_softmax(pen, -1),
    )  # fmt: skip


def log_density(found: Mixture, offset: Float[Array, "*B 2"]) -> Float[Array, "*B"]:
    """log sum_j w_j N(offset; mu_j, sigma_j, rho_j), with Z = zx^2 + zy^2 - 2 rho zx zy and
    N = exp(-Z / (2 (1 - rho^2))) / (2 pi sigma_x sigma_y sqrt(1 - rho^2)). (Graves, 2013, equations 24 and 25.)
    """
    z = (offset[..., None, :] - found.mean_M2) * jnp.exp(-found.log_sigma_M2)
    free = 1 - found.correlation_M**2
    square = (z**2).sum(-1) - 2 * found.correlation_M * z[..., 0] * z[..., 1]
    log_n = -square / (2 * free) - jnp.log(2 * jnp.pi) - found.log_sigma_M2.sum(-1) - 0.5 * jnp.log(free)
    return jax.nn.logsumexp(found.log_weight_M + log_n, -1)


def log_pen_probability(found: Mixture, pen: Float[Array, "*B 3"]) -> Float[Array, "*B"]:
    """log q of the state that is 1."""
    return (found.log_pen * pen).sum(-1)


def draw(key: Key[Array, ""], found: Mixture, temperature: float | Float[Array, ""] = 1.0) -> Float[Array, "*B 5"]:
    """A point: log weights and log pen divided by the temperature, variances times it; 1 draws from the mixture itself.

    (Ha and Eck, 2017, equation 8.)
    """
    keys = jax.random.split(key, 3)
    chosen = jax.random.categorical(keys[0], found.log_weight_M / temperature)[..., None]
    mean, log_sigma = (
        jnp.take_along_axis(values, chosen[..., None], -2)[..., 0, :] for values in (found.mean_M2, found.log_sigma_M2)
    )
    rho = jnp.take_along_axis(found.correlation_M, chosen, -1)[..., 0]
    noise = jax.random.normal(keys[1], mean.shape)
    second = rho * noise[..., 0] + jnp.sqrt(1 - rho**2) * noise[..., 1]
    sigma = jnp.exp(log_sigma) * temperature**0.5
    offset = mean + sigma * jnp.stack([noise[..., 0], second], -1)
    pen = jax.nn.one_hot(jax.random.categorical(keys[2], found.log_pen / temperature), PEN)
    return jnp.concatenate([offset, pen], -1)
