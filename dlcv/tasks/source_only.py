"""The baseline of domain adaptation: a classifier trained on the source alone, scored on source and target.

It also holds what every deep adaptation method shares: the encoder, the label head, the augmentation, the statistics of each
domain, the loss on labels (the source's, and the target's where data.labelled gives some), metrics and figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import unknown
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.digits import DigitEncoder, Mlp, PooledDigitEncoder
from dlcv.models.net import Net
from dlcv.ops.augmentation import augment
from dlcv.ops.images import from_bytes
from dlcv.ops.keys import named

ENCODERS = {"strided": DigitEncoder, "pooled": PooledDigitEncoder}


class Look(NamedTuple):
    """What a method sees of a train batch, by its parts "source", "target" and "labelled", where it has them."""

    images: Mapping[str, jax.Array]
    layers: Mapping[
        str, Mapping[str, jax.Array]
    ]  # part -> {"features": [B, D], "hidden_1": [B, H], ..., "logits": [B, C]}
    loss: jax.Array  # cross-entropy of the labelled parts: the mean of each, summed
    stats: Mapping[str, Any]
    metrics: Mapping[str, jax.Array]


@dataclass(frozen=True)
class Adaptation:
    """Encoder, label head and what is done to images: the same for every method.

    A method that trains on target images normalises each domain by its own batch statistics, in training and in evaluation: what
    tells the domains apart by mean and variance alone is then gone (Li et al., "Revisiting Batch Normalization for Practical
    Domain Adaptation", 2017). The target's stand under `encoder_target`; parameters of that name (ADDA) take its encoder apart too.
    """

    setup: Setup
    encoder: Net
    classifier: Net
    recipe: Sequence[tuple[str, Mapping]]
    parts: tuple[str, ...]  # of the batch, that are looked at
    layers: tuple[str, ...]  # names of what the label head computes from, and what it computes

    @classmethod
    def make(
        cls, setup: Setup, encoder: str, widths, hidden, augmentation: Sequence, sees_target: bool = True
    ) -> "Adaptation":
        """From the options that every method takes. Raises Misuse for an unknown encoder."""
        if encoder not in ENCODERS:
            raise unknown("encoder", encoder, ENCODERS)
        module = ENCODERS[encoder](widths=tuple(widths), dtype=setup.dtype)
        classifier = Mlp(hidden=tuple(hidden), outputs=len(setup.info["classes"]), dtype=setup.dtype)
        parts = tuple(part for part in setup.batch_spec if part != "target" or sees_target)
        layers = ("features", *(f"hidden_{number + 1}" for number in range(len(hidden))), "logits")
        return cls(setup, Net(module), Net(classifier), tuple(augmentation), parts, layers)

    def blank(self, spec) -> jax.Array:
        """One grey image, to initialise with."""
        return jnp.zeros((1, *spec["source"]["image"].shape[1:]), self.setup.dtype)

    def init(self, key, spec) -> Variables:
        """Subtrees `encoder` and `classifier`, and statistics of each domain that is looked at."""
        encoder, stats = self.encoder.init(named(key, "encoder"), self.blank(spec), train=False)
        features, _ = self.encoder(encoder, stats, self.blank(spec))
        classifier, _ = self.classifier.init(named(key, "classifier"), features, train=False)
        domains = ("encoder", "encoder_target") if self.parts != ("source",) else ("encoder",)
        kept = {domain: jax.tree.map(jnp.copy, stats) for domain in domains} if stats else {}
        return Variables({"encoder": encoder, "classifier": classifier}, kept)

    def width(self, spec, layer: str) -> int:
        """D of a layer [B, D], from shapes alone."""

        def layers():
            variables = self.init(jax.random.key(0), spec)
            features, _ = self.encode(variables.params, variables.stats, self.blank(spec), None, train=False)
            return self.heads(variables.params, features, None)

        return jax.eval_shape(layers)[layer].shape[1]

    def init_head(self, net: Net, name: str, key, variables: Variables, spec, layer: str = "features"):
        """Fresh parameters of a net on top of a layer."""
        features, _ = self.encode(variables.params, variables.stats, self.blank(spec), None, train=False)
        return net.init(named(key, name), self.heads(variables.params, features, None)[layer], train=False)[0]

    def layer(self, name: str) -> str:
        """The name of a layer; raises Misuse when there is none."""
        if name not in self.layers:
            raise unknown("layer", name, self.layers)
        return name

    def images(self, batch, key=None):
        """[-1, 1] in the compute dtype, augmented when a key is given."""
        images = from_bytes(batch["image"], self.setup.dtype)
        return images if key is None else augment(images, key, self.recipe)

    def encode(self, params, stats, images, key, domain: str = "encoder", train: bool = True):
        """(features [B, D], statistics) as `encoder` or as `encoder_target`, its own parameters and statistics where it has some."""
        mine, kept = params.get(domain, params["encoder"]), stats.get(domain, stats.get("encoder", {}))
        return self.encoder(mine, kept, images, train=train, key=key if key is None else named(key, domain))

    def heads(self, params, features, key) -> dict[str, jax.Array]:
        """Every layer by name, {"features", "hidden_1", ..., "logits"}; a key makes it training."""
        how = dict(train=False) if key is None else dict(train=True, key=named(key, "classifier"))
        layers, _ = self.classifier(params["classifier"], {}, features, method="layers", **how)
        return {"features": features, **layers}

    def augmented(self, batch, key) -> dict[str, jax.Array]:
        """The images of each part for training, each in a random stream of its own."""
        return {part: self.images(batch[part], named(key, part)) for part in self.parts}

    def encode_target(self, params, stats, images, key):
        """({part: features [B, D]}, statistics) in training of all parts but the source, normalised together."""
        parts = [part for part in images if part != "source"]
        together = jnp.concatenate([images[part] for part in parts])
        features, changed = self.encode(params, stats, together, key, "encoder_target")
        return dict(zip(parts, jnp.split(features, len(parts)), strict=True)), changed

    def look(self, params, stats, batch, key) -> Look:
        """One training pass over the parts of a batch."""
        images, features, changed = self.augmented(batch, key), {}, {}
        features["source"], changed["encoder"] = self.encode(params, stats, images["source"], key)
        if len(images) > 1:
            of_target, changed["encoder_target"] = self.encode_target(params, stats, images, key)
            features |= of_target
        layers = {part: self.heads(params, found, key) for part, found in features.items()}
        loss, metrics = self.label_loss(layers, batch)
        return Look(images, layers, loss, changed, metrics)

    def label_loss(self, layers, batch):
        """(the mean cross-entropy of each part that shows its labels, summed; the share of each that is right)."""
        labelled = {part: batch[part]["label"] for part in layers if "label" in batch[part]}
        losses = [cross_entropy(layers[part]["logits"], labels).mean() for part, labels in labelled.items()]
        metrics = {
            "accuracy" if part == "source" else f"{part}_accuracy": correct(layers[part]["logits"], labels).mean()
            for part, labels in labelled.items()
        }
        return sum(losses), metrics

    def predict(self, variables: Variables, batch, key):
        params, stats, images = variables.params, variables.stats, self.images(batch)
        features, _ = self.encode(params, stats, images, None, train=False)
        if "encoder_target" in {*params, *stats}:  # each domain in its own, as in training
            target, _ = self.encode(params, stats, images, None, "encoder_target", train=False)
            features = jnp.where(batch["domain"][:, None] == 1, target, features)
        return {"logits": self.heads(params, features, None)["logits"], "features": features.astype(jnp.float32)}

    def player(self, loss, *heads: str) -> Player:
        """The one player `model`: encoder and label head with the statistics of each domain, and a method's own subtrees."""
        owns = ("encoder", "classifier", *heads)
        return Player("model", owns, loss, self.setup.optimizer("model"), updates=("encoder_target", *owns))

    def task(self, init, players, figures: Mapping[str, Callable] = {}, **more) -> Task:
        """The Task around a method's init and players: accuracy and cross-entropy on each split, the projection, its own figures."""
        metrics = {
            "accuracy": Metric(lambda outputs, batch: correct(outputs["logits"], batch["label"])),
            "cross_entropy": Metric(lambda outputs, batch: cross_entropy(outputs["logits"], batch["label"])),
        }
        figures = {"features": features_figure, "predictions": predictions_figure, **figures}
        return Task(
            init, players, self.setup.batch_spec, self.predict, metrics, figures=figures, decomposable=False, **more
        )


def features_figure(view: View) -> Figure:
    """Features of both domains in one plane, coloured by domain and by class."""
    rows = 400
    return Figure("projection", dict(
        features={split: np.asarray(outputs["features"][:rows]) for split, outputs in view.outputs.items()},
        labels={split: np.asarray(examples["label"][:rows]) for split, examples in view.examples.items()},
    ))  # fmt: skip


def predictions_figure(view: View) -> Figure:
    """Target images with the predicted class, the wrong ones marked."""
    split = "target" if "target" in view.outputs else next(iter(view.outputs))
    rows = 40
    return Figure("predictions", dict(
        images=view.examples[split]["image"][:rows], labels=view.examples[split]["label"][:rows],
        predicted=view.outputs[split]["logits"][:rows].argmax(-1), title=f"{split} images",
    ))  # fmt: skip


def make(setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), augmentation: Sequence = ()) -> Task:
    """Cross-entropy on labels alone; the target's images are not looked at, other than labelled ones."""
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation, sees_target=False)

    def loss(params, stats, carry, batch, key, step):
        look = shared.look(params, stats, batch, key)
        return Loss(look.loss, len(look.images["source"])), Aux(look.stats, metrics=look.metrics)

    return shared.task(shared.init, (shared.player(loss),))
