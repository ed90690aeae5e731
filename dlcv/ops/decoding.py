"""Sequences from a step function, (carry, token [B]) -> (carry, logits [B, V]): greedy, drawn, beam search; jittable.

The carry is any tree whose leaves lead with the batch; scalars (a cache's position) are shared by all rows. Rows that have ended hold
`pad`. The loops stop as soon as every row has ended.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.ops.sampling import draw

Step = Callable[[Any, Int[Array, "B"]], tuple[Any, Float[Array, "B V"]]]


class Marks(NamedTuple):
    """Tokens that begin, end and fill a sequence."""

    start: int
    end: int
    pad: int


class Decoded(NamedTuple):
    """Tokens with their END, and the logarithm of their probability under the step function."""

    tokens_BT: Int[Array, "B T"]
    logp_B: Float[Array, "B"]


class Beams(NamedTuple):
    """Hypotheses from best to worst: tokens with their END, and their scores under the length penalty."""

    tokens_BKT: Int[Array, "B K T"]
    scores_BK: Float[Array, "B K"]


def greedy(step: Step, carry: Any, rows: int, length: int, marks: Marks) -> Decoded:
    """The most likely token at every step, up to END or `length` tokens."""
    return _roll(step, carry, rows, length, marks, lambda logits, index: logits.argmax(-1))


def sample(
    step: Step, carry: Any, key: jax.Array, rows: int, length: int, marks: Marks, *, temperature: float = 1.0
) -> Decoded:
    """Tokens drawn from softmax(logits / temperature)."""

    def drawn(logits, index):
        return draw(jax.random.fold_in(key, index), logits, temperature)

    return _roll(step, carry, rows, length, marks, drawn)


def _roll(step: Step, carry: Any, rows: int, length: int, marks: Marks, choose) -> Decoded:
    def going(state):
        index, _, _, ended, _, _ = state
        return (index < length) & ~ended.all()

    def one(state):
        index, carry, token, ended, tokens, logp = state
        carry, logits = step(carry, token)
        logits = logits.astype(jnp.float32)
        token = jnp.where(ended, marks.pad, choose(logits, index).astype(jnp.int32))
        gained = jnp.take_along_axis(jax.nn.log_softmax(logits), token[:, None], 1)[:, 0]
        logp = logp + jnp.where(ended, 0.0, gained)
        return index + 1, carry, token, ended | (token == marks.end), tokens.at[:, index].set(token), logp

    first = jnp.full(rows, marks.start, jnp.int32)
    tokens = jnp.full((rows, length), marks.pad, jnp.int32)
    state = (jnp.int32(0), carry, first, jnp.zeros(rows, bool), tokens, jnp.zeros(rows))
    *_, tokens, logp = jax.lax.while_loop(going, one, state)
    return Decoded(tokens, logp)


def repeated(tree: Any, beams: int) -> Any:
    """Every row `beams` times, for what a step function reads beside its carry: row b K + k is beam k of row b."""
    return jax.tree.map(lambda leaf: jnp.repeat(leaf, beams, axis=0) if jnp.ndim(leaf) else leaf, tree)


def length_penalty(length: Any, alpha: float) -> Any:
    """((5 + length) / 6)^alpha, by which a log-probability is divided: Wu et al., "Google's Neural Machine Translation System", 2016."""
    return ((5 + length) / 6) ** alpha


def beam_search(
    step: Step, carry: Any, rows: int, length: int, marks: Marks, *, beams: int = 5, alpha: float = 0.0
) -> Beams:
    """The best sequences found by keeping `beams` hypotheses a row, scored by log-probability / `length_penalty`.

    `step` sees rows x beams rows; the carry is given for `rows` and repeated here. A hypothesis that has ended keeps its place until
    `beams` better ones push it out; hypotheses and ended ones are compared under the penalty of their own lengths. One beam is greedy
    decoding, as many as there are sequences is exhaustive search.
    """
    count = rows * beams
    offsets = jnp.arange(rows)[:, None] * beams

    def penalised(logp_BK, lengths_BK):
        return logp_BK / length_penalty(lengths_BK, alpha)

    def going(state):
        index, _, _, ended, *_ = state
        return (index < length) & ~ended.all()

    def one(state):
        index, carry, tokens, ended, logp, lengths = state
        last = jnp.where(index > 0, tokens[:, :, index - 1], marks.start)
        carry, logits = step(carry, last.reshape(count))
        gained = jax.nn.log_softmax(logits.astype(jnp.float32)).reshape(rows, beams, -1)
        # The best few of each hypothesis hold the best few of all: two small sorts in place of one over K V candidates.
        few = min(beams, gained.shape[-1])
        gained, token = jax.lax.top_k(gained, few)
        first = jnp.arange(few) == 0  # an ended hypothesis has one successor: itself
        gained = jnp.where(ended[..., None], jnp.where(first, 0.0, -jnp.inf), gained)
        token = jnp.where(ended[..., None], marks.pad, token)
        grown = (lengths + ~ended)[..., None]
        total = logp[..., None] + gained
        flat = penalised(total, grown).reshape(rows, -1)
        _, place = jax.lax.top_k(flat, beams)
        parent = place // few

        def chosen(leaf):
            return jnp.take_along_axis(leaf.reshape(rows, -1), place, 1)

        def inherited(leaf):
            return jnp.take_along_axis(leaf, parent, 1)

        token, logp = chosen(token), chosen(total)
        tokens = jnp.take_along_axis(tokens, parent[..., None], 1).at[:, :, index].set(token)
        source = (offsets + parent).reshape(count)
        carry = jax.tree.map(lambda leaf: leaf[source] if jnp.ndim(leaf) else leaf, carry)
        lengths = inherited(lengths + ~ended)
        return index + 1, carry, tokens, inherited(ended) | (token == marks.end), logp, lengths

    tokens = jnp.full((rows, beams, length), marks.pad, jnp.int32)
    alone = jnp.tile(jnp.where(jnp.arange(beams) == 0, 0.0, -jnp.inf), (rows, 1))  # else all hypotheses were the same
    state = (
        jnp.int32(0), repeated(carry, beams), tokens, jnp.zeros((rows, beams), bool), alone, jnp.zeros((rows, beams), jnp.int32),
    )  # fmt: skip
    _, _, tokens, _, logp, lengths = jax.lax.while_loop(going, one, state)
    scores, place = jax.lax.top_k(penalised(logp, lengths), beams)
    return Beams(jnp.take_along_axis(tokens, place[..., None], 1), scores)
