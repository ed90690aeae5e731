"""Attention of a recurrent decoder: scores of query against memory, weights under masks, local windows.

L queries, M places of the memory. Global soft attention is `alignment_weights(scores, mask)`.
Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015; Luong, Pham and Manning,
"Effective Approaches to Attention-based Neural Machine Translation", 2015.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Num

SCORES = ("additive", "dot", "scaled_dot", "general", "location")
SPANS = ("global", "monotonic", "predictive")


def additive_scores(
    q_BLA: Float[Array, "B L A"], k_BMA: Float[Array, "B M A"], v_A: Float[Array, "A"]
) -> Float[Array, "B L M"]:
    """v . tanh(q + k), where q = W s and k = U h are the projected states; Bahdanau et al., appendix A.1.2."""
    return jnp.tanh(q_BLA[:, :, None] + k_BMA[:, None]) @ v_A


def dot_scores(q_BLK: Float[Array, "B L K"], k_BMK: Float[Array, "B M K"]) -> Float[Array, "B L M"]:
    """q . k, Luong et al., section 3.1."""
    return jnp.einsum("BLK,BMK->BLM", q_BLK, k_BMK)


def scaled_dot_scores(q_BLK: Float[Array, "B L K"], k_BMK: Float[Array, "B M K"]) -> Float[Array, "B L M"]:
    """q . k / sqrt(K), whose variance does not grow with K: Vaswani et al., "Attention Is All You Need", 2017, equation 1."""
    return dot_scores(q_BLK, k_BMK) / q_BLK.shape[-1] ** 0.5


def general_scores(
    q_BLQ: Float[Array, "B L Q"], k_BMK: Float[Array, "B M K"], w_QK: Float[Array, "Q K"]
) -> Float[Array, "B L M"]:
    """q W k, Luong et al., section 3.1."""
    return dot_scores(q_BLQ @ w_QK, k_BMK)


def location_scores(
    q_BLQ: Float[Array, "B L Q"], w_QW: Float[Array, "Q W"], places: int
) -> Float[Array, "B L {places}"]:
    """q W, a score for each place whatever stands there; Luong et al., section 3.1. Raises ValueError for more than W places."""
    if places > w_QW.shape[1]:
        raise ValueError(f"{places} places, but the location scores were made for {w_QW.shape[1]}")
    return q_BLQ @ w_QW[:, :places]


def alignment_weights(scores_BLM: Float[Array, "B L M"], mask_BLM: Bool[Array, "B #L M"]) -> Float[Array, "B L M"]:
    """Softmax over the places that the mask allows, in float32: the weights sum to 1 and are exactly 0 elsewhere.

    Where the mask allows none, all are 0.
    """
    scores = jnp.where(mask_BLM, scores_BLM.astype(jnp.float32), jnp.finfo(jnp.float32).min)
    return jnp.where(mask_BLM, jax.nn.softmax(scores, axis=-1), 0.0)


def window(centre_BL: Num[Array, "B L"], places: int, reach: int) -> Bool[Array, "B L {places}"]:
    """True at places within `reach` of the centre: [p - D, p + D], Luong et al., section 3.2."""
    return jnp.abs(jnp.arange(places) - centre_BL[..., None]) <= reach


def monotonic_centre(time_BL: Num[Array, "B L"], lengths_B: Num[Array, "B"]) -> Num[Array, "B L"]:
    """The decoder's own time, kept inside the source: source and target run about alike (local-m)."""
    return jnp.minimum(time_BL, lengths_B[:, None] - 1)


def predictive_centre(
    q_BLQ: Float[Array, "B L Q"], w_QA: Float[Array, "Q A"], v_A: Float[Array, "A"], lengths_B: Num[Array, "B"]
) -> Float[Array, "B L"]:
    """S sigmoid(v . tanh(W q)), Luong et al., section 3.2 (local-p); S is the last place, so that places count from 0."""
    return (lengths_B[:, None] - 1) * jax.nn.sigmoid(jnp.tanh(q_BLQ @ w_QA) @ v_A).astype(jnp.float32)


def favoured(weights_BLM: Float[Array, "B L M"], centre_BL: Float[Array, "B L"], reach: int) -> Float[Array, "B L M"]:
    """Weights times a Gaussian around the centre of deviation reach / 2 (local-p): as in Luong et al., section 3.2, they sum to at most 1."""
    distance = jnp.arange(weights_BLM.shape[-1]) - centre_BL[..., None]
    return weights_BLM * jnp.exp(-(distance**2) / (2 * (reach / 2) ** 2))


def context(weights_BLM: Float[Array, "B L M"], memory_BMH: Float[Array, "B M H"]) -> Float[Array, "B L H"]:
    """The weighted mean of the memory."""
    return jnp.einsum("BLM,BMH->BLH", weights_BLM.astype(memory_BMH.dtype), memory_BMH)
