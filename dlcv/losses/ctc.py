"""Connectionist temporal classification: -log of the probability of all alignments of a label sequence with the frames.

Source: Graves, Fernandez, Gomez and Schmidhuber, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with
Recurrent Neural Networks", 2006.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.ops.ctc_decoding import BLANK, NEVER


def ctc(
    logits_BTC: Float[Array, "B T C"], frames_B: Int[Array, "B"], labels_BL: Int[Array, "B L"], lengths_B: Int[Array, "B"]
) -> Float[Array, "B"]:  # fmt: skip
    """-log p(labels | frames) in nats, in float32, of the first `lengths` labels over the first `frames` frames.

    Class 0 is the blank; an alignment is one class a frame, and stands for what is left when repeats are merged and blanks dropped. The
    forward variables of the paper's section 4.1, in log space. Labels that do not fit their frames cost inf, with gradient 0.
    """
    logp_BTC = jax.nn.log_softmax(logits_BTC.astype(jnp.float32))
    states_BS, skip_BS = _states(labels_BL)
    logp_TBS = jnp.take_along_axis(logp_BTC, states_BS[:, None], axis=-1).swapaxes(0, 1)
    place = jnp.arange(states_BS.shape[1])

    def step(alpha_BS, frame):
        t, logp_BS = frame
        one = jnp.pad(alpha_BS[:, :-1], ((0, 0), (1, 0)), constant_values=NEVER)
        two = jnp.pad(alpha_BS[:, :-2], ((0, 0), (2, 0)), constant_values=NEVER)
        paths = jnp.stack([alpha_BS, one, jnp.where(skip_BS, two, NEVER)])
        moved_BS = jax.nn.logsumexp(paths, axis=0) + logp_BS
        return jnp.where((t < frames_B)[:, None], moved_BS, alpha_BS), None

    first_BS = jnp.where(place < 2, logp_TBS[0], NEVER)
    last_BS, _ = jax.lax.scan(step, first_BS, (jnp.arange(1, len(logp_TBS)), logp_TBS[1:]))
    at_the_end = (place >= 2 * lengths_B[:, None] - 1) & (place <= 2 * lengths_B[:, None])
    nats_B = -jax.nn.logsumexp(jnp.where(at_the_end, last_BS, NEVER), axis=-1)
    return jnp.where(nats_B < -NEVER / 2, nats_B, jnp.inf)


def _states(labels_BL: Array) -> tuple[Array, Array]:
    """Classes of the 2 L + 1 states (a blank before, between and behind the labels), and which may be reached from two states before."""
    B, L = labels_BL.shape
    states_BS = jnp.full((B, 2 * L + 1), BLANK).at[:, 1::2].set(labels_BL)
    other_BL = jnp.pad(labels_BL[:, 1:] != labels_BL[:, :-1], ((0, 0), (1, 0)))
    return states_BS, jnp.zeros(states_BS.shape, bool).at[:, 1::2].set(other_BL)
