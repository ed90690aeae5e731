"""The task of every sequence-to-sequence model: next-token cross-entropy, what it writes, and what is shown of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.language.vocabulary import END, PAD, START, padded
from dlcv.losses.classification import correct
from dlcv.losses.sequence import masked_cross_entropy
from dlcv.models.net import Net
from dlcv.ops.decoding import Marks, Step, beam_search, greedy, sample
from dlcv.quality.bleu import bleu
from dlcv.tasks.aligning import Look, aligned, alignment_figure, reorderings, shifted

MARKS = Marks(START, END, PAD)

METRICS = {
    "nats": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"])),
    "perplexity": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"]), np.exp),
    "token_accuracy": Metric(lambda outputs, batch: (outputs["correct"], outputs["weights"])),
    "exact_match": Metric(lambda outputs, batch: outputs["exact"]),
}


def writing(
    setup: Setup, net: Net, *, look: Look | None, hidden: Callable[..., tuple[tuple, dict]] | None = None, smoothing: float = 0.0,
    beams: int = 1, alpha: float = 0.6, long: int = 0, scores: tuple[str, ...] = (), figures: Mapping[str, Any] = {},
    makers: Mapping[str, Any] = {}, layouts: Mapping[str, Any] = {},
) -> Task:  # fmt: skip
    """One player, `model`, of a module with the methods of `dlcv.models.seq2seq.Seq2Seq`.

    Predictions are greedy, or by `beams` under the length penalty `alpha`. Metrics: nats and accuracy a token under teacher forcing, exact
    match of the prediction, and of sources of more than `long` tokens where `long` is given; `scores` may name "bleu". `look` gives the
    alignment of what was written, None where there is none. `hidden(batch, key, step)` gives further arguments of the module while it is
    trained, and metrics of them. Raises Misuse for unknown scores.
    """
    for name in scores:
        if name not in ("bleu",):
            raise unknown("score of translations", name, ("bleu",))
    spec = setup.batch_spec
    length = spec["target"].shape[1]

    def init(key, spec) -> Variables:
        tokens = jnp.ones((1, 2), jnp.int32)
        params, _ = net.init(key, tokens, jnp.full(1, 2), tokens, train=False)
        return Variables({"model": params})

    def loss(params, stats, carry, batch, key, step):
        given, metrics = hidden(batch, key, step) if hidden else ((), {})
        source, target = (batch["source"], batch["source_length"]), batch["target"]
        (logits, _), _ = net(params["model"], {}, *source, shifted(target), *given, train=True, key=key)
        nats, weights = masked_cross_entropy(logits, target, target != PAD, smoothing)
        return Loss(nats.sum() / weights.sum(), weights.sum()), Aux(metrics=metrics)

    def predict(variables: Variables, batch, key):
        params, target = variables.params["model"], batch["target"]
        (logits, _), _ = net(params, {}, batch["source"], batch["source_length"], shifted(target))
        nats, weights = masked_cross_entropy(logits, target, target != PAD)
        tokens = best(net, params, batch["source"], batch["source_length"], length, beams, alpha)
        exact = (tokens == target).all(1).astype(jnp.float32)
        return {
            "nats": nats,
            "correct": correct(logits, target),
            "weights": weights,
            "tokens": tokens,
            "exact": exact,
        }

    metrics = dict(METRICS)
    if long:
        metrics["exact_match_long"] = Metric(
            lambda outputs, batch: (outputs["exact"], (batch["source_length"] > long).astype(jnp.float32))
        )
    figures = {"accuracy_by_length": length_figure, **figures}
    makers = {"translations": partial(translations, net, look), **makers}
    if look is not None:
        figures["alignment"] = partial(alignment_figure, look)
        makers["reorderings"] = partial(reorderings, partial(best, net), look)
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(
        init, (player,), spec, predict, metrics, scores={"bleu": bleu_scores} if scores else {}, figures=figures, makers=makers,
        layouts=layouts,
    )  # fmt: skip


def stepped(net: Net, params, source: jax.Array, lengths: jax.Array, beams: int = 1) -> tuple[Step, Any]:
    """(step function, first carry) of sources [B, S], for `dlcv.ops.decoding`; the step sees `beams` rows a source."""
    memory, carry = net(params, {}, source, lengths, method="encode")[0]
    memory = net.module.of_beams(memory, beams)

    def step(carry, token):
        carry, (logits, _) = net(params, {}, carry, token, memory, method="step")[0]
        return carry, logits

    return step, carry


def best(net: Net, params, source: jax.Array, lengths: jax.Array, length: int, beams: int, alpha: float) -> jax.Array:
    """The best sequence found of each source, [B, length]: by beam search or, with one beam, greedily."""
    step, carry = stepped(net, params, source, lengths, beams)
    if beams == 1:
        return greedy(step, carry, len(source), length, MARKS).tokens_BT
    return beam_search(step, carry, len(source), length, MARKS, beams=beams, alpha=alpha).tokens_BKT[:, 0]


def length_figure(view: View) -> Figure:
    """Exact match of the first split against the length of the source."""
    split = next(iter(view.outputs))
    lengths = np.asarray(view.examples[split]["source_length"])
    return Figure("accuracy_by_length", {"lengths": lengths, "arms": {split: [view.outputs[split]["exact"]]}})


def bleu_scores(view: View) -> dict[str, float]:
    """BLEU of every split's predictions as text against its own texts: "<split>" cased, "<split>_lower_tokenised" beside it."""
    found = {}
    for split, outputs in view.outputs.items():
        texts = [view.info["target_tokeniser"].decode(row) for row in np.asarray(outputs["tokens"])]
        scores = bleu(texts, view.info["texts"][split].target)
        found |= {split: scores["bleu"], f"{split}_lower_tokenised": scores["lower_tokenised"]}
    return found


def translations(
    net: Net, look: Look | None, view: View, *, count: int = 8, text: str | Sequence[str] = "", beams: int = 5, alpha: float = 0.6,
    temperature: float = 0.0,
) -> Mapping[str, object]:  # fmt: skip
    """`text`, or the first `count` sources of the split, translated by beam search, or drawn at a temperature; with the alignments.

    Raises Misuse for a text that does not fit the model's width and for a negative temperature.
    """
    if temperature < 0 or beams < 1:
        raise Misuse(f"temperature={temperature} must not be negative, beams={beams} at least 1")
    split, examples = next(iter(view.examples.items()))
    rows = range(min(count, len(examples["source"])))
    source, lengths, tokens = written(net, view, rows, text, beams, alpha, temperature)
    given, made = (
        [view.info[f"{side}_tokeniser"].decode(row) for row in numbers]
        for side, numbers in (("source", np.asarray(source)), ("target", tokens))
    )
    lines = [f"{there}\n    {here}" for there, here in zip(given, made, strict=True)]
    if not text and split in view.info["texts"]:
        lines = [f"{line}\n    ({truth})" for line, truth in zip(lines, view.info["texts"][split].target, strict=False)]
    found: dict[str, object] = {"translations": "\n".join(lines)}
    if look is not None:
        found["alignments"] = Figure("alignments", {"pairs": aligned(look, view, source, lengths, tokens)})
    return found


def written(
    net: Net, view: View, rows: Sequence[int], text: str | Sequence[str], beams: int, alpha: float, temperature: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """(sources, their lengths, what is written of them): of `text`, a line or several, or of some rows of the view's split."""
    examples = next(iter(view.examples.values()))
    params, width, length = view.variables.params["model"], examples["source"].shape[1], examples["target"].shape[1]
    source, lengths = examples["source"][rows], examples["source_length"][rows]
    if text:
        encode = view.info["source_tokeniser"].encode
        source, lengths = padded([np.append(encode(line), END) for line in np.atleast_1d(text)], width)

    @jax.jit
    def translate(params, source, lengths, key):
        if not temperature:
            return best(net, params, source, lengths, length, beams, alpha)
        step, carry = stepped(net, params, source, lengths)
        return sample(step, carry, key, len(source), length, MARKS, temperature=temperature).tokens_BT

    return source, lengths, np.asarray(translate(params, jnp.asarray(source), jnp.asarray(lengths), view.key))
