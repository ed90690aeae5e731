"""Whether the maps tell what the classifier uses: the pixels that a map ranks highest are hidden.

Samek et al., "Evaluating the Visualization of What a Deep Neural Network Has Learned", 2017.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, View
from dlcv.explain import gradcam, occlusion, saliency
from dlcv.explain.classifier import Classifier, mean_colour, subject
from dlcv.ops.attribution import deletion


def make(
    classifier: Classifier, view: View, count: int = 200, share: float = 0.1, window: int = 7, stride: int = 2
) -> dict[str, dict[str, np.ndarray] | Figure]:
    """`lost` [maps, N]: what the predicted class's logit loses when each map's highest `share` of pixels takes the mean colour.

    The logits [N] stand beside it, and a chart of the means. The last map ranks the pixels by chance.
    """
    asked, fill = subject(classifier, view, count), mean_colour(view)
    weights, images, classes = view.variables, asked.images, asked.classes
    layer = gradcam.choose("", gradcam.stages(classifier, weights, images))
    found = saliency.maps(classifier, weights, images, classes) | {
        "Grad-CAM": gradcam.maps(classifier, weights, images, classes, layer),
        "occlusion": occlusion.maps(classifier, weights, images, classes, fill, window, stride)[2],
        "chance": np.asarray(jax.random.uniform(view.key, images.shape[:3])),
    }
    score = classifier.score(weights, classes)
    lose = jax.jit(lambda images, values: deletion(score, images, values, share, fill))
    lost = np.stack([np.asarray(lose(images, jnp.asarray(values))) for values in found.values()])
    title = f"Mean of {len(images)} images, the {share:.0%} of pixels that a map ranks highest hidden"
    values = {name: [row.mean()] for name, row in zip(found, lost, strict=True)}
    chart = Figure("bars", dict(values=values, quantity="logit lost", title=title))
    arrays = {
        "map": np.asarray(list(found)),
        "lost": lost,
        "logit": np.asarray(score(images)),
        "share": np.asarray(share),
    }
    return {"faithfulness": chart, "faithfulness_by_image": arrays}
