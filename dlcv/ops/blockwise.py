"""Attention block by block of keys: the queries x keys matrix of scores is never whole in memory, forward or backward.

Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Rabe and Staats, "Self-attention Does Not Need O(n^2) Memory",
2021; the backward pass from the saved normaliser: Dao et al., "FlashAttention", 2022.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

LOW = float(jnp.finfo(jnp.float32).min)  # not -inf: a row without keys must give finite gradients


class _Saved(NamedTuple):
    q: Array
    k: Array
    v: Array
    seen: Array | None
    out: Array
    top: Array
    sum: Array


def blockwise_attention(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    v_BMHK: Float[Array, "B M H V"],
    *,
    keys_BM: Bool[Array, "#B M"] | None = None,
    causal: bool = False,
    scale: float,
    block: int = 512,
) -> Float[Array, "B L H V"]:
    """softmax(q k^T * scale) v for each head, with memory in proportion to `block` and not to M.

    `keys_BM` says which keys may be attended to; with `causal` query l sees the keys up to l + M - L. A query without keys gets the mean
    of the values, as in `attention`. Sums are float32, the output has v's dtype.
    """
    keys = k_BMHK.shape[1]
    block = min(block, keys)
    filled = -keys % block
    if filled:
        keys_BM = jnp.ones((1, keys), bool) if keys_BM is None else keys_BM
        k_BMHK, v_BMHK = (jnp.pad(x, ((0, 0), (0, filled), (0, 0), (0, 0))) for x in (k_BMHK, v_BMHK))
        keys_BM = jnp.pad(keys_BM, ((0, 0), (0, filled)))
    q, k, v = (x.swapaxes(1, 2) for x in (q_BLHK, k_BMHK, v_BMHK))
    return _attend(q, k, v, keys_BM, causal, scale, block, keys).swapaxes(1, 2)


@partial(jax.custom_vjp, nondiff_argnums=(4, 5, 6, 7))
def _attend(q_BHLK, k_BHMK, v_BHMV, keys_BM, causal, scale, block, keys):
    return _forward(q_BHLK, k_BHMK, v_BHMV, keys_BM, causal, scale, block, keys)[0]


def _forward(q_BHLK, k_BHMK, v_BHMV, keys_BM, causal, scale, block, keys):
    def one(state, index):
        top_BHL, sum_BHL, out_BHLV = state
        scores, _, v_block = _block(q_BHLK, k_BHMK, v_BHMV, keys_BM, causal, scale, block, keys, index)
        higher_BHL = jnp.maximum(top_BHL, scores.max(-1))
        shrink_BHL, weights = jnp.exp(top_BHL - higher_BHL), jnp.exp(scores - higher_BHL[..., None])
        mixed = jnp.einsum(
            "BHLM,BHMV->BHLV", weights.astype(v_block.dtype), v_block, preferred_element_type=jnp.float32
        )
        return (higher_BHL, sum_BHL * shrink_BHL + weights.sum(-1), out_BHLV * shrink_BHL[..., None] + mixed), None

    rows = q_BHLK.shape[:-1]
    first = (jnp.full(rows, LOW), jnp.zeros(rows), jnp.zeros((*rows, v_BHMV.shape[-1])))
    (top_BHL, sum_BHL, out_BHLV), _ = jax.lax.scan(one, first, jnp.arange(k_BHMK.shape[2] // block))
    out_BHLV = (out_BHLV / sum_BHL[..., None]).astype(v_BHMV.dtype)
    return out_BHLV, _Saved(q_BHLK, k_BHMK, v_BHMV, keys_BM, out_BHLV, top_BHL, sum_BHL)


def _backward(causal, scale, block, keys, saved, dout_BHLV):
    q, k, v, seen, out, top_BHL, sum_BHL = saved
    dout_BHLV = dout_BHLV.astype(jnp.float32)
    shared_BHL = (dout_BHLV * out.astype(jnp.float32)).sum(-1)  # the softmax's gradient has this in every key

    def one(dq_BHLK, index):
        scores, k_block, v_block = _block(q, k, v, seen, causal, scale, block, keys, index)
        weights = jnp.exp(scores - top_BHL[..., None]) / sum_BHL[..., None]
        dv_block = jnp.einsum("BHLM,BHLV->BHMV", weights, dout_BHLV)
        dweights = jnp.einsum("BHLV,BHMV->BHLM", dout_BHLV, v_block.astype(jnp.float32))
        dscores = jnp.where(scores > LOW, weights * (dweights - shared_BHL[..., None]) * scale, 0.0)
        dk_block = jnp.einsum("BHLM,BHLK->BHMK", dscores, q.astype(jnp.float32))
        return dq_BHLK + jnp.einsum("BHLM,BHMK->BHLK", dscores, k_block.astype(jnp.float32)), (dk_block, dv_block)

    count = k.shape[2] // block
    dq, (dk, dv) = jax.lax.scan(one, jnp.zeros(q.shape, jnp.float32), jnp.arange(count))
    dk, dv = (jnp.moveaxis(d, 0, 2).reshape(x.shape).astype(x.dtype) for d, x in ((dk, k), (dv, v)))
    return dq.astype(q.dtype), dk, dv, None


_attend.defvjp(_forward, _backward)


def _block(q_BHLK, k_BHMK, v_BHMV, keys_BM, causal, scale, block, keys, index):
    """(scores, keys, values) of one block; what may not be attended to scores LOW, and filled places minus infinity."""
    k_block, v_block = (jax.lax.dynamic_slice_in_dim(x, index * block, block, axis=2) for x in (k_BHMK, v_BHMV))
    scores = jnp.einsum("BHLK,BHMK->BHLM", q_BHLK, k_block, preferred_element_type=jnp.float32) * scale
    places_M = index * block + jnp.arange(block)
    if keys_BM is not None:
        seen_BM = jax.lax.dynamic_slice_in_dim(keys_BM, index * block, block, axis=1)
        scores = jnp.where(seen_BM[:, None, None, :], scores, LOW)
    if causal:
        queries = q_BHLK.shape[2]
        scores = jnp.where(places_M <= jnp.arange(queries)[:, None] + keys - queries, scores, LOW)
    return jnp.where(places_M < keys, scores, -jnp.inf), k_block, v_block
