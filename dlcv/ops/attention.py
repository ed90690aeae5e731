"""Scaled dot-product attention, and the one place that chooses how it is computed."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


def attention(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    v_BMHK: Float[Array, "B M H V"],
    *,
    mask: Bool[Array, "#B #H #L #M"] | None = None,
    scale: float | None = None,
    return_weights: bool = False,
) -> tuple[Float[Array, "B L H V"], Float[Array, "B H L M"] | None]:
    """Weighted means of values, softmax(q k^T * scale) v, for each head; and the weights when they are asked for.

    L queries, M keys; True in `mask` means "may attend" (a query that may attend to nothing gets the plain mean);
    `scale` is 1 / sqrt(K) unless given. The softmax is float32 whatever the inputs are, the output has v's dtype,
    the weights are float32.
    Vaswani et al., "Attention Is All You Need", 2017, equation 1.
    """
    scale = q_BLHK.shape[-1] ** -0.5 if scale is None else scale
    if _fused_kernel_fits(q_BLHK, v_BMHK) and not return_weights:
        out = jax.nn.dot_product_attention(q_BLHK, k_BMHK, v_BMHK, mask=mask, scale=scale, implementation="cudnn")
        return out, None
    weights_BHLM = attention_weights(q_BLHK, k_BMHK, mask=mask, scale=scale)
    out_BHLV = jnp.einsum("BHLM,BHMV->BHLV", weights_BHLM.astype(v_BMHK.dtype), v_BMHK.swapaxes(1, 2))
    return out_BHLV.swapaxes(1, 2), weights_BHLM if return_weights else None


def attention_weights(
    q_BLHK: Float[Array, "B L H K"],
    k_BMHK: Float[Array, "B M H K"],
    *,
    mask: Bool[Array, "#B #H #L #M"] | None = None,
    scale: float,
) -> Float[Array, "B H L M"]:
    """Softmax over the keys of the scaled scores, in float32; arguments as for `attention`."""
    # Heads before positions, by hand: XLA:CPU then needs 11 ms where one einsum over BLHK takes 16 (B 128, L 50, H 4).
    q_BHLK, k_BHMK = (q_BLHK * scale).swapaxes(1, 2), k_BMHK.swapaxes(1, 2)
    scores_BHLM = jnp.einsum("BHLK,BHMK->BHLM", q_BHLK, k_BHMK, preferred_element_type=jnp.float32)
    if mask is not None:
        # The most negative number, not -inf: a row without keys must give finite gradients.
        scores_BHLM = jnp.where(mask, scores_BHLM, jnp.finfo(jnp.float32).min)
    return jax.nn.softmax(scores_BHLM, axis=-1)


def _fused_kernel_fits(q: Array, v: Array) -> bool:
    """cuDNN's flash attention takes 16-bit floats and equal head widths up to 128 that are multiples of 8.

    Elsewhere the einsum is the fast one: on CPU `jax.nn.dot_product_attention` took 254 ms where it took 159.
    """
    half_precision = q.dtype in (jnp.bfloat16, jnp.float16)
    widths_fit = q.shape[-1] == v.shape[-1] and q.shape[-1] % 8 == 0 and q.shape[-1] <= 128
    return jax.default_backend() == "gpu" and half_precision and widths_fit
