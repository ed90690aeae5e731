"""What a sequence-to-sequence model writes, and what is shown of it: accuracy by length, alignments, translations, BLEU."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, PAD, START, padded
from dlcv.models.aligned import FIXED
from dlcv.models.net import Net
from dlcv.ops.decoding import Marks, Step, beam_search, greedy, repeated, sample
from dlcv.quality.bleu import bleu

MARKS = Marks(START, END, PAD)


def stepped(net: Net, params, source: jax.Array, lengths: jax.Array, beams: int = 1) -> tuple[Step, Any]:
    """(step function, first carry) of sources [B, S], for `dlcv.ops.decoding`; the step sees `beams` rows a source."""
    memory, carry = net(params, {}, source, lengths, method="encode")[0]
    memory = repeated(memory, beams)

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


def alignment_figure(net: Net, view: View, count: int = 6) -> Figure:
    """Attention of the first seed's predictions for sources of several lengths of the first split."""
    split = next(iter(view.outputs))
    order = np.argsort(view.examples[split]["source_length"], kind="stable")
    rows = order[np.linspace(0, 0.9 * (len(order) - 1), min(count, len(order))).astype(int)]
    examples = view.examples[split]
    pairs = aligned(
        net, view, examples["source"][rows], examples["source_length"][rows], view.outputs[split]["tokens"][rows]
    )
    return Figure("alignments", {"pairs": pairs})


def aligned(net: Net, view: View, source, lengths, tokens) -> list[dict]:
    """Labels and weights of sources and predictions [N, S], [N, T], as `dlcv.figures.alignments` draws them."""
    previous = np.pad(np.asarray(tokens)[:, :-1], ((0, 0), (1, 0)), constant_values=MARKS.start)
    (_, weights), _ = net(
        view.variables.params["model"], {}, jnp.asarray(source), jnp.asarray(lengths), jnp.asarray(previous)
    )
    pairs = []
    for row, (length, line) in enumerate(zip(np.asarray(lengths), np.asarray(tokens), strict=True)):
        ended = int((line == MARKS.end).argmax()) + 1 if (line == MARKS.end).any() else len(line)
        labels = [
            [view.info[f"{side}_tokeniser"].vocabulary.tokens[token] for token in numbers]
            for side, numbers in (("source", source[row][:length]), ("target", line[:ended]))
        ]
        pairs.append({"source": labels[0], "target": labels[1], "weights": np.asarray(weights)[row, :ended, :length]})
    return pairs


def steps_back(weights: np.ndarray) -> int:
    """How often the place a decoder looks at most [T, S] lies before that of the token before: 0 where the order is kept."""
    places = np.asarray(weights).argmax(-1)
    return int((np.diff(places) < 0).sum())


def reorderings(
    net: Net, view: View, *, count: int = 6, rows: int = 200, length: int = 16, beams: int = 5
) -> Mapping[str, object]:
    """Of the first `rows` sources of a split, those of at most `length` tokens whose translations step back most often in them.

    Noun phrases of English and French, "a black dog" and "un chien noir", cross so. The translations end before they are compared:
    END looks anywhere. Raises Misuse where no source is short enough.
    """
    examples = next(iter(view.examples.values()))
    chosen = np.flatnonzero(examples["source_length"][:rows] <= length)
    if not len(chosen):
        raise Misuse(f"no source of at most length={length} tokens among the first rows={rows}: give more")
    source, lengths = examples["source"][chosen, :length], examples["source_length"][chosen]
    translate = jax.jit(lambda params, s, n: best(net, params, s, n, examples["target"].shape[1], beams, 0.6))
    tokens = np.asarray(translate(view.variables.params["model"], jnp.asarray(source), jnp.asarray(lengths)))
    pairs = aligned(net, view, source, lengths, tokens)
    pairs.sort(key=lambda pair: -steps_back(pair["weights"][:-1]) / len(pair["target"]))
    return {"reorderings": Figure("alignments", {"pairs": pairs[:count], "title": "where the order of words changes"})}


def translations(
    net: Net, view: View, *, count: int = 8, text: str | Sequence[str] = "", beams: int = 5, alpha: float = 0.6,
    temperature: float = 0.0,
) -> Mapping[str, object]:  # fmt: skip
    """`text`, or the first `count` sources of the split, translated by beam search, or drawn at a temperature; with the alignments.

    Raises Misuse for a text that does not fit the model's width and for a negative temperature.
    """
    if temperature < 0 or beams < 1:
        raise Misuse(f"temperature={temperature} must not be negative, beams={beams} at least 1")
    split, examples = next(iter(view.examples.items()))
    params, width, length = view.variables.params["model"], examples["source"].shape[1], examples["target"].shape[1]
    source, lengths = examples["source"][:count], examples["source_length"][:count]
    if text:
        rows = [
            np.append(view.info["source_tokeniser"].encode(line), END)
            for line in ([text] if isinstance(text, str) else text)
        ]
        source, lengths = padded(rows, width)

    @jax.jit
    def translate(params, source, lengths, key):
        if not temperature:
            return best(net, params, source, lengths, length, beams, alpha)
        step, carry = stepped(net, params, source, lengths)
        return sample(step, carry, key, len(source), length, MARKS, temperature=temperature).tokens_BT

    tokens = np.asarray(translate(params, jnp.asarray(source), jnp.asarray(lengths), view.key))
    given, made = (
        [view.info[f"{side}_tokeniser"].decode(row) for row in numbers]
        for side, numbers in (("source", np.asarray(source)), ("target", tokens))
    )
    lines = [f"{there}\n    {here}" for there, here in zip(given, made, strict=True)]
    if not text and split in view.info["texts"]:
        lines = [f"{line}\n    ({truth})" for line, truth in zip(lines, view.info["texts"][split].target, strict=False)]
    found: dict[str, object] = {"translations": "\n".join(lines)}
    if net.module.decoder.attention not in FIXED:
        found["alignments"] = Figure("alignments", {"pairs": aligned(net, view, source, lengths, tokens)})
    return found
