"""Sequence to sequence by a recurrent encoder and decoder: next-token cross-entropy, teacher forcing or scheduled sampling.

Sources: Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014; Bahdanau, Cho and Bengio, "Neural Machine
Translation by Jointly Learning to Align and Translate", 2015; Bengio, Vinyals, Jaitly and Shazeer, "Scheduled Sampling", 2015.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Loss, Metric, Player, Setup, Task, Variables
from dlcv.errors import unknown
from dlcv.language.vocabulary import PAD, START
from dlcv.losses.classification import correct
from dlcv.losses.sequence import FORCING, masked_cross_entropy, truth_probability
from dlcv.models.aligned import FIXED
from dlcv.models.net import Net
from dlcv.models.seq2seq import LAYOUTS, seq2seq
from dlcv.ops.keys import named
from dlcv.tasks import translating


def make(
    setup: Setup, size: str = "small", forcing: str = "always", smoothing: float = 0.0, beams: int = 1, alpha: float = 0.6,
    long: int = 0, scores: tuple[str, ...] = (), cell: str = "lstm", direction: str = "both", attention: str = "additive",
    span: str = "global", reach: int = 10, feeding: bool = True, dropout: float = 0.0,
) -> Task:  # fmt: skip
    """One player, `model`. `cell`, `direction` of the encoder, `attention`, its `span` and `reach`, input `feeding` and `dropout` are those of
    `dlcv.models.seq2seq`.

    `forcing` is the schedule by which the decoder sees true tokens while it is trained (`losses.sequence.FORCING`). Predictions are
    greedy, or by `beams` under the length penalty `alpha`. Metrics: nats and accuracy a token under teacher forcing, exact match of the
    prediction, and of sources of more than `long` tokens where `long` is given; `scores` may name "bleu". Raises Misuse for unknown names.
    """
    for what, given, known in (("forcing", forcing, FORCING), *(("score", name, ("bleu",)) for name in scores)):
        if given not in known:
            raise unknown(f"{what} of seq2seq", given, known)
    spec = setup.batch_spec
    width, length = spec["source"].shape[1], spec["target"].shape[1]
    module = seq2seq(
        size, setup.info["source_size"], setup.info["target_size"], cell=cell, direction=direction, attention=attention, span=span,
        reach=reach, places=width, feeding=feeding, dropout=dropout, dtype=setup.dtype,
    )  # fmt: skip
    net = Net(module)

    def init(key, spec) -> Variables:
        tokens = jnp.ones((1, 2), jnp.int32)
        params, _ = net.init(key, tokens, jnp.full(1, 2), tokens, train=False)
        return Variables({"model": params})

    def loss(params, stats, carry, batch, key, step):
        truth, kept = truth_probability(forcing, step, setup.steps), None
        if forcing != "always":
            kept = jax.random.bernoulli(named(key, "forcing"), truth, batch["target"].shape).at[:, 0].set(True)
        target = batch["target"]
        (logits, _), _ = net(
            params["model"], {}, batch["source"], batch["source_length"], shifted(target), kept, train=True, key=key
        )
        nats, weights = masked_cross_entropy(logits, target, target != PAD, smoothing)
        return Loss(nats.sum() / weights.sum(), weights.sum()), Aux(metrics={"truth": jnp.float32(truth)})

    def predict(variables: Variables, batch, key):
        params, target = variables.params["model"], batch["target"]
        (logits, _), _ = net(params, {}, batch["source"], batch["source_length"], shifted(target))
        nats, weights = masked_cross_entropy(logits, target, target != PAD)
        tokens = translating.best(net, params, batch["source"], batch["source_length"], length, beams, alpha)
        exact = (tokens == target).all(1).astype(jnp.float32)
        return {
            "nats": nats,
            "correct": correct(logits, target),
            "weights": weights,
            "tokens": tokens,
            "exact": exact,
        }

    metrics = {
        "nats": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"])),
        "perplexity": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"]), np.exp),
        "token_accuracy": Metric(lambda outputs, batch: (outputs["correct"], outputs["weights"])),
        "exact_match": Metric(lambda outputs, batch: outputs["exact"]),
    }
    if long:
        metrics["exact_match_long"] = Metric(
            lambda outputs, batch: (outputs["exact"], (batch["source_length"] > long).astype(jnp.float32))
        )
    figures = {"accuracy_by_length": translating.length_figure}
    makers = {"translations": partial(translating.translations, net)}
    if attention not in FIXED:
        figures["alignment"] = partial(translating.alignment_figure, net)
        makers["reorderings"] = partial(translating.reorderings, net)
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(
        init, (player,), spec, predict, metrics, scores={"bleu": translating.bleu_scores} if scores else {}, figures=figures,
        makers=makers, layouts=LAYOUTS,
    )  # fmt: skip


def shifted(target: jax.Array) -> jax.Array:
    """The token before each place: START, then the target without its last."""
    return jnp.pad(target[:, :-1], ((0, 0), (1, 0)), constant_values=START)
