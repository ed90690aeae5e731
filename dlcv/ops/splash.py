"""Attention by the TPU's own kernel, where it is installed: block by block on the chip, forward and backward."""

import importlib.util

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

MODULE = "jax.experimental.pallas.ops.tpu.splash_attention"
LANES = 128  # of a TPU's vector unit: lengths are whole blocks of them


def fits(queries: int, keys: int) -> bool:
    """Whether the kernel is there and takes so many queries and keys."""
    return queries % LANES == 0 and keys % LANES == 0 and importlib.util.find_spec(MODULE) is not None


def splash_attention(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    v_BMHV: Float[Array, "B M H V"],
    *,
    keys_BM: Bool[Array, "#B M"] | None = None,
    causal: bool = False,
    scale: float,
    interpret: bool = False,
) -> Float[Array, "B L H V"]:
    """softmax(q k^T * scale) v for each head, arguments as for `blockwise_attention`; a query without keys has no defined output.

    With `interpret` the kernel runs on any backend, slowly. Kernel of JAX's authors after Dao et al., "FlashAttention", 2022.
    """
    from jax.experimental.pallas.ops.tpu import splash_attention as splash

    (batch, queries, heads, _), keys = q_BLHK.shape, k_BMHK.shape[1]
    size = (queries, keys)
    mask = splash.CausalMask(size, offset=keys - queries) if causal else splash.FullMask(size)
    kernel = splash.make_splash_mha_single_device(splash.MultiHeadMask([mask] * heads), interpret=interpret)
    q, k, v = (x.swapaxes(1, 2) for x in (q_BLHK * np.asarray(scale, q_BLHK.dtype), k_BMHK, v_BMHV))
    if keys_BM is None:
        return jax.vmap(kernel)(q, k, v).swapaxes(1, 2)
    # Queries are of segment 0 and see the keys of their segment.
    hidden_BM = jnp.broadcast_to(~keys_BM, (batch, keys)).astype(jnp.int32)
    segments = splash.SegmentIds(jnp.zeros((batch, queries), jnp.int32), hidden_BM)
    return jax.vmap(kernel)(q, k, v, segments).swapaxes(1, 2)
