"""Losses of token sequences, and how often the truth is shown while training on one's own guesses."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from dlcv.losses.classification import cross_entropy

FORCING = ("always", "linear", "exponential", "inverse_sigmoid", "never")


def masked_cross_entropy(
    logits_BTV: Float[Array, "B T V"], tokens_BT: Int[Array, "B T"], mask_BT: Bool[Array, "B T"], smoothing: float = 0.0
) -> tuple[Float[Array, "B T"], Float[Array, "B T"]]:
    """(nats of every token, exactly 0 outside the mask; the weights 1 and 0 to average under).

    With `smoothing` the truth is mixed with the uniform distribution: Szegedy et al., "Rethinking the Inception Architecture", 2016.
    """
    return jnp.where(mask_BT, cross_entropy(logits_BTV, tokens_BT, smoothing), 0.0), mask_BT.astype(jnp.float32)


def truth_probability(forcing: str, step: Array | int, steps: int, sharpness: float = 12.0) -> Array | float:
    """The probability that the decoder is shown the true token before, at `step` of `steps`: from about 1 at first to about 0.

    "always" is teacher forcing, "never" free running; the others fall as 1 - s, e^(-s k / 2) and k' / (k' + e^(s k)) over the share s
    of the run with k = `sharpness` and k' = e^(k / 2): Bengio, Vinyals, Jaitly and Shazeer, "Scheduled Sampling for Sequence Prediction
    with Recurrent Neural Networks", 2015, section 2.4. Raises ValueError for another name.
    """
    if forcing not in FORCING:
        raise ValueError(f"forcing {forcing!r}: expected one of {', '.join(FORCING)}")
    share = step / max(steps, 1)
    return {
        "always": 1.0,
        "linear": 1 - share,
        "exponential": jnp.exp(-sharpness / 2 * share),
        "inverse_sigmoid": jax.nn.sigmoid(sharpness * (0.5 - share)),
        "never": 0.0,
    }[forcing]
