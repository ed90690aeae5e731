"""Scaled dot-product attention, and the one place that chooses how it is computed.

How it comes about, from one query and an additive score to many heads, is told in `ops/attention_stages.py`.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dlcv.ops import masks, splash
from dlcv.ops.blockwise import blockwise_attention

IN_BLOCKS = {"blockwise": blockwise_attention, "splash": splash.splash_attention}
LARGE = 2**30  # bytes of float32 scores from which on they are computed block by block
LARGE_ON_CPU = 2**23  # what its caches hold


def attention(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    v_BMHK: Float[Array, "B M H V"],
    *,
    mask: Bool[Array, "#B #H #L #M"] | None = None,
    bias: Float[Array, "#B #H #L #M"] | None = None,
    causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
    key: jax.Array | None = None,
    return_weights: bool = False,
    implementation: str | None = None,
) -> tuple[Float[Array, "B L H V"], Float[Array, "B H L M"] | None]:
    """Weighted means of values, softmax(q k^T * scale + bias) v, for each head; and the weights when they are asked for.

    L queries, M keys; True in `mask` means "may attend" (a query that may attend to nothing gets the plain mean); with `causal` query l
    sees the keys up to l + M - L besides; `scale` is 1 / sqrt(K) unless given. With a `key`, each weight is dropped at the rate `dropout`
    before the mean, and the rest scaled up. The softmax is float32 whatever the inputs are, the output
    has v's dtype, the weights are float32. `implementation`: "einsum", "blockwise", "cudnn" or "splash", by backend and shape unless
    given; all compute the same, "einsum" alone drops and shows weights, "blockwise" and "splash" take masks of keys alone and no bias.
    Raises ValueError for one that cannot do what is asked.
    Vaswani et al., "Attention Is All You Need", 2017, equation 1.
    """
    scale = q_BLHK.shape[-1] ** -0.5 if scale is None else scale
    able = _able(q_BLHK, k_BMHK, v_BMHK, mask, bias, causal, return_weights or key is not None)
    implementation = implementation or _chosen(able, q_BLHK, k_BMHK)
    if implementation not in able:
        raise ValueError(f"implementation {implementation!r} cannot compute this attention here: {', '.join(able)} can")
    if implementation == "cudnn":
        return _by_cudnn(q_BLHK, k_BMHK, v_BMHK, mask, bias, causal, scale), None
    if implementation in IN_BLOCKS:
        seen_BM = None if mask is None else mask[:, 0, 0, :]
        options = dict(keys_BM=seen_BM, causal=causal, scale=scale)
        return IN_BLOCKS[implementation](q_BLHK, k_BMHK, v_BMHK, **options), None
    if causal:
        mask = _and_past(mask, q_BLHK.shape[1], k_BMHK.shape[1])
    weights_BHLM = attention_weights(q_BLHK, k_BMHK, mask=mask, bias=bias, scale=scale)
    kept_BHLM = weights_BHLM
    if key is not None:
        kept_BHLM = jnp.where(
            jax.random.bernoulli(key, 1 - dropout, weights_BHLM.shape), weights_BHLM / (1 - dropout), 0
        )
    out_BHLV = jnp.einsum("BHLM,BHMV->BHLV", kept_BHLM.astype(v_BMHK.dtype), v_BMHK.swapaxes(1, 2))
    return out_BHLV.swapaxes(1, 2), weights_BHLM if return_weights else None


def attention_weights(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    *,
    mask: Bool[Array, "#B #H #L #M"] | None = None,
    bias: Float[Array, "#B #H #L #M"] | None = None,
    scale: float,
) -> Float[Array, "B H L M"]:
    """Softmax over the keys of the scaled scores, in float32; arguments as for `attention`."""
    # Heads before positions, by hand: XLA:CPU then needs 11 ms where one einsum over BLHK takes 16 (B 128, L 50, H 4).
    q_BHLK, k_BHMK = (q_BLHK * scale).swapaxes(1, 2), k_BMHK.swapaxes(1, 2)
    scores_BHLM = jnp.einsum("BHLK,BHMK->BHLM", q_BHLK, k_BHMK, preferred_element_type=jnp.float32)
    if bias is not None:
        scores_BHLM = scores_BHLM + bias
    if mask is not None:
        # The most negative number, not -inf: a row without keys must give finite gradients.
        scores_BHLM = jnp.where(mask, scores_BHLM, jnp.finfo(jnp.float32).min)
    return jax.nn.softmax(scores_BHLM, axis=-1)


def _and_past(mask: Array | None, queries: int, keys: int) -> Array:
    """The mask of a causal layer whose last query stands at the last key."""
    past = masks.causal(queries, keys, keys - queries)
    return past if mask is None else mask & past


def _by_cudnn(
    q: Array, k: Array, v: Array, mask: Array | None, bias: Array | None, causal: bool, scale: float
) -> Float[Array, "B L H V"]:
    """cuDNN's flash attention: its masks and biases have all queries and keys, its own `causal` counts from the first key."""
    queries, keys = q.shape[1], k.shape[1]
    if causal and (mask is not None or queries != keys):
        mask, causal = _and_past(mask, queries, keys), False
    mask, bias = (x if x is None else jnp.broadcast_to(x, (*x.shape[:2], queries, keys)) for x in (mask, bias))
    options = dict(mask=mask, bias=bias, is_causal=causal, scale=scale)
    return jax.nn.dot_product_attention(q, k, v, implementation="cudnn", **options)


def _able(q: Array, k: Array, v: Array, mask: Array | None, bias: Array | None, causal: bool, plain: bool) -> list[str]:
    """The implementations that can compute it on this backend; `plain`: those that hold the weights themselves.

    cuDNN's flash attention takes 16-bit floats and equal head widths up to 128 that are multiples of 8; where some scores are hidden or
    biased, its backward pass takes even numbers of queries and keys alone.
    """
    able, backend = ["einsum"], jax.default_backend()
    if plain:
        return able
    if bias is None and (mask is None or mask.shape[1:] == (1, 1, k.shape[1])):
        able.append("blockwise")
        if backend == "tpu" and splash.fits(q.shape[1], k.shape[1]):
            able.append("splash")
    half_precision = q.dtype in (jnp.bfloat16, jnp.float16)
    widths_fit = q.shape[-1] == v.shape[-1] and q.shape[-1] % 8 == 0 and q.shape[-1] <= 128
    queries, keys = q.shape[1], k.shape[1]
    whole = mask is None and bias is None and not (causal and queries != keys)
    if backend == "gpu" and half_precision and widths_fit and (whole or queries % 2 == keys % 2 == 0):
        able.append("cudnn")
    return able


def _chosen(able: list[str], q: Array, k: Array) -> str:
    """What the accelerator has of its own where it can; block by block where the scores would be large; elsewhere the einsum.

    On CPU, forward and backward at batch 8, 512 places, 8 heads of 64: block by block 108 ms, einsum 183, torch 107, and
    `jax.nn.dot_product_attention` 254. At 12 of 256, 6 heads, 32 against 48 ms; at 16 of 128 and below the einsum is as fast or faster.
    """
    for own in ("cudnn", "splash"):
        if own in able:
            return own
    scores = 4 * q.shape[0] * q.shape[2] * q.shape[1] * k.shape[1]
    large = scores >= (LARGE_ON_CPU if jax.default_backend() == "cpu" else LARGE)
    return "blockwise" if "blockwise" in able and large else "einsum"
