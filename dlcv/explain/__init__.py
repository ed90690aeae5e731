"""What a trained image classifier looks at: makers for `dlcv.sample --what=`, one a file.

A maker is `make(classifier, view, ...) -> {name: Figure or arrays}`: of the weights and one split's images.
"""

from collections.abc import Callable, Mapping
from functools import partial

from dlcv.explain import (
    activation_maximisation,
    deconvolution,
    faithfulness,
    features,
    filters,
    gradcam,
    occlusion,
    saliency,
)
from dlcv.explain.classifier import Classifier

EVERY = {
    "features": features.make,
    "saliency": saliency.make,
    "occlusion": occlusion.make,
    "activation_maximisation": activation_maximisation.make,
}
CONVOLUTIONAL = {
    "gradcam": gradcam.make,
    "deconvolution": deconvolution.make,
    "filters": filters.make,
    "faithfulness": faithfulness.make,
}


def makers(classifier: Classifier) -> Mapping[str, Callable]:
    """Name -> maker: all for a convolutional network whose ReLU can be exchanged, else those that ask for no such thing."""
    known = EVERY if classifier.rectified is None else EVERY | CONVOLUTIONAL
    return {name: partial(make, classifier) for name, make in known.items()}
