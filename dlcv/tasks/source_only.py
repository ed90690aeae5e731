"""The baseline of domain adaptation: a classifier trained on the source alone, scored on source and target.

It also holds what every deep adaptation method shares: the encoder, the label head, the augmentation, metrics and figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Adaptation:
    """Encoder, label head and what is done to images: the same for every method."""

    setup: Setup
    encoder: Net
    classifier: Net
    recipe: Sequence[tuple[str, Mapping]]

    @classmethod
    def make(cls, setup: Setup, encoder: str, widths, hidden, augmentation: Sequence) -> "Adaptation":
        """From the options that every method takes. Raises Misuse for an unknown encoder."""
        if encoder not in ENCODERS:
            raise unknown("encoder", encoder, ENCODERS)
        module = ENCODERS[encoder](widths=tuple(widths), dtype=setup.dtype)
        classifier = Mlp(hidden=tuple(hidden), outputs=len(setup.info["classes"]), dtype=setup.dtype)
        return cls(setup, Net(module), Net(classifier), tuple(augmentation))

    def init(self, key, spec) -> Variables:
        """Subtrees `encoder` and `classifier`."""
        images = jnp.zeros((1, *spec["source"]["image"].shape[1:]), self.setup.dtype)
        encoder, encoder_stats = self.encoder.init(named(key, "encoder"), images, train=False)
        features, _ = self.encoder(encoder, encoder_stats, images)
        classifier, stats = self.classifier.init(named(key, "classifier"), features, train=False)
        kept = {name: tree for name, tree in (("encoder", encoder_stats), ("classifier", stats)) if tree}
        return Variables({"encoder": encoder, "classifier": classifier}, kept)

    def images(self, batch, key=None):
        """[-1, 1] in the compute dtype, augmented when a key is given."""
        images = from_bytes(batch["image"], self.setup.dtype)
        return images if key is None else augment(images, key, self.recipe)

    def encode(self, params, stats, images, key, domain: str = "encoder"):
        """(features [B, D], statistics) in training; a method that normalises the target apart names `encoder_target`."""
        return self.encoder(params["encoder"], stats.get(domain, {}), images, train=True, key=named(key, domain))

    def classify(self, params, stats, features, labels, key):
        """(cross-entropy a row [B], classifier statistics, share that is right) in training."""
        logits, stats = self.classifier(
            params["classifier"], stats.get("classifier", {}), features, train=True, key=named(key, "classifier")
        )
        return cross_entropy(logits, labels), stats, correct(logits, labels).mean()

    def predict(self, variables: Variables, batch, key):
        params, stats, images = variables.params, variables.stats, self.images(batch)
        features, _ = self.encoder(params["encoder"], stats.get("encoder", {}), images)
        if "encoder_target" in stats:  # each domain in its own statistics, as in training
            target, _ = self.encoder(params["encoder"], stats["encoder_target"], images)
            features = jnp.where(batch["domain"][:, None] == 1, target, features)
        logits, _ = self.classifier(params["classifier"], stats.get("classifier", {}), features)
        return {"logits": logits, "features": features.astype(jnp.float32)}

    def task(self, init, players, **more) -> Task:
        """The Task around a method's init and players: accuracy and cross-entropy on each split, and the projection."""
        metrics = {
            "accuracy": Metric(lambda outputs, batch: correct(outputs["logits"], batch["label"])),
            "cross_entropy": Metric(lambda outputs, batch: cross_entropy(outputs["logits"], batch["label"])),
        }
        figures = {"features": features_figure, "predictions": predictions_figure}
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
    """Cross-entropy on the source's labels; the target is not looked at."""
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)

    def loss(params, stats, carry, batch, key, step):
        images = shared.images(batch["source"], named(key, "source"))
        features, encoding = shared.encode(params, stats, images, key)
        rows, classifying, accuracy = shared.classify(params, stats, features, batch["source"]["label"], key)
        changed = {"encoder": encoding, "classifier": classifying}
        return Loss(rows.mean(), rows.size), Aux(changed, metrics={"accuracy": accuracy})

    player = Player("model", ("encoder", "classifier"), loss, setup.optimizer("model"))
    return shared.task(shared.init, (player,))
