"""What a layer's channels respond to: the images that excite each most, and the pixels to which that leads back.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4 and figure 2.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.explain.classifier import Classifier
from dlcv.explain.gradcam import choose, stages
from dlcv.models.activations import activations
from dlcv.ops.deconvolution import deconvolve
from dlcv.ops.images import from_bytes
from dlcv.ops.rectifiers import deconvolution_relu

NINE = 9  # images a channel, as in the paper
SEARCHED = 2000  # images of the split among which those are sought


def make(classifier: Classifier, view: View, count: int = 12, layer: str = "") -> dict[str, Figure]:
    """`count` channels of `layer` (the last of positions when not given), those that vary most from image to image.

    Beside the nine images that excite a channel most, cut to what it sees, stands the deconvolution of that activation.
    """
    images = next(iter(view.examples.values()))["image"][:SEARCHED]
    layer = choose(layer, stages(classifier, view.variables, from_bytes(jnp.asarray(images[:1]))))
    weights = classifier.weights(view.variables)
    peaks_NC = classifier.in_batches(lambda x: activations(classifier.net, *weights, x)[layer].max((1, 2)), images)
    channels = np.sort(np.argsort(-peaks_NC.std(0))[:count])
    rows = np.argsort(-peaks_NC[:, channels], axis=0, kind="stable")[:NINE].T  # [channels, 9]
    net = classifier.rectified(deconvolution_relu)

    @jax.jit
    def back(images, channels):
        return deconvolve(lambda x: activations(net, *weights, x)[layer], from_bytes(images), channels)

    found = back(jnp.asarray(images[rows.ravel()]), jnp.repeat(jnp.asarray(channels), rows.shape[1]))
    parts, patches = cut(np.asarray(found), images[rows.ravel()])
    shape = (*rows.shape, *parts.shape[1:])
    return {f"deconvolution_{layer}": Figure("channels", dict(
        projections=stretched(parts.reshape(shape)), patches=patches.reshape(shape), names=[f"channel {c}" for c in channels],
        title=f"Layer {layer}: the deconvolution of its strongest activations (left) and the image patches that caused them (right)",
    ))}  # fmt: skip


def cut(projections: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both [N, Y, X, C] cut to one window size, the largest extent of a projection that is not zero, each where its own lies."""
    lit = np.abs(projections).max(-1) > 0
    spans = []
    for axis in (1, 2):
        line = lit.any(3 - axis)
        first = np.where(line.any(1), line.argmax(1), 0)
        spans.append((first, np.where(line.any(1), line.shape[1] - line[:, ::-1].argmax(1), 1)))
    side = max(int((last - first).max()) for first, last in spans)
    tops, lefts = (
        np.clip((first + last - side) // 2, 0, size - side)
        for (first, last), size in zip(spans, images.shape[1:3], strict=True)
    )
    windows = [(slice(top, top + side), slice(left, left + side)) for top, left in zip(tops, lefts, strict=True)]
    return tuple(
        np.stack([array[window] for array, window in zip(both, windows, strict=True)]) for both in (projections, images)
    )


def stretched(projections: np.ndarray) -> np.ndarray:
    """Signed pixels [K, 9, Y, X, C] to [0, 1], zero in the middle, one scale a channel."""
    scale = np.abs(projections).max((1, 2, 3, 4), keepdims=True)
    return 0.5 + projections / np.where(scale > 0, 2 * scale, 1)
