"""The attention layer as lectures derive it, a stage a function: one query and an additive score first, many heads last.

Each returns (outputs, weights): outputs are weighted means of values, weights sum to 1 over the keys and are 0 where `mask` is False. The
scores themselves are those of the recurrent decoder, `ops/alignment.py`; what models compute with is `ops/attention.py`.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dlcv.ops import masks
from dlcv.ops.alignment import additive_scores, alignment_weights, context, dot_scores, scaled_dot_scores
from dlcv.ops.attention import attention

Mask = Bool[Array, "#B #L #M"]
Weights = Float[Array, "B L M"]


class Projections(NamedTuple):
    """Matrices that make queries of what asks, keys and values of what is asked: inputs of D, keys K wide and values V."""

    query_DK: Array
    key_DK: Array
    value_DV: Array


class Heads(NamedTuple):
    """A Projections a head, and what makes one output of theirs."""

    query_DHK: Array
    key_DHK: Array
    value_DHV: Array
    out_HVD: Array


def attend(
    scores_BLM: Float[Array, "B L M"], v_BMV: Float[Array, "B M V"], mask: Mask | None = None
) -> tuple[Float[Array, "B L V"], Weights]:
    """What every stage ends in: softmax of the scores over the keys, mean of the values."""
    allowed = jnp.ones((1, 1, 1), bool) if mask is None else mask
    weights_BLM = alignment_weights(scores_BLM, jnp.broadcast_to(allowed, scores_BLM.shape))
    return context(weights_BLM, v_BMV), weights_BLM


def average_pooling(x_BMD: Float[Array, "B M D"], mask: Bool[Array, "#B #M"] | None = None) -> Float[Array, "B D"]:
    """One vector of a set by equal scores: attention that looks at nothing."""
    seen = None if mask is None else mask[:, None]
    return attend(jnp.zeros((len(x_BMD), 1, x_BMD.shape[1])), x_BMD, seen)[0][:, 0]


def additive_attention(
    q_BLQ: Float[Array, "B L Q"], x_BMD: Float[Array, "B M D"], w_QA: Float[Array, "Q A"], u_DA: Float[Array, "D A"],
    v_A: Float[Array, "A"], mask: Mask | None = None,
) -> tuple[Float[Array, "B L D"], Weights]:  # fmt: skip
    """Scores v . tanh(W q + U x), inputs their own values. Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align
    and Translate", 2015."""
    return attend(additive_scores(q_BLQ @ w_QA, x_BMD @ u_DA, v_A), x_BMD, mask)


def dot_attention(
    q_BLD: Float[Array, "B L D"], x_BMD: Float[Array, "B M D"], mask: Mask | None = None
) -> tuple[Float[Array, "B L D"], Weights]:
    """Scores q . x. Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine Translation", 2015."""
    return attend(dot_scores(q_BLD, x_BMD), x_BMD, mask)


def scaled_dot_attention(
    q_BLK: Float[Array, "B L K"], k_BMK: Float[Array, "B M K"], v_BMV: Float[Array, "B M V"], mask: Mask | None = None
) -> tuple[Float[Array, "B L V"], Weights]:
    """Attention(Q, K, V): scores q . k / sqrt(K), values apart from keys. Vaswani et al., "Attention Is All You Need", 2017, equation 1.

    With an encoder's states for keys and values it is the global soft attention of a recurrent decoder whose state asks.
    """
    return attend(scaled_dot_scores(q_BLK, k_BMK), v_BMV, mask)


def cross_attention(
    x_BLD: Float[Array, "B L D"], memory_BMD: Float[Array, "B M D"], w: Projections, mask: Mask | None = None
) -> tuple[Float[Array, "B L V"], Weights]:
    """Queries of one sequence, keys and values of another, each by a matrix of its own."""
    return scaled_dot_attention(x_BLD @ w.query_DK, memory_BMD @ w.key_DK, memory_BMD @ w.value_DV, mask)


def self_attention(
    x_BLD: Float[Array, "B L D"], w: Projections, mask: Mask | None = None
) -> tuple[Float[Array, "B L V"], Weights]:
    """Every element asks every element of its own sequence."""
    return cross_attention(x_BLD, x_BLD, w, mask)


def masked_self_attention(x_BLD: Float[Array, "B L D"], w: Projections) -> tuple[Float[Array, "B L V"], Weights]:
    """Every element asks itself and those before it."""
    return self_attention(x_BLD, w, masks.causal(x_BLD.shape[1])[0])


def multi_head_attention(
    x_BLD: Float[Array, "B L D"], memory_BMD: Float[Array, "B M D"], w: Heads, mask: Mask | None = None
) -> tuple[Float[Array, "B L D"], Float[Array, "B H L M"]]:
    """H attentions side by side, their outputs projected and summed. Vaswani et al., 2017, section 3.2.2."""
    q_BLHK = jnp.einsum("BLD,DHK->BLHK", x_BLD, w.query_DHK)
    k_BMHK, v_BMHV = (jnp.einsum("BMD,DHK->BMHK", memory_BMD, kernel) for kernel in (w.key_DHK, w.value_DHV))
    every_head = None if mask is None else mask[:, None]
    out_BLHV, weights_BHLM = attention(q_BLHK, k_BMHK, v_BMHV, mask=every_head, return_weights=True)
    return jnp.einsum("BLHV,HVD->BLD", out_BLHV, w.out_HVD), weights_BHLM
