"""The gradient of a class's logit with respect to the pixels, and its neighbours.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2014; Sundararajan, Taly and Yan, "Axiomatic Attribution
for Deep Networks", 2017; Springenberg et al., "Striving for Simplicity: The All Convolutional Net", 2015.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Variables, View
from dlcv.explain.classifier import Classifier, subject
from dlcv.ops.attribution import integrated_gradients, saliency
from dlcv.ops.rectifiers import deconvolution_relu, guided_relu

BLACK = -1.0


def maps(classifier: Classifier, variables: Variables, images: jax.Array, classes: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> [N, Y, X] for images in [-1, 1] and the class that each is asked about."""
    score = classifier.score(variables, classes)
    black = jnp.full_like(images, BLACK)
    found = {
        "gradient": jax.jit(lambda x: saliency(score, x))(images),
        "integrated gradients from black": jax.jit(lambda x: integrated_gradients(score, x, black).sum(-1))(images),
    }
    if classifier.rectified is not None:
        for name, relu in (("guided backpropagation", guided_relu), ("deconvolution of the logit", deconvolution_relu)):
            other = classifier.score(variables, classes, classifier.rectified(relu))
            found[name] = jax.jit(lambda x, other=other: saliency(other, x))(images)
    return {name: np.asarray(values) for name, values in found.items()}


def make(classifier: Classifier, view: View, count: int = 8, of: str | int = "") -> dict[str, Figure]:
    """A column an image: largest absolute gradient, integrated gradients from black, and what other ReLUs carry back."""
    asked = subject(classifier, view, count, of)
    return {"saliency": Figure("heatmaps", dict(
        images=asked.pictures, maps=maps(classifier, view.variables, asked.images, asked.classes), captions=asked.captions,
        title=f"Which pixels the logit of {'the predicted class' if of == '' else f'class {of}'} depends on",
        note="each map on its own scale, black is zero; with a sign: red speaks for the class, blue against it",
    ))}  # fmt: skip
