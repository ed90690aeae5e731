"""Activations of any layer as features of any image set, as arrays.

Donahue et al., "DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition", 2014.
"""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import View
from dlcv.errors import Misuse, unknown
from dlcv.explain.classifier import Classifier
from dlcv.models.activations import activations, shapes
from dlcv.ops.images import from_bytes

POSITIONS = {"all": None, "mean": jnp.mean, "max": jnp.max}


def make(
    classifier: Classifier, view: View, count: int | None = None, layer: str = "features", positions: str = "all"
) -> Mapping[str, Mapping[str, np.ndarray]]:
    """`features` [N, D], float32, with `label` [N] where there is one, `classes` and `layer`; the first `count` images or all.

    Positions of a layer [N, Y, X, C] are laid end to end, or reduced to their "mean" or "max". Raises Misuse that names the
    layers or reductions there are.
    """
    examples = {name: array[:count] for name, array in next(iter(view.examples.values())).items()}
    if positions not in POSITIONS:
        raise unknown("positions", positions, POSITIONS)
    weights = classifier.weights(view.variables)
    known = shapes(classifier.net, *weights, from_bytes(jnp.asarray(examples["image"][:1])))
    if layer not in known:
        raise Misuse(f"unknown layer {layer!r}: choose one of {', '.join(known)}")

    def read(images):
        found = activations(classifier.net, *weights, images)[layer].astype(jnp.float32)
        if POSITIONS[positions] is not None and found.ndim > 2:
            found = POSITIONS[positions](found, tuple(range(1, found.ndim - 1)))
        return found.reshape(len(found), -1)

    arrays = {"features": classifier.in_batches(read, examples["image"])}
    arrays |= {"label": examples["label"]} if "label" in examples else {}
    arrays |= {"classes": np.asarray(view.info["classes"])} if view.info.get("classes") else {}
    return {f"features_{layer}": {**arrays, "layer": np.asarray(layer), "positions": np.asarray(positions)}}
