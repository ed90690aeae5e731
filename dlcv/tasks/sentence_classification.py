"""Sentence classification by an encoder that reads both ways: fine-tuned from a pre-trained one, or trained from scratch.

Source: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019,
section 3.2. `config.start` carries the encoder over, a rule (pattern, "frozen", 1) of the optimiser keeps it as it is.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.bert import LAYOUTS
from dlcv.models.net import Net
from dlcv.quality.matthews import matthews
from dlcv.tasks import reading
from dlcv.tasks.classification import confusion_figure

MISTAKEN = 10  # sentences in the figure


def make(
    setup: Setup, size: str = "turc-tiny", length: int | None = None, dropout: float = 0.1, pooling: str = "first",
    label_smoothing: float = 0.0,
) -> Task:  # fmt: skip
    """One player, `model`: softmax cross-entropy; accuracy, Matthews correlation, the confusion matrix, sentences that were mistaken.

    `size`, `length` as of `masked_language_model`, whose encoder fits; `pooling` "first" reads the first token, "mean" all of them.
    Raises Misuse for data without classes and as `dlcv.tasks.reading.encoder` does.
    """
    if "classes" not in setup.info:
        raise Misuse(
            "this data set has no classes: take one of labelled sentences, such as sst2, cola or library_sentences"
        )
    classes = tuple(setup.info["classes"])
    module = reading.encoder(setup, size, length, dropout, heads=("classes",), classes=len(classes), pooling=pooling)
    net = Net(module)

    def init(key, spec) -> Variables:
        tokens = jnp.zeros((1, spec["tokens"].shape[1]), jnp.int32)
        return Variables({"model": net.init(key, tokens, train=False)[0]})

    def loss(params, stats, carry, batch, key, step):
        (scores, _), _ = net(params["model"], {}, batch["tokens"], reading.seen(batch), train=True, key=key)
        rows = cross_entropy(scores["classes"], batch["label"], label_smoothing)
        return Loss(rows.mean(), rows.size), Aux(
            metrics={"accuracy": correct(scores["classes"], batch["label"]).mean()}
        )

    def predict(variables: Variables, batch, key):
        (scores, aux), _ = net(variables.params["model"], {}, batch["tokens"], reading.seen(batch))
        return {"logits": scores["classes"], "features": aux["pooled"]}

    metrics = {
        "accuracy": Metric(lambda outputs, batch: correct(outputs["logits"], batch["label"])),
        "cross_entropy": Metric(lambda outputs, batch: cross_entropy(outputs["logits"], batch["label"])),
    }
    figures = {
        "confusion": partial(confusion_figure, classes=classes), "mistaken": partial(mistaken_figure, classes=classes),
    }  # fmt: skip
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(
        init, (player,), setup.batch_spec, predict, metrics, scores={"matthews": partial(correlation, classes=len(classes))},
        figures=figures, makers=reading.makers(module), layouts=LAYOUTS,
    )  # fmt: skip


def correlation(view: View, classes: int) -> Mapping[str, float]:
    """Matthews correlation of each split."""
    return {
        split: matthews(outputs["logits"].argmax(-1), view.examples[split]["label"], classes)
        for split, outputs in view.outputs.items()
    }


def mistaken_figure(view: View, classes: Sequence[str]) -> Figure:
    """The sentences of the first split whose wrong class was given with the greatest probability."""
    split, reader = next(iter(view.outputs)), view.info["reader"]
    logits, examples = np.float64(view.outputs[split]["logits"]), view.examples[split]
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    sure = np.where(shares.argmax(-1) == examples["label"], 0, shares.max(-1))
    rows = []
    for row in np.argsort(-sure, kind="stable")[:MISTAKEN]:
        if sure[row] > 0:
            labels = reader.labels(examples["tokens"][row][1 : int(examples["length"][row]) - 1])
            rows.append(
                (
                    reader.joined(labels),
                    classes[examples["label"][row]],
                    classes[shares[row].argmax()],
                    float(sure[row]),
                )
            )
    return Figure("mistaken_sentences", {"rows": rows, "mistaken": int((sure > 0).sum()), "total": len(sure)})
