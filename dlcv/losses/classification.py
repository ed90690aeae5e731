"""Classification losses: one value an example."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def cross_entropy(logits: Float[Array, "*B C"], labels: Int[Array, "*B"], smoothing: float = 0.0) -> Float[Array, "*B"]:
    """-sum_c t_c log softmax(logits)_c in nats, in float32; t is one-hot, mixed with the uniform distribution by `smoothing`.

    (Szegedy et al., Rethinking the Inception Architecture, 2016, for the smoothing.)
    """
    logp = jax.nn.log_softmax(logits.astype(jnp.float32))
    truth = jnp.take_along_axis(logp, labels[..., None], axis=-1)[..., 0]
    return -(1 - smoothing) * truth - smoothing * logp.mean(-1)


def binary_cross_entropy(logits: Float[Array, "*B"], targets: Float[Array, "*B"] | float) -> Float[Array, "*B"]:
    """-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) in nats, in float32 and without overflow."""
    logits = logits.astype(jnp.float32)
    return jax.nn.softplus(logits) - targets * logits


def correct(logits: Float[Array, "*B C"], labels: Int[Array, "*B"]) -> Float[Array, "*B"]:
    """1 where the largest logit is the label's, else 0."""
    return (logits.argmax(-1) == labels).astype(jnp.float32)
