"""Label sequences from frame-wise classes of connectionist temporal classification: the best path, and prefix beam search."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

BLANK = 0
NEVER = -1e30  # log of no probability at all; finite, since differences of infinities are not numbers


def greedy(logits_BTC: Float[Array, "B T C"], frames_B: Int[Array, "B"]) -> tuple[Int[Array, "B T"], Int[Array, "B"]]:
    """The most likely class of each frame, repeats merged, blanks dropped: (labels, 0 behind the last one; how many).

    Graves et al., "Connectionist Temporal Classification", 2006, section 3.2 (best path decoding).
    """
    best_BT = logits_BTC.argmax(-1)
    before_BT = jnp.pad(best_BT[:, :-1], ((0, 0), (1, 0)), constant_values=BLANK)
    here_BT = jnp.arange(best_BT.shape[1]) < frames_B[:, None]
    kept_BT = (best_BT != BLANK) & (best_BT != before_BT) & here_BT
    order_BT = jnp.argsort(~kept_BT, axis=1, stable=True)
    labels_BT = jnp.take_along_axis(jnp.where(kept_BT, best_BT, BLANK), order_BT, axis=1)
    return labels_BT, kept_BT.sum(1)


class Beam(NamedTuple):
    """W distinct prefixes, most likely first; those that stand for none have probability 0."""

    labels_WT: Int[Array, "W T"]  # 0 behind the last label
    lengths_W: Int[Array, "W"]
    blank_W: Float[Array, "W"]  # log probability of all alignments so far that end in a blank
    label_W: Float[Array, "W"]  # and that end in the prefix's last label

    @property
    def score_W(self) -> Array:
        return jnp.logaddexp(self.blank_W, self.label_W)


def prefix_beam_search(
    logits_BTC: Float[Array, "B T C"], frames_B: Int[Array, "B"], width: int
) -> tuple[Int[Array, "B W T"], Int[Array, "B W"], Float[Array, "B W"]]:
    """(labels, lengths, log probabilities) of the `width` most likely label sequences found, best first.

    A prefix keeps the mass of all its alignments, apart by whether they end in a blank; at each frame it stays or takes one more label, and
    equal prefixes are added up. Exact where `width` is no less than the number of prefixes that there are.
    Hannun, Maas, Jurafsky and Ng, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs", 2014.
    """
    logp_BTC = jax.nn.log_softmax(logits_BTC.astype(jnp.float32))
    beam = jax.vmap(partial(_search, width=width))(logp_BTC, frames_B)
    return beam.labels_WT, beam.lengths_W, beam.score_W


def _search(logp_TC: Array, frames: Array, *, width: int) -> Beam:
    T, _ = logp_TC.shape
    empty = jnp.full((width,), NEVER)
    begin = Beam(jnp.zeros((width, T), jnp.int32), jnp.zeros(width, jnp.int32), empty.at[0].set(0.0), empty)

    def step(beam: Beam, frame):
        t, logp_C = frame
        after = _advance(beam, logp_C)
        return jax.tree.map(lambda new, old: jnp.where(t < frames, new, old), after, beam), None

    return jax.lax.scan(step, begin, (jnp.arange(T), logp_TC))[0]


def _advance(beam: Beam, logp_C: Array) -> Beam:
    """The beam one frame later: the best of W prefixes that stay and W C that take a label."""
    W, (C,) = len(beam.lengths_W), logp_C.shape
    last_W = jnp.take_along_axis(beam.labels_WT, jnp.maximum(beam.lengths_W - 1, 0)[:, None], axis=1)[:, 0]
    repeats_WC = (jnp.arange(C) == last_W[:, None]) & (beam.lengths_W > 0)[:, None]
    # The last label once more is a new label only behind a blank.
    grown_WC = jnp.where(repeats_WC, beam.blank_W[:, None], beam.score_W[:, None]) + logp_C
    grown_WC = grown_WC.at[:, BLANK].set(NEVER)
    blank_W = beam.score_W + logp_C[BLANK]
    label_W = jnp.where(beam.lengths_W > 0, beam.label_W + logp_C[last_W], NEVER)
    # What grows into a prefix of the beam is added to it: row parent, column child.
    child_WW = _is_child(beam)
    label_W = jnp.logaddexp(label_W, jax.nn.logsumexp(jnp.where(child_WW, grown_WC[:, last_W], NEVER), axis=0))
    taken_WC = (child_WW[:, :, None] & (jnp.arange(C) == last_W[:, None])).any(1)
    grown_WC = jnp.where(taken_WC, NEVER, grown_WC)

    scores = jnp.concatenate([jnp.logaddexp(blank_W, label_W), grown_WC.reshape(-1)])
    chosen_W = jax.lax.top_k(scores, W)[1]
    grows_W = chosen_W >= W
    parent_W = jnp.where(grows_W, (chosen_W - W) // C, chosen_W)
    label = jnp.where(grows_W, (chosen_W - W) % C, BLANK).astype(jnp.int32)
    lengths_W, rows = beam.lengths_W[parent_W], jnp.arange(W)
    labels_WT = beam.labels_WT[parent_W]
    place_W = jnp.minimum(lengths_W, labels_WT.shape[1] - 1)
    labels_WT = labels_WT.at[rows, place_W].set(jnp.where(grows_W, label, labels_WT[rows, place_W]))
    return Beam(
        labels_WT, lengths_W + grows_W, jnp.where(grows_W, NEVER, blank_W[parent_W]),
        jnp.where(grows_W, scores[chosen_W], label_W[parent_W]),
    )  # fmt: skip


def _is_child(beam: Beam) -> Array:
    """[W, W]: whether the column's prefix is the row's with one label more."""
    there_WT = jnp.arange(beam.labels_WT.shape[1]) < beam.lengths_W[:, None]
    agree_WW = ((beam.labels_WT[:, None] == beam.labels_WT[None]) | ~there_WT[:, None]).all(-1)
    alive_W = beam.score_W > NEVER / 2
    longer_WW = beam.lengths_W[None] == beam.lengths_W[:, None] + 1
    return agree_WW & longer_WW & alive_W[:, None] & alive_W[None]
