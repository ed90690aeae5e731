"""What a recurrent decoder reads of its source: attention over the encoder's states."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.ops import alignment

FIXED = ("none", "last")  # no context at all; the encoder's last state at every step
ATTENTIONS = (*FIXED, *alignment.SCORES)


class Memory(NamedTuple):
    """The source as a decoder sees it; every leaf leads with the batch."""

    states_BMH: jax.Array
    keys_BMK: jax.Array  # what the queries are held against, computed once a source
    summary_BH: jax.Array  # the encoder's last state
    lengths_B: jax.Array


class Alignment(nn.Module):
    """(query_BLQ, memory, time_BL) -> (context_BLH, weights_BLM in float32).

    `span` "monotonic" sees the places within `reach` of the decoder's own time, "predictive" those around a place it predicts, under
    a Gaussian; "global" sees all. Location scores are made for at most `places`.
    """

    score: str
    span: str = "global"
    reach: int = 10
    places: int = 64
    width: int = 128
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, q_BLQ: jax.Array, memory: Memory, time_BL: jax.Array):
        places = memory.states_BMH.shape[1]
        mask_BLM = jnp.arange(places) < memory.lengths_B[:, None, None]
        if self.score == "location":
            kernel = self.param("places", nn.initializers.lecun_normal(), (q_BLQ.shape[-1], self.places))
            scores_BLM = alignment.location_scores(q_BLQ, kernel.astype(self.dtype), places)
        else:
            scores_BLM = self.scored(q_BLQ, memory.keys_BMK)
        if self.span == "global":
            weights_BLM = alignment.alignment_weights(scores_BLM, mask_BLM)
        elif self.span == "monotonic":
            centre_BL = alignment.monotonic_centre(time_BL, memory.lengths_B)
            near_BLM = mask_BLM & alignment.window(centre_BL, places, self.reach)
            weights_BLM = alignment.alignment_weights(scores_BLM, near_BLM)
        else:
            w_QA = self.param("centre_query", nn.initializers.lecun_normal(), (q_BLQ.shape[-1], self.width))
            v_A = self.param("centre", nn.initializers.normal(self.width**-0.5), (self.width,))
            centre_BL = alignment.predictive_centre(q_BLQ.astype(jnp.float32), w_QA, v_A, memory.lengths_B)
            near_BLM = mask_BLM & alignment.window(centre_BL, places, self.reach)
            weights_BLM = alignment.alignment_weights(scores_BLM, near_BLM)
            weights_BLM = alignment.favoured(weights_BLM, centre_BL, self.reach)
        return alignment.context(weights_BLM, memory.states_BMH), weights_BLM

    def scored(self, q_BLQ: jax.Array, k_BMK: jax.Array) -> jax.Array:
        width = k_BMK.shape[-1]
        if self.score in ("additive", "general"):
            q_BLQ = nn.Dense(width, use_bias=False, dtype=self.dtype, name="query")(q_BLQ)
        if self.score == "additive":
            v_K = self.param("score", nn.initializers.normal(width**-0.5), (width,))
            return alignment.additive_scores(q_BLQ, k_BMK, v_K.astype(self.dtype))
        return (alignment.scaled_dot_scores if self.score == "scaled_dot" else alignment.dot_scores)(q_BLQ, k_BMK)
