"""The variational lower bound of the mutual information between a code and what is made of it: L_I = E log Q(c | x) + H(c), in nats.

Chen et al., "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative Adversarial Nets", 2016, equation 5.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def categorical_information(logits_BK: Float[Array, "B K"], c_BK: Float[Array, "B K"]) -> Float[Array, " B"]:
    """log Q(c | x) + log K of a one-hot code drawn uniformly: at most log K, 0 for a posterior that knows nothing."""
    return jnp.sum(c_BK * jax.nn.log_softmax(logits_BK.astype(jnp.float32)), axis=-1) + jnp.log(c_BK.shape[-1])


def gaussian_information(
    mean_BJ: Float[Array, "B J"], log_deviation_BJ: Float[Array, "B J"], c_BJ: Float[Array, "B J"]
) -> Float[Array, " B"]:
    """log N(c; mean, deviation) + log 2, summed over J codes drawn uniformly from [-1, 1]."""
    standard = (c_BJ - mean_BJ) * jnp.exp(-log_deviation_BJ)
    return jnp.sum(-(standard**2) / 2 - log_deviation_BJ - jnp.log(2 * jnp.pi) / 2 + jnp.log(2.0), axis=-1)


def paired_information(logits_BK: Float[Array, "B K"], others_BK: Float[Array, "B K"]) -> Float[Array, ""]:
    """Mutual information of the categories of two views of the same examples, from their joint distribution over the batch, made symmetric.

    I = sum_kl P_kl log(P_kl / (P_k P_l)): log K where both views surely have one category, and all are equally frequent.
    Ji, Henriques and Vedaldi, "Invariant Information Clustering for Unsupervised Image Classification and Segmentation", 2019, equation 3.
    """
    p, q = (jax.nn.softmax(logits.astype(jnp.float32)) for logits in (logits_BK, others_BK))
    joint = (p.T @ q + q.T @ p) / (2 * len(p)) + jnp.finfo(jnp.float32).tiny  # a category that no view has: 0 log 0 = 0
    alone = jnp.log(joint.sum(0))
    return jnp.sum(joint * (jnp.log(joint) - alone[:, None] - alone[None]))
