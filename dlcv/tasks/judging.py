"""Samples in the eyes of a frozen classifier: what every generative task adds to its outputs, and the scores made of it.

The classifier is trained in the project (`config.start` brings its weights into the subtree `judge`); its features take the place of
Inception's. Frechet distances in those of a digits classifier are called LeNet-FID, never plain FID.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Setup, Variables, View
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.ops.keys import named
from dlcv.quality.frechet import frechet_distance

SUBTREE = "judge"


@dataclass(frozen=True)
class Judge:
    """A frozen classifier: images [B, Y, X, C] in [-1, 1] to features [B, D] and class probabilities [B, classes]."""

    net: Net

    def init(self, key, spec) -> tuple[dict, dict]:
        """Fresh (params, stats) of the subtree, to be replaced through `config.start`."""
        return self.net.init(named(key, SUBTREE), jnp.zeros((1, *spec["image"].shape[1:])), train=False)

    def outputs(self, variables: Variables, **images: jax.Array) -> dict[str, jax.Array]:
        """{"<name>_features": [B, D], "<name>_classes": [B, classes]} of each named batch of images: `real`, `fake`."""
        found = {}
        for name, shown in images.items():
            (logits, aux), _ = self.net(variables.params[SUBTREE], variables.stats[SUBTREE], shown)
            found |= {f"{name}_features": aux["features"], f"{name}_classes": jax.nn.softmax(logits)}
        return found


def make_judge(size: str, setup: Setup) -> Judge | None:
    """The judge of a size of the CNN, in float32; None for "", where samples are not judged."""
    return Judge(Net(cnn(size, len(setup.info["classes"])))) if size else None


def judged(view: View) -> Mapping[str, float]:
    """Samples in the eyes of the frozen classifier: Fréchet distance of its features, with the floor between halves of the real set.

    Both distances compare half as many images as the split has; classes counts those that at least 2 % of the samples fall into.
    """
    outputs = view.outputs[next(iter(view.outputs))]
    real, fake = outputs["real_features"], outputs["fake_features"]
    half = len(real) // 2
    order = np.random.default_rng(0).permutation(len(real))
    first, second = real[order[:half]], real[order[half : 2 * half]]
    predicted = outputs["fake_classes"].argmax(-1)
    share = np.bincount(predicted, minlength=outputs["fake_classes"].shape[-1]) / len(predicted)
    return {
        "frechet": frechet_distance(fake[:half], second), "frechet_floor": frechet_distance(first, second),
        "confidence": float(outputs["fake_classes"].max(-1).mean()), "classes": int((share >= 0.02).sum()),
    }  # fmt: skip
