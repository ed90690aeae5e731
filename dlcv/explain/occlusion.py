"""What a class's logit loses when a window of the image is hidden.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2.
"""

import jax
import numpy as np

from dlcv.engine.task import Figure, Variables, View
from dlcv.errors import Misuse
from dlcv.explain.classifier import Classifier, mean_colour, subject
from dlcv.ops import attribution
from dlcv.ops.images import to_unit


def maps(
    classifier: Classifier, variables: Variables, images: jax.Array, classes: np.ndarray, fill: jax.Array, window: int,
    stride: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """(masks [M, Y, X] of the windows, logits lost [N, M], and their mean over the windows that hide a pixel [N, Y, X]).

    Raises Misuse for a window larger than the image.
    """
    try:
        masks = attribution.windows(images.shape[1:3], window, stride)
    except ValueError as error:
        raise Misuse(str(error)) from None
    score = classifier.score(variables, classes)
    lost_NM, mean = jax.jit(lambda images: attribution.occlusion(score, images, masks, fill))(images)
    return masks, np.asarray(lost_NM), np.asarray(mean)


def make(
    classifier: Classifier, view: View, count: int = 8, window: int = 7, stride: int = 1, of: str | int = ""
) -> dict[str, Figure]:
    """A column an image: it under its most harmful window, and the mean loss of the logit over the windows that hide a pixel.

    Hidden pixels have the mean colour of the split. Raises Misuse for a window larger than the image.
    """
    asked, fill = subject(classifier, view, count, of), mean_colour(view)
    masks, lost_NM, mean = maps(classifier, view.variables, asked.images, asked.classes, fill, window, stride)
    hidden = np.where(masks[lost_NM.argmax(1)][..., None] > 0, to_unit(fill), asked.pictures)
    captions = [f"{caption}\nwindow: −{lost:.1f}" for caption, lost in zip(asked.captions, lost_NM.max(1), strict=True)]
    return {"occlusion": Figure("heatmaps", dict(
        images=asked.pictures, maps={"logit lost per pixel": mean}, captions=captions, opacity=0.6,
        more={f"worst window, {window}x{window}": hidden},
        title=f"What the logit of {'the predicted class' if of == '' else f'class {of}'} loses when a window is hidden",
        note="each map on its own scale; red: hiding lowers the logit, blue: it raises it",
    ))}  # fmt: skip
