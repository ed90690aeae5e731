"""Samples in the eyes of a frozen classifier: what every generative task adds to its outputs, and the scores made of it.

The classifier is trained in the project (`config.start` brings its weights into the subtree `judge`); its features take the place of
Inception's. Frechet distances in those of a digits classifier are called LeNet-FID, never plain FID.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Setup, Variables, View
from dlcv.errors import Misuse
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.ops.keys import named
from dlcv.quality.bins import compared, k_means
from dlcv.quality.diversity import within_classes
from dlcv.quality.frechet import frechet_distance
from dlcv.quality.inception_score import inception_score
from dlcv.quality.kernel import kernel_distance
from dlcv.quality.modes import reverse_kl, shares
from dlcv.quality.neighbours import nearest
from dlcv.quality.prdc import prdc

SUBTREE = "judge"
NEIGHBOURS = 5  # that precision, recall, density and coverage look at
BINS, ROWS_A_BIN = 100, 10  # NDB's bins: that many at most, with so many real images each on average


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

    def apart(self, variables: Variables, first: jax.Array, second: jax.Array) -> jax.Array:
        """The root mean square difference [B] between the features of two batches of images: a perceptual distance."""
        found = self.outputs(variables, first=first, second=second)
        return jnp.sqrt(((found["first_features"] - found["second_features"]) ** 2).mean(-1))

    @property
    def scores(self) -> Mapping[str, Callable[[View], Mapping[str, float]]]:
        """Of a whole set of outputs, for the task that is judged."""
        return {"lenet": judged}

    @property
    def figures(self) -> Mapping[str, Callable[[View], Figure]]:
        return FIGURES


@dataclass(frozen=True)
class ChannelJudge(Judge):
    """A judge of stacked images: each channel is an image of its own, of `classes` classes."""

    classes: int

    def init(self, key, spec) -> tuple[dict, dict]:
        return super().init(key, {"image": jax.ShapeDtypeStruct((*spec["image"].shape[:-1], 1), jnp.float32)})

    def outputs(self, variables: Variables, **images: jax.Array) -> dict[str, jax.Array]:
        """{"<name>_modes": [B]}: 100 r + 10 g + b of the likeliest classes r, g and b of the channels."""
        found = {}
        for name, shown in images.items():
            batch, rows, columns, channels = shown.shape
            apart = jnp.moveaxis(shown, -1, 1).reshape(batch * channels, rows, columns, 1)
            (logits, _), _ = self.net(variables.params[SUBTREE], variables.stats[SUBTREE], apart)
            told = logits.argmax(-1).reshape(batch, channels)
            found[f"{name}_modes"] = told @ self.classes ** jnp.arange(channels)[::-1]
        return found

    @property
    def scores(self):
        return {"stacked": stacked}

    @property
    def figures(self):
        return {}


def make_judge(size: str, setup: Setup) -> Judge | None:
    """The judge of a size of the CNN, in float32; None for "", where samples are not judged.

    Of a data set whose info says `stacked`, the classes of each channel, it looks at the channels one by one.
    """
    if not size:
        return None
    stacked_classes = setup.info.get("stacked", 0)
    net = Net(cnn(size, stacked_classes or len(setup.info["classes"])))
    return ChannelJudge(net, stacked_classes) if stacked_classes else Judge(net)


def stacked(view: View) -> Mapping[str, float]:
    """Of stacked digits: modes among the samples, of 1,000, and KL(samples || uniform) in nats; both for the real images beside.

    Metz et al., "Unrolled Generative Adversarial Networks", 2017; Lin et al., "PacGAN", 2018, with 26,000 samples: modes met and KL
    depend on their number.
    """
    outputs, modes = view.outputs[next(iter(view.outputs))], len(view.info["classes"])
    uniform = np.full(modes, 1 / modes)
    fake, real = (shares(outputs[f"{name}_modes"], modes) for name in ("fake", "real"))
    return {
        "modes": int((fake > 0).sum()), "modes_real": int((real > 0).sum()),
        "kl": reverse_kl(fake, uniform), "kl_real": reverse_kl(real, uniform),
    }  # fmt: skip


def judged(view: View) -> Mapping[str, float]:
    """Samples in the eyes of the frozen classifier: distances of its features with their floors between halves of the real set.

    `frechet` and `kid`, their floors, `precision`, `recall`, `density` and `coverage` compare half as many images as the split has, in
    features, as do `ndb` (the share of bins of the real half in which the shares differ) and `jsd` of the bins, in nats, with their floors,
    and `diversity`, the mean distance between two samples, beside that of real images; in classes, `class_kl` is KL(samples || real) of the
    histograms in nats and `inception_score` is of this classifier. `classes` counts those that at least 2 % of the samples fall into.
    Raises Misuse for a split too small for five neighbours.
    """
    outputs = view.outputs[next(iter(view.outputs))]
    real, fake = outputs["real_features"], outputs["fake_features"]
    half = len(real) // 2
    if half <= NEIGHBOURS:
        raise Misuse(
            f"scores of samples need {2 * NEIGHBOURS + 2} held-out examples, got {len(real)}: raise data.valid_limit"
        )
    order = np.random.default_rng(0).permutation(len(real))
    first, second = real[order[:half]], real[order[half : 2 * half]]
    predicted = outputs["fake_classes"].argmax(-1)
    share = np.bincount(predicted, minlength=outputs["fake_classes"].shape[-1]) / len(predicted)
    scaled = [features / scale(second) for features in (fake[:half], first, second)]
    centres = k_means(scaled[2], max(1, min(BINS, half // ROWS_A_BIN)))
    bins, floor = (compared(features, scaled[2], centres) for features in scaled[:2])
    one_class = np.zeros(half, int)
    return {
        "frechet": frechet_distance(fake[:half], second), "frechet_floor": frechet_distance(first, second),
        "confidence": float(outputs["fake_classes"].max(-1).mean()), "classes": int((share >= 0.02).sum()),
        "kid": _kid(scaled[0], scaled[2]), "kid_floor": _kid(scaled[1], scaled[2]), **prdc(scaled[0], scaled[2], NEIGHBOURS),
        "ndb": bins.share, "ndb_floor": floor.share, "jsd": bins.jsd, "jsd_floor": floor.jsd,
        "diversity": within_classes(scaled[0], one_class), "diversity_real": within_classes(scaled[2], one_class),
        "class_kl": class_kl(outputs["fake_classes"][:half], outputs["real_classes"][order[half : 2 * half]]),
        "inception_score": inception_score(outputs["fake_classes"][:half]),
    }  # fmt: skip


def diversity(view: View) -> Mapping[str, float]:
    """Mean distance between samples asked to be of one class, and between real images of one, in features over the real set's spread."""
    split, outputs = next(iter(view.outputs.items()))
    spread, labels = scale(outputs["real_features"]), np.asarray(view.examples[split]["label"])
    return {
        "diversity": within_classes(outputs["fake_features"] / spread, labels),
        "diversity_real": within_classes(outputs["real_features"] / spread, labels),
    }


def scale(real: np.ndarray) -> np.ndarray:
    """The real set's standard deviation of each feature, 1 for one that is the same in all."""
    spread = np.asarray(real, np.float64).std(axis=0)
    return np.where(spread > 1e-6, spread, 1.0)


def _kid(first: np.ndarray, second: np.ndarray) -> float:
    return kernel_distance(first, second, subsets=50, size=min(1000, len(first) // 2)).mean


def class_kl(fake: np.ndarray, real: np.ndarray) -> float:
    """KL(samples || real) in nats of the histograms of the likeliest class, from probabilities [N, classes].

    A class of the samples that no real image falls into counts there as half an image, so that the number stays finite.
    """
    counts = [np.bincount(found.argmax(-1), minlength=found.shape[-1]) for found in (fake, real)]
    counts[1] = np.where((counts[1] == 0) & (counts[0] > 0), 0.5, counts[1])
    return reverse_kl(*(count / count.sum() for count in counts))


def histogram_figure(view: View) -> Figure:
    """How often the classifier tells each class, among real images and among samples."""
    outputs = view.outputs[next(iter(view.outputs))]
    shares = {
        name: np.bincount(outputs[key].argmax(-1), minlength=outputs[key].shape[-1]) / len(outputs[key])
        for name, key in (("real", "real_classes"), ("samples", "fake_classes"))
    }
    found = class_kl(outputs["fake_classes"], outputs["real_classes"])
    title = f"classes told by the judge, KL(samples || real) {found:.3f} nats"
    return Figure("histogram", {"shares": shares, "classes": view.info["classes"], "title": title})


def neighbours_figure(view: View, shown: int = 12, count: int = 3) -> Figure:
    """Samples above the held-out real images nearest to them in the classifier's features, whose distance is told."""
    split, outputs = next(iter(view.outputs.items()))
    images, samples = view.examples[split]["image"] / 255, outputs["samples"][:shown]
    spread = scale(outputs["real_features"])
    which, distance = nearest(outputs["fake_features"][:shown] / spread, outputs["real_features"] / spread, count)
    rows, captions = {"samples": samples}, {"samples": [""] * len(samples)}
    for rank in range(count):
        name = f"{('nearest', '2nd', '3rd')[rank]} real" if rank < 3 else f"{rank + 1}th real"
        rows[name], captions[name] = images[which[:, rank]], [f"{value:.1f}" for value in distance[:, rank]]
    told = [str(view.info["classes"][one]) for one in outputs["fake_classes"][:shown].argmax(-1)]
    title = "samples, the class told, and the nearest held-out images in the judge's features"
    return Figure("image_rows", {"rows": rows, "captions": captions, "columns": told, "title": title})


FIGURES = {"histogram": histogram_figure, "neighbours": neighbours_figure}  # of any task that is judged
