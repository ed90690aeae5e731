"""A trained classifier and the images it is asked about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Variables, View
from dlcv.errors import unknown
from dlcv.models.net import Net
from dlcv.ops.images import from_bytes, to_unit

SUBTREE = "model"
BATCH = 256  # images a call, where all of a split are looked at


@dataclass(frozen=True)
class Classifier:
    """A network images -> (logits, aux), whose weights are the subtree `model`; `rectified(relu)` is it with another ReLU."""

    net: Net
    classes: tuple[str, ...]
    rectified: Callable[[Callable], Net] | None = None

    def weights(self, variables: Variables) -> tuple[Any, Any]:
        """(params, stats) of the network."""
        return variables.params[SUBTREE], variables.stats.get(SUBTREE, {})

    def score(self, variables: Variables, labels, net: Net | None = None) -> Callable[[jax.Array], jax.Array]:
        """images [B, Y, X, C] -> the logit [B] of each image's label."""
        net = self.net if net is None else net

        def score(images):
            (logits, _), _ = net(*self.weights(variables), images)
            return jnp.take_along_axis(logits, jnp.asarray(labels)[:, None], 1)[:, 0]

        return score

    def in_batches(self, function: Callable[[jax.Array], Any], images: np.ndarray) -> Any:
        """`function` of all images, `BATCH` bytes images at a time, as numpy arrays end to end."""
        run = jax.jit(lambda images: function(from_bytes(images)))
        short = -len(images) % BATCH
        padded = np.concatenate([images, np.repeat(images[:1], short, 0)]) if short else images
        parts = [jax.device_get(run(padded[at : at + BATCH])) for at in range(0, len(padded), BATCH)]
        return jax.tree.map(lambda *leaves: np.concatenate(leaves)[: len(images)], *parts)

    def logits(self, variables: Variables, images: np.ndarray) -> np.ndarray:
        """Of bytes images [N, Y, X, C]: [N, classes]."""
        return self.in_batches(lambda images: self.net(*self.weights(variables), images)[0][0], images)


class Subject(NamedTuple):
    """A few images, the class that each is asked about, and how that is said."""

    images: jax.Array  # [N, Y, X, C] in [-1, 1]
    pictures: np.ndarray  # the same in [0, 1]
    classes: np.ndarray  # [N]
    captions: tuple[str, ...]


def subject(classifier: Classifier, view: View, count: int, of: str | int = "") -> Subject:
    """The first images of a split, each class in its turn; asked about the predicted class, or about the class `of`.

    Raises Misuse for a class that there is not.
    """
    examples = next(iter(view.examples.values()))
    rows = in_turn(examples)[:count]
    images = examples["image"][rows]
    logits = classifier.logits(view.variables, images)
    predicted = logits.argmax(1)
    classes, known = predicted, list(classifier.classes)
    if of != "":
        if str(of) not in known:
            raise unknown("class", str(of), known)
        classes = np.full(len(rows), known.index(str(of)))
    truth = view.info.get("classes")
    captions = []
    for row, asked, seen in zip(rows, classes, predicted, strict=True):
        words = [f"a {truth[examples['label'][row]]}"] if truth and "label" in examples else []
        words += [f"taken for {known[seen]}"] if not words or words[0] != f"a {known[seen]}" else []
        captions.append("\n".join(words + ([f"asked: {known[asked]}"] if of != "" else [])))
    found = from_bytes(jnp.asarray(images))
    return Subject(found, np.asarray(to_unit(found)), classes, tuple(captions))


def mean_colour(view: View) -> jax.Array:
    """[C] in [-1, 1], of all pixels of the split: what a hidden pixel becomes."""
    return from_bytes(jnp.asarray(next(iter(view.examples.values()))["image"].mean((0, 1, 2))))


def in_turn(examples: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows in an order that shows every class once before any twice; as they are where there is no label."""
    if "label" not in examples:
        return np.arange(len(examples["image"]))
    labels = np.asarray(examples["label"])
    rank = np.zeros(len(labels), int)
    for label in np.unique(labels):
        rank[labels == label] = np.arange(np.sum(labels == label))
    return np.lexsort((labels, rank))
