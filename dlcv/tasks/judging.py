"""Samples in the eyes of frozen classifiers: what every generative task adds to its outputs, and the scores made of it.

The classifiers are the seeds of one experiment (`config.start` brings their weights into the subtree `judge`); their features take the
place of Inception's. Fréchet distances in those of CIFAR-10 classifiers are called CIFAR-FID, in those of every other classifier LeNet-FID,
never plain FID. The name says little: "lenet" are the digits' classifiers, and those of scenes of digits too, which are larger networks of
colour pictures. Numbers of two judges do not compare; each stands beside the distance between halves of the real set by the same judge.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

import dlcv.data
from dlcv.engine import catalogue
from dlcv.engine.report import digest
from dlcv.engine.task import Figure, Metric, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.classification import correct
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.ops.images import from_bytes, luma
from dlcv.ops.keys import named
from dlcv.quality.distances import scale
from dlcv.quality.diversity import within_classes
from dlcv.quality.judges import NAMES
from dlcv.quality.modes import reverse_kl, shares
from dlcv.quality.neighbours import nearest
from dlcv.quality.verdict import NEIGHBOURS, class_kl, memorised, verdict

SUBTREE = "judge"
BLOCK, MOST = 500, 60_000  # training images looked at in one call, and in all


@dataclass(frozen=True)
class Judge:
    """Frozen classifiers, `seeds` of one network: images [B, Y, X, C] in [-1, 1] to features [B, D] and class probabilities [B, classes].

    They see images at their own `shape`; the first of them speaks where one classifier is enough.
    """

    net: Net
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    seeds: int = 1
    name: str = "lenet"
    knows: bool = True  # the classes of the data that is judged; else its features count alone

    least_examples = 2 * NEIGHBOURS + 2  # that a split must have for `judged`: five neighbours in each half

    def join(self, task: Task) -> Task:
        """The task with the frozen subtree `judge` among its variables; splits too small for its scores are refused."""

        def init(key, spec) -> Variables:
            variables, (params, stats) = task.init(key, spec), self.init(key)
            return variables.replace(
                params={**variables.params, SUBTREE: params}, stats={**variables.stats, SUBTREE: stats}
            )

        return replace(task, init=init, frozen=(*task.frozen, SUBTREE), least_examples=self.least_examples)

    def init(self, key) -> tuple[dict, dict]:
        """Fresh (params, stats) of the subtree, one branch a seed, to be replaced through `config.start`."""
        blank = jnp.zeros((1, *self.shape))
        made = {str(seed): self.net.init(named(key, SUBTREE, seed), blank, train=False) for seed in range(self.seeds)}
        return {seed: params for seed, (params, _) in made.items()}, {seed: stats for seed, (_, stats) in made.items()}

    def looks(
        self, variables: Variables, images: jax.Array, seeds: int | None = None
    ) -> list[tuple[jax.Array, jax.Array]]:
        """(features, logits) of each seed's classifier, or of the first `seeds`."""
        images, found = fitted(images, self.shape), []
        for seed in map(str, range(self.seeds if seeds is None else seeds)):
            mine = variables.params[SUBTREE][seed], variables.stats[SUBTREE][seed]
            (logits, aux), _ = self.net(*mine, images)
            found.append((aux["features"], logits))
        return found

    def outputs(self, variables: Variables, **images: jax.Array) -> dict[str, jax.Array]:
        """Of each named batch of images (`real`, `fake`): {"<name>_features": [B, D], "<name>_classes": [B, classes]} of the first seed.

        And the features of all, "<name>_seeds": [B, seeds, D].
        """
        found = {}
        for name, shown in images.items():
            looks = self.looks(variables, shown)
            found |= {f"{name}_features": looks[0][0], f"{name}_classes": jax.nn.softmax(looks[0][1])}
            found[f"{name}_seeds"] = jnp.stack([features for features, _ in looks], 1)
        return found

    def apart(self, variables: Variables, first: jax.Array, second: jax.Array) -> jax.Array:
        """The root mean square difference [B] between the features of two batches of images: a perceptual distance."""
        one, other = (self.looks(variables, images, 1)[0][0] for images in (first, second))
        return jnp.sqrt(((one - other) ** 2).mean(-1))

    @property
    def metrics(self) -> dict[str, Metric]:
        """`as_asked`, the share of samples told to be of their example's class, where the judge knows the classes of the data."""
        asked = Metric(lambda outputs, batch: correct(outputs["fake_classes"], batch["label"]))
        return {"as_asked": asked} if self.knows else {}

    @property
    def scores(self) -> Mapping[str, Callable[[View], Mapping[str, float]]]:
        """Of a whole set of outputs, for the task that is judged."""
        return {self.name: self.judged}

    @property
    def figures(self) -> Mapping[str, Callable[[View], Figure]]:
        classes = {"histogram": self.histogram_figure} if self.knows else {}
        return {**classes, "neighbours": self.neighbours_figure}

    def judged(self, view: View) -> dict[str, float]:
        """`verdict` of the samples of a split, and `copying` where the training images are at hand.

        That is the chance that a sample lies nearer to a training image than a held-out image does: 1/2 for the true distribution, 1 for
        copies. Raises Misuse for a split too small for five neighbours.
        """
        outputs = view.outputs[next(iter(view.outputs))]
        if len(outputs["real_features"]) < self.least_examples:
            raise Misuse(
                f"scores of samples need {self.least_examples} held-out examples, got {len(outputs['real_features'])}:"
                " raise data.valid_limit"
            )
        fake, real = (
            {what: outputs[f"{name}_{what}"] for what in ("features", "classes", "seeds")} for name in ("fake", "real")
        )
        found, train = verdict(fake, real), self.training(view)
        if train is not None:
            found["copying"] = memorised(fake["features"], real["features"], train[1])
        return found

    def training(self, view: View) -> tuple[np.ndarray, np.ndarray] | None:
        """(training images [M, Y, X, C] in bytes, their features [M, D]), at most MOST of them; None where the view has none.

        Looked at once: neither they nor the judge change in a run.
        """
        if not hasattr(view.train, "__len__"):
            return None
        first = digest([collection[SUBTREE]["0"] for collection in (view.variables.params, view.variables.stats)])
        if self._looked.get(first, (None,))[0] is not view.train:
            self._looked[first] = view.train, self._look_at(view)
        return self._looked[first][1]

    @cached_property
    def _looked(self) -> dict:
        """Digest of the first judge's weights -> (training set, what `training` found)."""
        return {}

    def _look_at(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        rows = np.random.default_rng(0).permutation(len(view.train))[:MOST]
        parts = []
        for start in range(0, len(rows), BLOCK):
            part = np.asarray(view.train.gather(view.train.arrays, rows[start : start + BLOCK])["image"])
            filled = np.resize(part, (BLOCK, *part.shape[1:]))  # one shape, one compilation
            parts.append((part, np.asarray(self._features(view.variables, filled))[: len(part)]))
        return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))

    @cached_property
    def _features(self):
        """Images in bytes [B, Y, X, C] to the first judge's features [B, D], compiled."""
        return jax.jit(lambda variables, images: self.looks(variables, from_bytes(images), 1)[0][0])

    def histogram_figure(self, view: View) -> Figure:
        """How often the classifier tells each class, among real images and among samples."""
        outputs = view.outputs[next(iter(view.outputs))]
        told = {
            name: np.bincount(outputs[key].argmax(-1), minlength=len(self.classes)) / len(outputs[key])
            for name, key in (("real", "real_classes"), ("samples", "fake_classes"))
        }
        found = class_kl(outputs["fake_classes"], outputs["real_classes"])
        title = f"classes told by the judge, KL(samples || real) {found:.3f} nats"
        return Figure("histogram", {"shares": told, "classes": self.classes, "title": title})

    def neighbours_figure(self, view: View, shown: int = 12, count: int = 3) -> Figure:
        """Samples above the training images nearest to them in the classifier's features, whose distance is told.

        Among held-out images where the training set is not at hand.
        """
        split, outputs = next(iter(view.outputs.items()))
        samples, spread = outputs["samples"][:shown], scale(outputs["real_features"])
        held_out = view.examples[split]["image"], outputs["real_features"]
        train = self.training(view)
        images, features = held_out if train is None else train
        which, distance = nearest(outputs["fake_features"][:shown] / spread, features / spread, count)
        rows, captions = {"samples": samples}, {"samples": [""] * len(samples)}
        for rank in range(count):
            name = f"{('nearest', '2nd', '3rd')[rank]} real" if rank < 3 else f"{rank + 1}th real"
            rows[name], captions[name] = images[which[:, rank]] / 255, [f"{value:.1f}" for value in distance[:, rank]]
        told = [str(self.classes[one]) if self.knows else "" for one in outputs["fake_classes"][:shown].argmax(-1)]
        title = f"samples{', the class told,' if self.knows else ''} and the nearest {'held-out' if train is None else 'training'} images"
        return Figure(
            "image_rows",
            {"rows": rows, "captions": captions, "columns": told, "title": f"{title} in the judge's features"},
        )


class ChannelJudge(Judge):
    """A judge of stacked images: each channel is an image of its own."""

    least_examples = 0

    def outputs(self, variables: Variables, **images: jax.Array) -> dict[str, jax.Array]:
        """{"<name>_modes": [B]}: 100 r + 10 g + b of the classes r, g and b that the first classifier tells of the channels."""
        found = {}
        for name, shown in images.items():
            batch, rows, columns, channels = shown.shape
            apart = jnp.moveaxis(shown, -1, 1).reshape(batch * channels, rows, columns, 1)
            told = self.looks(variables, apart, 1)[0][1].argmax(-1).reshape(batch, channels)
            found[f"{name}_modes"] = told @ len(self.classes) ** jnp.arange(channels)[::-1]
        return found

    @property
    def scores(self):
        return {"stacked": stacked}

    @property
    def figures(self):
        return {}


def make_judge(source: str, setup: Setup) -> Judge | None:
    """The classifiers of an experiment, "experiments/vision/cnn.py:default"; None for "", where samples are not judged.

    Network, classes, size of images and number of seeds are those of the experiment, whatever data is judged. Of a data set whose info says
    `stacked` it looks at the channels one by one. Raises Misuse for an experiment of anything but a CNN.
    """
    if not source:
        return None
    config = catalogue.load(source)
    if config.get("task") != "classification" or config.task_kw.get("model", "cnn") != "cnn":
        raise Misuse(
            f"task_kw.judge={source!r} trains no CNN: name an experiment that does, such as experiments/vision/cnn.py:default"
        )
    learnt = dlcv.data.spec(config.data)
    classes = tuple(learnt.info["classes"])
    net = Net(cnn(config.task_kw.size, len(classes), **config.task_kw.get("model_kw", {})))
    name = NAMES.get(config.data.name, "lenet")
    kind = ChannelJudge if "stacked" in setup.info else Judge
    knows = "label" in setup.batch_spec and tuple(setup.info.get("classes", ())) == classes
    return kind(net, learnt.example["image"].shape, classes, config.seeds, name, knows)


def fitted(images: jax.Array, shape: tuple[int, int, int]) -> jax.Array:
    """Images [B, y, x, c] at a judge's [Y, X, C]: resampled bilinearly where they differ, grey repeated, colour as its luma."""
    if images.shape[-1] != shape[-1]:
        images = jnp.repeat(images, 3, -1) if shape[-1] == 3 else luma(images)
    return images if images.shape[1:3] == shape[:2] else jax.image.resize(images, (len(images), *shape), "bilinear")


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


def diversity(view: View) -> Mapping[str, float]:
    """Mean distance between samples asked to be of one class, and between real images of one, in features over the real set's spread."""
    split, outputs = next(iter(view.outputs.items()))
    spread, labels = scale(outputs["real_features"]), np.asarray(view.examples[split]["label"])
    return {
        "diversity": within_classes(outputs["fake_features"] / spread, labels),
        "diversity_real": within_classes(outputs["real_features"] / spread, labels),
    }
