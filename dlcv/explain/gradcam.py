"""Grad-CAM: where a layer's channels that raise a class's logit are active.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017. The mean gradient over
positions says most where the network pools them; a dense layer on all positions weighs each by itself, and the map then says little.
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Variables, View
from dlcv.errors import Misuse
from dlcv.explain.classifier import Classifier, subject
from dlcv.models.activations import tapped, with_gradient
from dlcv.ops.attribution import enlarged, gradcam


def maps(
    classifier: Classifier, variables: Variables, images: jax.Array, classes: np.ndarray, layer: str
) -> np.ndarray:
    """[N, Y, X] for images in [-1, 1] and the class that each is asked about."""
    weights = classifier.weights(variables)

    def score(logits):
        return jnp.take_along_axis(logits, jnp.asarray(classes)[:, None], 1)[:, 0]

    def run(images):
        return enlarged(gradcam(*with_gradient(classifier.net, *weights, images, layer, score)), images.shape[1:3])

    return np.asarray(jax.jit(run)(images))


def stages(classifier: Classifier, variables: Variables, images: jax.Array) -> Mapping[str, tuple[int, ...]]:
    """Name -> shape of the activations [B, Y, X, C] that the network names, the first layer first."""
    known = tapped(classifier.net, *classifier.weights(variables), images)
    return {name: shape for name, shape in sorted(known.items()) if len(shape) == 4}


def choose(layer: str, known: Mapping[str, tuple[int, ...]]) -> str:
    """The layer asked for, or the last. Raises Misuse that names those there are."""
    if layer and layer not in known:
        raise Misuse(f"unknown layer {layer!r} of positions: choose one of {', '.join(known)}")
    return layer or list(known)[-1]


def make(classifier: Classifier, view: View, count: int = 8, layer: str = "", of: str | int = "") -> dict[str, Figure]:
    """A column an image: the map of `layer` (the last of positions when not given) for the best and the second-best class."""
    asked = subject(classifier, view, count, of)
    layer = choose(layer, stages(classifier, view.variables, asked.images))
    (logits, _), _ = classifier.net(*classifier.weights(view.variables), asked.images)
    others = np.asarray(jnp.argsort(logits, axis=1))[:, -2]
    others = np.where(others == asked.classes, np.asarray(logits).argmax(1), others)
    found = {
        name: maps(classifier, view.variables, asked.images, classes, layer)
        for name, classes in (("the class", asked.classes), ("the runner-up", others))
    }
    captions = [
        f"{caption}\nrunner-up: {classifier.classes[other]}"
        for caption, other in zip(asked.captions, others, strict=True)
    ]
    return {f"gradcam_{layer}": Figure("heatmaps", dict(
        images=asked.pictures, maps=found, captions=captions, opacity=0.55,
        title=f"Grad-CAM of layer {layer}: where it speaks for a class", note="each map on its own scale; dark is zero",
    ))}  # fmt: skip
