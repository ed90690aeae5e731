"""Attention block by block: the queries x keys matrix of scores is never whole in memory, forward or backward.

Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Rabe and Staats, "Self-attention Does Not Need O(n^2) Memory",
2021; the backward pass from the saved normaliser, scores computed again: Dao et al., "FlashAttention", 2022.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

LOW = float(jnp.finfo(jnp.float32).min)  # not -inf: a row without keys must give finite gradients
SCORES = 2**19  # that are made at once on a CPU: 2 MiB, what its cores keep beside them. Of 2^18 to 2^22 the fastest


class _Plan(NamedTuple):
    """What is known of the shapes: query l of them all stands at l + `first` among the keys that are real."""

    causal: bool
    first: int
    keys: int
    masked: bool  # some scores may be LOW throughout a row: keys hidden by a mask, or queries before the first key

    def seen(self, i: Array | int, queries: int, block: int, blocks: int) -> Array | int:
        """How many blocks of keys hold any that a block of queries may see."""
        if not self.causal or self.masked:
            return blocks
        return jnp.minimum(((i + 1) * queries - 1 + self.first) // block + 1, blocks)

    def seeing(self, j: Array | int, queries: int, block: int) -> Array | int:
        """The first block of queries that may see any of a block of keys."""
        return 0 if not self.causal or self.masked else jnp.maximum(j * block - self.first, 0) // queries


class _Saved(NamedTuple):
    q: Array
    k: Array
    v: Array
    seen: Array
    out: Array
    top: Array
    sum: Array


def blockwise_attention(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    v_BMHV: Float[Array, "B M H V"],
    *,
    keys_BM: Bool[Array, "#B M"] | None = None,
    causal: bool = False,
    scale: float,
    block: int = 512,
    together: int | None = None,
) -> Float[Array, "B L H V"]:
    """softmax(q k^T * scale) v for each head, with memory for scores of at most `block` queries by as many keys, `together` heads at once.

    `keys_BM` says which keys may be attended to; with `causal` query l sees the keys up to l + M - L, and blocks of later ones are not
    computed. A query without keys gets the mean of the values, as in `attention`. Sums are float32, the output has v's dtype. On a CPU as
    many heads go together as its cache holds, elsewhere all of them.
    """
    (batch, queries, heads, _), keys = q_BLHK.shape, k_BMHK.shape[1]
    i, j = -(-queries // block), -(-keys // block)
    rows, columns = -(-queries // i), -(-keys // j)
    groups = _groups(batch * heads, rows * columns, together)

    def cut(x_BLHK, blocks, block):  # into [groups, blocks, heads together, block, K]
        x_BLHK = jnp.pad(x_BLHK, ((0, 0), (0, blocks * block - x_BLHK.shape[1]), (0, 0), (0, 0)))
        x_NGILK = x_BLHK.swapaxes(1, 2).reshape(groups, -1, blocks, block, x_BLHK.shape[-1])
        return x_NGILK.swapaxes(1, 2)

    seen_BM = jnp.ones((1, keys), bool) if keys_BM is None else keys_BM
    seen_BMHK = jnp.broadcast_to(seen_BM[:, :, None, None], (batch, keys, heads, 1))
    plan = _Plan(causal, keys - queries, keys, keys_BM is not None or (causal and keys < queries))
    k, v, seen = (cut(x, j, columns) for x in (k_BMHK, v_BMHV, seen_BMHK))
    out = _attend(cut(q_BLHK * scale, i, rows), k, v, seen[..., 0], plan)
    out_BHLV = out.swapaxes(1, 2).reshape(batch, heads, i * rows, -1)
    return out_BHLV[:, :, :queries].swapaxes(1, 2)


def _groups(heads: int, scores: int, together: int | None) -> int:
    """Into how many groups of equal size the heads of all examples are parted."""
    if together is None:
        together = max(SCORES // scores, 1) if jax.default_backend() == "cpu" else heads
    return next(count for count in range(-(-heads // together), heads + 1) if heads % count == 0)


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def _attend(q_NIGLK, k_NJGMK, v_NJGMV, seen_NJGM, plan):
    return _forward(q_NIGLK, k_NJGMK, v_NJGMV, seen_NJGM, plan)[0]


def _forward(q_NIGLK, k_NJGMK, v_NJGMV, seen_NJGM, plan):
    def group(arrays):
        q_IGLK, k_JGMK, v_JGMV, seen_JGM = arrays

        def rows(block):
            i, q_GLK = block

            def one(j, state):
                top_GL, sum_GL, out_GLV = state
                scores = _scores(q_GLK, k_JGMK[j], seen_JGM[j], plan, i, j)
                higher_GL = jnp.maximum(top_GL, scores.max(-1))
                shrink_GL, weights = jnp.exp(top_GL - higher_GL), jnp.exp(scores - higher_GL[..., None])
                mixed = _product("GLM,GMV->GLV", weights.astype(v_JGMV.dtype), v_JGMV[j])
                return higher_GL, sum_GL * shrink_GL + weights.sum(-1), out_GLV * shrink_GL[..., None] + mixed

            shape = q_GLK.shape[:2]
            first = (jnp.full(shape, LOW), jnp.zeros(shape), jnp.zeros((*shape, v_JGMV.shape[-1])))
            count = plan.seen(i, shape[1], k_JGMK.shape[2], len(k_JGMK))
            top_GL, sum_GL, out_GLV = jax.lax.fori_loop(0, count, one, first)
            return (out_GLV / sum_GL[..., None]).astype(v_JGMV.dtype), top_GL, sum_GL

        return jax.lax.map(rows, (jnp.arange(len(q_IGLK)), q_IGLK))

    arrays = (q_NIGLK, k_NJGMK, v_NJGMV, seen_NJGM)
    found = jax.lax.map(group, arrays)
    return found[0], _Saved(*arrays, *found)


def _backward(plan, saved, dout_NIGLV):
    def group(arrays):
        (q_IGLK, k_JGMK, v_JGMV, seen_JGM, out_IGLV, top_IGL, sum_IGL), dout_IGLV = arrays
        dout_IGLV = dout_IGLV.astype(jnp.float32) / sum_IGL[..., None]
        shared_IGL = (dout_IGLV * out_IGLV.astype(jnp.float32)).sum(-1)  # the softmax's gradient has this in every key

        def columns(dq_IGLK, block):
            j, k_GMK, v_GMV, seen_GM = block

            def one(i, state):
                dq_IGLK, dk_GMK, dv_GMV = state
                scores = _scores(q_IGLK[i], k_GMK, seen_GM, plan, i, j)
                weights = jnp.exp(scores - top_IGL[i][..., None])  # times the sum, by which dout was divided
                dweights = _product("GLV,GMV->GLM", dout_IGLV[i], v_GMV.astype(jnp.float32))
                dscores = weights * (dweights - shared_IGL[i][..., None])
                if plan.masked:
                    dscores = jnp.where(scores > LOW, dscores, 0.0)
                dq_GLK = _product("GLM,GMK->GLK", dscores, k_GMK.astype(jnp.float32))
                dk_GMK += _product("GLM,GLK->GMK", dscores, q_IGLK[i].astype(jnp.float32))
                dv_GMV += _product("GLM,GLV->GMV", weights, dout_IGLV[i])
                return dq_IGLK.at[i].add(dq_GLK), dk_GMK, dv_GMV

            first = plan.seeing(j, q_IGLK.shape[2], k_GMK.shape[1])
            zeros = (jnp.zeros(x.shape, jnp.float32) for x in (k_GMK, v_GMV))
            dq_IGLK, dk_GMK, dv_GMV = jax.lax.fori_loop(first, len(q_IGLK), one, (dq_IGLK, *zeros))
            return dq_IGLK, (dk_GMK.astype(k_GMK.dtype), dv_GMV.astype(v_GMV.dtype))

        blocks = (jnp.arange(len(k_JGMK)), k_JGMK, v_JGMV, seen_JGM)
        dq_IGLK, (dk_JGMK, dv_JGMV) = jax.lax.scan(columns, jnp.zeros(q_IGLK.shape, jnp.float32), blocks)
        return dq_IGLK.astype(q_IGLK.dtype), dk_JGMK, dv_JGMV

    return *jax.lax.map(group, (saved, dout_NIGLV)), None


_attend.defvjp(_forward, _backward)


def _scores(q_GLK, k_GMK, seen_GM, plan: _Plan, i, j):
    """Of a block of queries and a block of keys: LOW where a query may not see a key, minus infinity where there is none."""
    scores = _product("GLK,GMK->GLM", q_GLK, k_GMK)
    queries, block = scores.shape[1:]
    places_M = j * block + jnp.arange(block)
    if plan.masked:
        scores = jnp.where(seen_GM[:, None, :], scores, LOW)
    if plan.causal:
        scores = jnp.where(places_M <= (i * queries + plan.first + jnp.arange(queries))[:, None], scores, LOW)
    return jnp.where(places_M < plan.keys, scores, -jnp.inf) if plan.keys % block else scores


_product = partial(jnp.einsum, preferred_element_type=jnp.float32)
