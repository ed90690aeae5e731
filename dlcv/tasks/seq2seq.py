"""Sequence to sequence by a recurrent encoder and decoder: next-token cross-entropy, teacher forcing or scheduled sampling.

Sources: Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014; Bahdanau, Cho and Bengio, "Neural Machine
Translation by Jointly Learning to Align and Translate", 2015; Bengio, Vinyals, Jaitly and Shazeer, "Scheduled Sampling", 2015.
"""

import jax
import jax.numpy as jnp

from dlcv.engine.task import Setup, Task
from dlcv.errors import unknown
from dlcv.losses.sequence import FORCING, truth_probability
from dlcv.models.aligned import FIXED
from dlcv.models.net import Net
from dlcv.models.seq2seq import LAYOUTS, seq2seq
from dlcv.ops.keys import named
from dlcv.tasks.translating import writing


def make(
    setup: Setup, size: str = "small", forcing: str = "always", smoothing: float = 0.0, beams: int = 1, alpha: float = 0.6,
    long: int = 0, scores: tuple[str, ...] = (), cell: str = "lstm", direction: str = "both", attention: str = "additive",
    span: str = "global", reach: int = 10, feeding: bool = True, dropout: float = 0.0,
) -> Task:  # fmt: skip
    """One player, `model`. `cell`, `direction` of the encoder, `attention`, its `span` and `reach`, input `feeding` and `dropout` are those of
    `dlcv.models.seq2seq`.

    `forcing` is the schedule by which the decoder sees true tokens while it is trained (`losses.sequence.FORCING`); `smoothing`, `beams`,
    `alpha`, `long` and `scores` are those of `dlcv.tasks.translating.writing`. Raises Misuse for unknown names.
    """
    if forcing not in FORCING:
        raise unknown("forcing of seq2seq", forcing, FORCING)
    module = seq2seq(
        size, setup.info["source_size"], setup.info["target_size"], cell=cell, direction=direction, attention=attention, span=span,
        reach=reach, places=setup.batch_spec["source"].shape[1], feeding=feeding, dropout=dropout, dtype=setup.dtype,
    )  # fmt: skip
    net = Net(module)

    def hidden(batch, key, step):
        truth, kept = truth_probability(forcing, step, setup.steps), None
        if forcing != "always":
            kept = jax.random.bernoulli(named(key, "forcing"), truth, batch["target"].shape).at[:, 0].set(True)
        return (kept,), {"truth": jnp.float32(truth)}

    def look(params, source, lengths, previous):
        return net(params, {}, source, lengths, previous)[0][1]

    return writing(
        setup, net, look=None if attention in FIXED else look, hidden=hidden, smoothing=smoothing, beams=beams, alpha=alpha,
        long=long, scores=scores, layouts=LAYOUTS,
    )  # fmt: skip
