"""Which of several things a drawing shows, told from its strokes in the order in which they were drawn.

Source of the set-up: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017, whose encoder it is.
"""

from functools import partial

import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.net import Net
from dlcv.models.sketch_rnn import StrokeClassifier
from dlcv.ops.keys import named
from dlcv.ops.strokes import stretched, with_pen
from dlcv.tasks.classification import confusion_figure


def make(
    setup: Setup,
    width: int = 64,
    layers: int = 1,
    dropout: float = 0.0,
    stretch: float = 0.15,
    label_smoothing: float = 0.0,
) -> Task:
    """One player, `model`: an LSTM both ways and softmax cross-entropy; accuracy, the confusion matrix, drawings that were mistaken.

    `stretch` widens and heightens drawings at random in training.
    """
    classes = tuple(setup.info["classes"])
    net = Net(StrokeClassifier(width, len(classes), layers, dropout, setup.dtype))

    def init(key, spec) -> Variables:
        return Variables({"model": net.init(key, jnp.zeros((1, 2, 5)), jnp.ones((1,), jnp.int32), train=False)[0]})

    def loss(params, stats, carry, batch, key, step):
        points = stretched(named(key, "stretch"), with_pen(batch["strokes"], batch["length"]), stretch)
        (logits, _), _ = net(params["model"], {}, points, batch["length"], train=True, key=key)
        rows = cross_entropy(logits, batch["label"], label_smoothing)
        return Loss(rows.mean(), rows.size), Aux(metrics={"accuracy": correct(logits, batch["label"]).mean()})

    def predict(variables: Variables, batch, key):
        points = with_pen(batch["strokes"], batch["length"])
        (logits, features), _ = net(variables.params["model"], {}, points, batch["length"])
        return {"logits": logits, "features": features.astype(jnp.float32)}

    metrics = {
        "accuracy": Metric(lambda outputs, batch: correct(outputs["logits"], batch["label"])),
        "cross_entropy": Metric(lambda outputs, batch: cross_entropy(outputs["logits"], batch["label"])),
    }
    figures = {
        "confusion": partial(confusion_figure, classes=classes),
        "mistaken": partial(mistaken_figure, classes=classes),
    }
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(init, (player,), setup.batch_spec, predict, metrics, figures=figures)


def mistaken_figure(view: View, classes: tuple[str, ...], most: int = 4, columns: int = 8) -> Figure:
    """Drawings that were taken for something else, a row a class they were taken for, those with the most of them."""
    split = next(iter(view.outputs))
    labels, predicted = view.examples[split]["label"], view.outputs[split]["logits"].argmax(-1)
    counts = np.bincount(predicted[predicted != labels], minlength=len(classes))
    rows = {}
    for taken in np.argsort(-counts, kind="stable")[:most]:
        here = np.flatnonzero((predicted == taken) & (predicted != labels))[:columns]
        drawn = {name: jnp.asarray(view.examples[split][name][here]) for name in ("strokes", "length")}
        rows[f"taken for {classes[taken]}"] = np.asarray(with_pen(drawn["strokes"], drawn["length"]))
    return Figure("drawings", {"rows": rows, "title": f"{int(counts.sum())} of {len(labels)} drawings mistaken"})
