"""Where a translator looks while it writes: alignments, and the sentences in which the order of words changes."""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, START

Look = Callable[..., jax.Array]  # (params, source_BS, lengths_B, previous_BT) -> weights_BTS


def alignment_figure(look: Look, view: View, count: int = 6) -> Figure:
    """Attention of the first seed's predictions for sources of several lengths of the first split."""
    split = next(iter(view.outputs))
    rows = several(view.examples[split]["source_length"], count)
    examples = view.examples[split]
    pairs = aligned(
        look, view, examples["source"][rows], examples["source_length"][rows], view.outputs[split]["tokens"][rows]
    )
    return Figure("alignments", {"pairs": pairs})


def several(lengths: np.ndarray, count: int) -> np.ndarray:
    """At most `count` rows of all kinds of lengths, the longest tenth left out."""
    order = np.argsort(lengths, kind="stable")
    return order[np.linspace(0, 0.9 * (len(order) - 1), min(count, len(order))).astype(int)]


def aligned(look: Look, view: View, source, lengths, tokens) -> list[dict]:
    """Labels and weights of sources and predictions [N, S], [N, T], as `dlcv.figures.alignments` draws them."""
    weights = np.asarray(look(view.variables.params["model"], *read(source, lengths, tokens)))
    pairs = []
    for row, labels in enumerate(labelled(view, source, lengths, tokens)):
        cut = weights[row, : len(labels["target"]), : len(labels["source"])]
        pairs.append({**labels, "weights": cut})
    return pairs


def read(source, lengths, tokens) -> tuple[jax.Array, jax.Array, jax.Array]:
    """What a translator is given when it writes `tokens` [N, T]: the sources, their lengths, the token before each place."""
    return jnp.asarray(source), jnp.asarray(lengths), shifted(jnp.asarray(tokens))


def shifted(target: jax.Array) -> jax.Array:
    """The token before each place: START, then the target without its last."""
    return jnp.pad(target[:, :-1], ((0, 0), (1, 0)), constant_values=START)


def labelled(view: View, source, lengths, tokens) -> list[dict[str, list[str]]]:
    """{"source", "target"} of each row: the tokens as text, with END, without padding."""
    rows = []
    for numbers, length, line in zip(source, np.asarray(lengths), np.asarray(tokens), strict=True):
        ended = int((line == END).argmax()) + 1 if (line == END).any() else len(line)
        sides = {"source": numbers[:length], "target": line[:ended]}
        rows.append({
            side: [view.info[f"{side}_tokeniser"].vocabulary.tokens[token] for token in shown]
            for side, shown in sides.items()
        })  # fmt: skip
    return rows


def steps_back(weights: np.ndarray) -> int:
    """How often the place a decoder looks at most [T, S] lies before that of the token before: 0 where the order is kept."""
    places = np.asarray(weights).argmax(-1)
    return int((np.diff(places) < 0).sum())


def reorderings(
    best: Callable, look: Look, view: View, *, count: int = 6, rows: int = 200, length: int = 16, beams: int = 5
) -> Mapping[str, object]:
    """Of the first `rows` sources of a split, those of at most `length` tokens whose translations step back most often in them.

    Noun phrases of English and French, "a black dog" and "un chien noir", cross so. The translations end before they are compared:
    END looks anywhere. `best` gives (params, source, lengths, length, beams, alpha) -> tokens. Raises Misuse where no source is short
    enough.
    """
    examples = next(iter(view.examples.values()))
    chosen = np.flatnonzero(examples["source_length"][:rows] <= length)
    if not len(chosen):
        raise Misuse(f"no source of at most length={length} tokens among the first rows={rows}: give more")
    source, lengths = examples["source"][chosen, :length], examples["source_length"][chosen]
    translate = jax.jit(lambda params, s, n: best(params, s, n, examples["target"].shape[1], beams, 0.6))
    tokens = np.asarray(translate(view.variables.params["model"], jnp.asarray(source), jnp.asarray(lengths)))
    pairs = aligned(look, view, source, lengths, tokens)
    pairs.sort(key=lambda pair: -steps_back(pair["weights"][:-1]) / len(pair["target"]))
    return {"reorderings": Figure("alignments", {"pairs": pairs[:count], "title": "where the order of words changes"})}
