"""Masked language modelling: some words of a text are hidden, and told from all that stands around them; where asked, sentence pairs too.

Source: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.language.marked import Marks
from dlcv.losses.classification import correct, cross_entropy
from dlcv.losses.sequence import masked_cross_entropy
from dlcv.models import bert, recurrent_filler
from dlcv.models.net import Net
from dlcv.ops.keys import named
from dlcv.ops.masking import Hidden, hidden, keys_of_rows
from dlcv.tasks import reading

NETWORKS = ("bert", "recurrent")
LINES = 8  # of the figure


def make(
    setup: Setup, network: str = "bert", size: str = "turc-tiny", length: int | None = None, dropout: float = 0.1, rate: float = 0.15,
    span: int = 1, width: int = 128, units: int = 128, layers: int = 2, stochastic_depth: float = 0.0, scan: bool = False, remat: bool = False,
) -> Task:  # fmt: skip
    """One player, `model`: nats of the hidden tokens, a share `rate` of the words, and of `next` where the data are sentence pairs.

    Training hides each row anew in every step, `span` neighbours at a time; held-out rows are hidden alike in every evaluation. `size` is
    a row of `dlcv.models.bert.SIZES` or a checkpoint's folder, `length` the number of its places, and `stochastic_depth`, `scan` and
    `remat` are its blocks'. With `network` "recurrent" two-way LSTM `layers` of `units` fill the same masks, from vectors of `width`.
    Raises Misuse for others, a rate outside 0 to 1, and data of other rows.
    """
    if not 0 < rate < 1:
        raise Misuse(f"rate={rate}: expected a share of the words between 0 and 1, such as 0.15")
    pairs = "next" in setup.batch_spec
    own = dict(stochastic_depth=stochastic_depth, scan=scan, remat=remat)
    module = filler(
        setup, network, pairs, size=size, length=length, dropout=dropout, width=width, units=units, layers=layers, **own
    )
    net, marks = Net(module), Marks(*setup.info["marks"])

    def init(key, spec) -> Variables:
        tokens = jnp.zeros((1, spec["tokens"].shape[1]), jnp.int32)
        return Variables({"model": net.init(key, tokens, jnp.ones_like(tokens, bool), train=False)[0]})

    def read(params, batch, keys, **how) -> tuple[Hidden, dict]:
        found = hidden(keys, batch["tokens"], reading.words(batch, marks), marks.mask, setup.info["size"], rate, span)
        (scores, _), _ = net(
            params, {}, found.shown_BL, reading.seen(batch), batch.get("segments"), places_BK=found.places_BK, **how
        )
        return found, scores

    def loss(params, stats, carry, batch, key, step):
        keys = jax.random.split(named(key, "masking"), len(batch["tokens"]))
        found, scores = read(params["model"], batch, keys, train=True, key=key)
        nats, weights = masked_cross_entropy(scores["masked"], found.tokens_BK, found.chosen_BK)
        value = nats.sum() / jnp.maximum(weights.sum(), 1)
        metrics = {"nats": value}
        if pairs:
            metrics["next_nats"] = cross_entropy(scores["next"], batch["next"]).mean()
            value += metrics["next_nats"]
        return Loss(value, weights.sum()), Aux(metrics=metrics)

    def predict(variables: Variables, batch, key):
        found, scores = read(variables.params["model"], batch, keys_of_rows(jax.random.key(0), batch["tokens"]))
        nats, weights = masked_cross_entropy(scores["masked"], found.tokens_BK, found.chosen_BK)
        outputs = {"nats": nats, "weights": weights, "correct": correct(scores["masked"], found.tokens_BK)}
        outputs |= {"shown": found.shown_BL, "places": found.places_BK, "guesses": scores["masked"].argmax(-1)}
        return outputs | ({"next": correct(scores["next"], batch["next"])} if pairs else {})

    metrics = {
        "nats": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"])),
        "perplexity": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"]), np.exp),
        "accuracy": Metric(lambda outputs, batch: (outputs["correct"], outputs["weights"])),
    }
    if pairs:
        metrics["next_accuracy"] = Metric(lambda outputs, batch: outputs["next"])
    makers = {"fill": partial(fill, net, module.length if network == "bert" else None)}
    if network == "bert":
        makers |= reading.makers(module)
    layouts = bert.LAYOUTS if network == "bert" else recurrent_filler.LAYOUTS
    return Task(
        init, (Player("model", ("model",), loss, setup.optimizer("model")),), setup.batch_spec, predict, metrics,
        scores={"unigram": unigram}, figures={"filled": filled_figure}, makers=makers, layouts=layouts,
    )  # fmt: skip


def filler(
    setup: Setup, network: str, pairs: bool, *, size: str, length: int | None, dropout: float, width: int, units: int, layers: int,
    **own: Any,
) -> bert.BERT | recurrent_filler.RecurrentFiller:  # fmt: skip
    """The network that fills the masks of rows or, BERT alone, of sentence pairs; `own` are more fields of a BERT.

    Raises Misuse for others and for data without such rows.
    """
    if network not in NETWORKS:
        raise unknown("network", network, NETWORKS)
    encoder = reading.encoder(setup, size, length, dropout, heads=("masked", "next") if pairs else ("masked",), **own)
    if network == "bert":
        return encoder
    if pairs:
        raise Misuse("network 'recurrent' fills masks alone: give data.pairs=False")
    return recurrent_filler.RecurrentFiller(
        setup.info["size"], width, units, layers, dropout=dropout, dtype=setup.dtype
    )


def unigram(view: View) -> Mapping[str, float]:
    """Nats of the same hidden tokens by how often each token occurs in training, every token once more."""
    rows, lengths = (view.train.arrays[name] for name in ("tokens", "length"))
    counts = np.bincount(rows[np.arange(rows.shape[1]) < lengths[:, None]], minlength=view.info["size"]) + 1.0
    marks = Marks(*view.info["marks"])
    counts[[marks.pad, marks.start, marks.end, marks.mask]] = 0  # which nobody needs to guess
    nats = -np.log(np.maximum(counts, 1e-9) / counts.sum())
    found = {}
    for split, outputs in view.outputs.items():
        truth = np.take_along_axis(view.examples[split]["tokens"], outputs["places"], axis=1)
        found[f"{split}_nats"] = float((nats[truth] * outputs["weights"]).sum() / outputs["weights"].sum())
    return found


def filled_figure(view: View) -> Figure:
    """Held-out rows: what each hidden place was filled with, and what stood there."""
    split, reader = next(iter(view.outputs)), view.info["reader"]
    outputs, examples, rows = view.outputs[split], view.examples[split], []
    for row in range(min(LINES, len(examples["tokens"]))):
        length = int(examples["length"][row])
        labels = reader.labels(examples["tokens"][row][:length])
        chosen = outputs["weights"][row] > 0
        guesses = dict(
            zip(outputs["places"][row][chosen].tolist(), reader.labels(outputs["guesses"][row][chosen]), strict=True)
        )
        rows.append((labels, guesses))
    return Figure("filled_text", {"rows": rows})


def fill(
    net: Net, places: int | None, view: View, *, text: str = "the [MASK] of the [MASK] is a string .", count: int = 5
) -> Mapping[str, str]:
    """`dlcv.sample --what=fill --option=text="the [MASK] of ..."`: the `count` likeliest tokens of each mask, with their shares.

    Raises Misuse for a text without a mask and, of a network that has `places`, for one that is longer.
    """
    reader = view.info["reader"]
    tokens = reading.given(text, reader, places)
    (scores, _), _ = net(view.variables.params["model"], {}, jnp.asarray(tokens), jnp.ones(tokens.shape, bool))
    lines = [text]
    for place in np.flatnonzero(tokens[0] == reader.marks.mask):
        shares = np.asarray(jax.nn.softmax(scores["masked"][0, place]))[: len(reader.tokens)]
        best = np.argsort(-shares, kind="stable")[:count]
        lines.append(
            "  ".join(f"{label} {shares[token]:.2f}" for label, token in zip(reader.labels(best), best, strict=True))
        )
    if len(lines) == 1:
        raise Misuse(f"text={text!r} has no mask: write [MASK] where a word is missing")
    return {"fill": "\n".join(lines)}
