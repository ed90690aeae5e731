"""Texts as bags of words: how often each token occurs, whatever the order, and the weights that make rare ones count."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


def counts(tokens_BL: Int[Array, "B L"], words_BL: Bool[Array, "B L"], vocabulary: int) -> Float[Array, "B V"]:
    """How often each token of the vocabulary stands in each row, where `words` is True."""
    rows_B1 = jnp.arange(len(tokens_BL))[:, None]
    return jnp.zeros((len(tokens_BL), vocabulary)).at[rows_B1, tokens_BL].add(words_BL.astype(jnp.float32))


def rarity(texts_V: Float[Array, "V"], seen: Float[Array, ""]) -> Float[Array, "V"]:
    """Inverse document frequency, log(seen / texts) of the `texts` a token stands in among all `seen`; 0 for one that stands in none.

    Sparck Jones, "A Statistical Interpretation of Term Specificity and its Application in Retrieval", 1972.
    """
    return jnp.where(texts_V > 0, jnp.log(seen / jnp.maximum(texts_V, 1)), 0.0)


def weighted(
    counts_BV: Float[Array, "B V"], rarity_V: Float[Array, "V"]
) -> tuple[Float[Array, "B V"], Float[Array, "B V"]]:
    """(log(1 + count) / norm, the same times rarity, of length 1): bags without and with the weights of their tokens."""
    bags_BV = jnp.log1p(counts_BV)
    weighted_BV = bags_BV * rarity_V
    norm_B1 = jnp.sqrt((weighted_BV**2).sum(1, keepdims=True))
    scale_B1 = jnp.where(norm_B1 > 0, 1 / jnp.where(norm_B1 > 0, norm_B1, 1), 0.0)
    return jax.lax.stop_gradient((bags_BV * scale_B1, weighted_BV * scale_B1))
