"""The kernels of the first convolution as small pictures.

Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012, figure 3.
"""

import jax
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.explain.classifier import Classifier
from dlcv.ops.paths import map_named


def first_kernel(params) -> tuple[str, np.ndarray]:
    """Path and value [h, w, C, O] of the first convolution kernel by the order of its name."""
    found: dict[str, np.ndarray] = {}
    map_named(lambda name, leaf: found.setdefault(name, np.asarray(leaf)) if leaf.ndim == 4 else None, params)
    return min(found.items())


def make(classifier: Classifier, view: View) -> dict[str, Figure]:
    """Every filter, zero mid-grey, each on its own scale; filters of other than 1 or 3 channels as their mean over channels."""
    name, kernel = first_kernel(classifier.weights(view.variables)[0])
    filters = np.moveaxis(jax.device_get(kernel), -1, 0)
    if filters.shape[-1] not in (1, 3):
        filters = filters.mean(-1, keepdims=True)
    pictures = 0.5 + filters / (2 * np.abs(filters).max((1, 2, 3), keepdims=True))
    size = "x".join(map(str, kernel.shape[:2]))
    return {"filters": Figure("image_grid", dict(
        images=pictures, columns=8,
        title=f"The {len(filters)} filters ({size}) of {name.removesuffix('/kernel')}: grey is zero, each on its own scale",
    ))}  # fmt: skip
