"""Penalties of the two players of an adversarial game: on the discriminator's gradient, and on a generator whose samples are alike."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Batch = Float[Array, "B *shape"]
Score = Callable[[Batch], Float[Array, " B"]]  # one score an example


def input_gradients(score: Score, x: Batch) -> Batch:
    """The gradient of each example's score with respect to that example, for a score that looks at one example at a time."""
    return jax.grad(lambda x: score(x).sum())(x)


def squared_norms(x: Batch) -> Float[Array, " B"]:
    return jnp.sum(x.reshape(len(x), -1) ** 2, axis=1)


def between(real: Batch, fake: Batch, epsilon: Float[Array, " B"]) -> Batch:
    """epsilon x + (1 - epsilon) x~: a point on the line between a real and a fake example."""
    epsilon = epsilon.reshape(-1, *(1,) * (real.ndim - 1))
    return epsilon * real + (1 - epsilon) * fake


def gradient_penalty(score: Score, real: Batch, fake: Batch, epsilon: Float[Array, " B"]) -> Float[Array, " B"]:
    """(|grad D(x^)| - 1)^2 at x^ between real and fake, epsilon uniform in [0, 1]; the paper's weight is 10.

    Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, equation 3.
    """
    squared = squared_norms(input_gradients(score, between(real, fake, epsilon)))
    return (jnp.sqrt(squared + 1e-12) - 1) ** 2  # a root has no gradient at 0


def r1(score: Score, real: Batch) -> Float[Array, " B"]:
    """|grad D(x)|^2 / 2 at real examples; the weight is the paper's gamma.

    Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", 2018, equation 9.
    """
    return squared_norms(input_gradients(score, real)) / 2


def pull_away(S_ND: Float[Array, "N D"]) -> Float[Array, ""]:
    """The mean squared cosine between the codes of two different samples: 0 where all are orthogonal, 1 where they are parallel.

    Zhao, Mathieu and LeCun, "Energy-based Generative Adversarial Network", 2017, equation 4.
    """
    N = len(S_ND)
    unit_ND = S_ND / jnp.sqrt(squared_norms(S_ND) + 1e-12)[:, None]
    squared_NN = (unit_ND @ unit_ND.T) ** 2
    return (squared_NN.sum() - jnp.trace(squared_NN)) / (N * (N - 1))


def mode_seeking(
    first: Batch, second: Batch, first_z: Float[Array, "B Z"], second_z: Float[Array, "B Z"]
) -> Float[Array, ""]:
    """1 / (mean |I2 - I1| / mean |z2 - z1| + 1e-5) of what two codes give under one condition; the paper's weight is 1.

    Mao, Lee, Tseng, Ma and Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, equation 4,
    as published with its code: the ratio is turned over and minimised, its distances are means over a batch.
    """
    return 1 / (jnp.abs(second - first).mean() / jnp.abs(second_z - first_z).mean() + 1e-5)
