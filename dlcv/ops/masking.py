"""Masked language modelling: which tokens of a text are hidden, and what stands in their place.

Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019, section 3.1.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Key

from dlcv.ops.keys import named

MASKED, SWAPPED = 0.8, 0.1  # shares of the chosen tokens that become the mask, and a random token; the rest stays


class Hidden(NamedTuple):
    """A text to be filled: what is shown of it, the K places chosen at most, the tokens there, True where a place was chosen."""

    shown_BL: Int[Array, "B L"]
    places_BK: Int[Array, "B K"]
    tokens_BK: Int[Array, "B K"]
    chosen_BK: Bool[Array, "B K"]


def hidden(
    keys_B: Key[Array, "B"],
    tokens_BL: Int[Array, "B L"],
    words_BL: Bool[Array, "B L"],
    mask: int,
    vocabulary: int,
    rate: float = 0.15,
    span: int = 1,
) -> Hidden:
    """Each row with a share `rate` of its words chosen, at least one where it has any: 80 % become `mask`, 10 % a random token, 10 % stay.

    `words` is False on padding and marks, which are never chosen. Each row is drawn from its own key, so that equal rows under equal keys
    are hidden alike whatever stands beside them. K is that of a row full of words. With `span` > 1 the places are chosen by so many
    neighbours at a time, as in Joshi et al., "SpanBERT: Improving Pre-training by Representing and Predicting Spans", 2020, whose spans'
    lengths are random: what stands inside one is told by the rest of the text, not by the words beside it.
    """
    length = tokens_BL.shape[1]
    most = max(1, round(rate * length))

    def row(key: Array, tokens_L: Array, words_L: Array):
        order, kind, other = jax.random.split(key, 3)
        if span == 1:
            draw_L = jax.random.uniform(order, (length,))
        else:  # a grid of spans that begins anywhere
            begin = jax.random.randint(named(order, "begin"), (), 0, span)
            draw_L = jax.random.uniform(order, (-(-length // span) + 1,))[(jnp.arange(length) + begin) // span]
        rank_L = jnp.where(words_L, draw_L, -1.0)
        _, places_K = jax.lax.top_k(rank_L, most)
        words = words_L.sum()
        chosen_K = jnp.arange(most) < jnp.clip(jnp.round(rate * words), jnp.minimum(words, 1), most)
        share_K = jax.random.uniform(kind, (most,))
        random_K = jax.random.randint(other, (most,), 0, vocabulary)
        swapped_K = jnp.where(share_K < MASKED + SWAPPED, random_K, tokens_L[places_K])
        put_K = jnp.where(share_K < MASKED, mask, swapped_K)
        shown_L = tokens_L.at[places_K].set(jnp.where(chosen_K, put_K, tokens_L[places_K]).astype(tokens_L.dtype))
        return Hidden(shown_L, places_K, tokens_L[places_K], chosen_K)

    return jax.vmap(row)(keys_B, tokens_BL, words_BL)


def keys_of_rows(key: Key[Array, ""], tokens_BL: Int[Array, "B L"]) -> Key[Array, "B"]:
    """A key a row that depends on its tokens and on `key` alone: an example is hidden alike in every batch and evaluation."""
    weights_L = jax.random.bits(jax.random.key(0), tokens_BL.shape[1:], jnp.uint32) | 1
    digest_B = ((tokens_BL.astype(jnp.uint32) + 1) * weights_L).sum(1, dtype=jnp.uint32)
    return jax.vmap(jax.random.fold_in, (None, 0))(key, digest_B)
