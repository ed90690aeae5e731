"""Images that a class's logit is largest for, with and without regularisers.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2014, section 2; Mahendran and Vedaldi, "Understanding Deep
Image Representations by Inverting Them", 2015; Mordvintsev, Olah and Tyka, "Inceptionism", 2015.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.explain.classifier import Classifier
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.maximisation import maximise


def make(
    classifier: Classifier, view: View, steps: int = 200, rate: float = 0.05, decay: float = 2.0, smoothness: float = 20.0,
    jitter: int = 2,
) -> dict[str, Figure]:  # fmt: skip
    """A column a class: the split's image of the largest logit, free ascent from the split's mean image, regularised ascent."""
    images = next(iter(view.examples.values()))["image"]
    labels = np.arange(len(classifier.classes))
    score = classifier.score(view.variables, labels)
    start = jnp.repeat(from_bytes(jnp.asarray(images.mean(0, keepdims=True))), len(labels), 0)

    def ascend(**regularisers):
        return jax.jit(lambda start: maximise(score, start, view.key, steps=steps, rate=rate, **regularisers))(start)

    best = classifier.logits(view.variables, images).argmax(0)
    rows = {
        "real image of the largest logit": from_bytes(jnp.asarray(images[best])),
        "ascent without regulariser": ascend(),
        "ascent with decay, smoothness, jitter": ascend(decay=decay, smoothness=smoothness, jitter=jitter),
    }
    captions = {name: [f"{value:.1f}" for value in np.asarray(score(found))] for name, found in rows.items()}
    return {"activation_maximisation": Figure("image_rows", dict(
        rows={name: np.asarray(to_unit(found)) for name, found in rows.items()}, captions=captions,
        columns=list(classifier.classes), title="Images for which a class's logit (the number) is large",
    ))}  # fmt: skip
