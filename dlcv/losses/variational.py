"""The terms of variational bounds: one value an example, in nats.

Sources: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014; Burda, Grosse and Salakhutdinov, "Importance Weighted
Autoencoders", 2016.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dlcv.losses.classification import binary_cross_entropy

Codes = Float[Array, "*B Z"]
Nats = Float[Array, "*B"]
Numbers = Float[Array, "..."]


def reparameterised(mean: Numbers, log_variance: Numbers, noise: Numbers) -> Numbers:
    """z = mu + sigma * epsilon: a draw from N(mu, sigma^2) through which gradients pass, epsilon from N(0, I); shapes broadcast."""
    return mean + jnp.exp(0.5 * log_variance) * noise


def gaussian_kl(mean: Codes, log_variance: Codes) -> Nats:
    """KL(N(mu, diag sigma^2) || N(0, I)) = 1/2 sum_j (mu_j^2 + sigma_j^2 - 1 - log sigma_j^2).

    (Kingma and Welling, 2014, appendix B.)
    """
    return 0.5 * (mean**2 + jnp.expm1(log_variance) - log_variance).sum(-1)


def gaussian_log_density(z: Codes, mean: Numbers | float, log_variance: Numbers | float) -> Nats:
    """log N(z; mu, diag sigma^2)."""
    log_variance = jnp.broadcast_to(log_variance, z.shape)
    return -0.5 * (np.log(2 * np.pi) + log_variance + (z - mean) ** 2 * jnp.exp(-log_variance)).sum(-1)


def bernoulli_log_likelihood(logits: Float[Array, "*B Y X C"], pixels: Float[Array, "*B Y X C"]) -> Nats:
    """sum_i x_i log p_i + (1 - x_i) log(1 - p_i) over an image's entries x in {0, 1}, p = sigmoid(logits)."""
    return -binary_cross_entropy(logits, pixels).sum((-3, -2, -1))


def gaussian_log_likelihood(mean: Float[Array, "*B Y X C"], pixels: Float[Array, "*B Y X C"], sigma: float) -> Nats:
    """log N(x; mu, sigma^2 I) over an image's entries: a density, so that nats depend on the scale of x."""
    squares = ((pixels - mean) / sigma) ** 2
    return -0.5 * (squares + np.log(2 * np.pi * sigma**2)).sum((-3, -2, -1))


def negative_elbo(log_likelihood: Nats, kl: Nats, beta: float | Array = 1.0) -> Nats:
    """-(E log p(x|z) - beta KL(q(z|x) || p(z))); at beta = 1 an upper bound of -log p(x).

    (beta: Higgins et al., "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework", 2017.)
    """
    return beta * kl - log_likelihood


def importance_weighted_bound(log_weights_KB: Float[Array, "K *B"]) -> Nats:
    """log 1/K sum_k w_k with w_k = p(x, z_k) / q(z_k|x): a bound of log p(x) that rises with K; K = 1 is the ELBO's estimate.

    (Burda et al., 2016, equation 8.)
    """
    return jax.nn.logsumexp(log_weights_KB, axis=0) - jnp.log(len(log_weights_KB))


def warmed_up(beta: float, step: Array | int, steps: int) -> Array | float:
    """beta * min(1, (step + 1) / steps), the whole beta at once where steps = 0.

    (Bowman et al., "Generating Sentences from a Continuous Space", 2016; Sonderby et al., "Ladder Variational Autoencoders", 2016.)
    """
    return beta * jnp.minimum(1.0, (step + 1) / steps) if steps else beta


def annealed(beta: float, step: Array | int, steps: int) -> Array | float:
    """beta * sigmoid(12 (step / steps - 1/2)): next to nothing at first, so that codes come to be used; the whole beta where steps = 0.

    (Bowman et al., 2016, figure 2.)
    """
    return beta * jax.nn.sigmoid(12 * (step / steps - 0.5)) if steps else beta
