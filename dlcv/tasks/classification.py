"""Image classification: softmax cross-entropy on augmented images, any model of the table below."""

from collections.abc import Mapping, Sequence

import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import unknown
from dlcv.explain import Classifier, makers
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.models.vit import LAYOUTS as vit_layouts
from dlcv.models.vit import vit
from dlcv.ops.augmentation import augment
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.keys import named

MODELS = {"cnn": cnn, "vit": vit}  # name -> (size, classes, **fields) -> module: images -> (logits, aux)
ATTENTIVE = ("vit",)  # attention to show, no batch statistics
RECTIFIED = ("cnn",)  # their ReLU is a field: `rectify`
LAYOUTS = {"vit": vit_layouts}


def make(
    setup: Setup, model: str = "cnn", size: str = "digits", model_kw: Mapping | None = None, augmentation: Sequence = (),
    label_smoothing: float = 0.0,
) -> Task:  # fmt: skip
    """One player, `model`; accuracy and cross-entropy on each split, a confusion matrix, attention maps where there is attention.

    `dlcv.sample --what=` gives activations of any layer and pictures of what the model looks at (dlcv.explain).
    """
    if model not in MODELS:
        raise unknown("model", model, MODELS)
    classes = setup.info["classes"]

    def network(**fields) -> Net:
        return Net(MODELS[model](size, len(classes), **(model_kw or {}), **fields))

    net = network(dtype=setup.dtype)

    def init(key, spec) -> Variables:
        images = jnp.zeros((1, *spec["image"].shape[1:]), setup.dtype)
        params, stats = net.init(named(key, "model"), images, train=False)
        return Variables({"model": params}, {"model": stats} if stats else {})

    def loss(params, stats, carry, batch, key, step):
        images = augment(from_bytes(batch["image"], setup.dtype), key, augmentation)
        (logits, _), stats = net(params["model"], stats.get("model", {}), images, train=True, key=key)
        rows = cross_entropy(logits, batch["label"], label_smoothing)
        return Loss(rows.mean(), rows.size), Aux(
            {"model": stats}, metrics={"accuracy": correct(logits, batch["label"]).mean()}
        )

    def predict(variables: Variables, batch, key):
        images = from_bytes(batch["image"], setup.dtype)
        (logits, aux), _ = net(variables.params["model"], variables.stats.get("model", {}), images)
        return {"logits": logits, "features": aux["features"].astype(jnp.float32)}

    def attention_figure(view: View) -> Figure:
        split = next(iter(view.examples))
        images = jnp.asarray(view.examples[split]["image"][:6])
        (_, aux), _ = net(view.variables.params["model"], {}, from_bytes(images, setup.dtype), return_attention=True)
        return Figure(
            "attention_maps",
            {"images": np.asarray(to_unit(from_bytes(images))), "attention": np.asarray(aux["attention"])},
        )

    metrics = {
        "accuracy": Metric(lambda outputs, batch: correct(outputs["logits"], batch["label"])),
        "cross_entropy": Metric(lambda outputs, batch: cross_entropy(outputs["logits"], batch["label"])),
    }
    figures = {
        "confusion": lambda view: confusion_figure(view, classes),
        "predictions": lambda view: predictions_figure(view, classes),
    }
    if model in ATTENTIVE:
        figures["attention"] = attention_figure
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    rectified = (lambda relu: network(rectify=relu)) if model in RECTIFIED else None
    classifier = Classifier(network(), tuple(classes), rectified)
    return Task(
        init, (player,), setup.batch_spec, predict, metrics, figures=figures, decomposable=model in ATTENTIVE,
        layouts=LAYOUTS.get(model, {}), makers=makers(classifier),
    )  # fmt: skip


def confusion_figure(view: View, classes: Sequence[str]) -> Figure:
    """True against predicted class over a whole split."""
    split = next(iter(view.outputs))
    return Figure("confusion", dict(
        labels=view.examples[split]["label"], predicted=view.outputs[split]["logits"].argmax(-1), classes=tuple(classes),
    ))  # fmt: skip


def predictions_figure(view: View, classes: Sequence[str]) -> Figure:
    """The wrong predictions first, with the class that was taken for the true one."""
    split = next(iter(view.outputs))
    labels, predicted = view.examples[split]["label"], view.outputs[split]["logits"].argmax(-1)
    rows = np.argsort(labels == predicted, kind="stable")[:40]
    return Figure("predictions", dict(
        images=view.examples[split]["image"][rows], labels=labels[rows], predicted=predicted[rows], classes=tuple(classes),
        title=f"{split} images, {int((labels != predicted).sum())} of {len(labels)} wrong, wrong ones first",
    ))  # fmt: skip
