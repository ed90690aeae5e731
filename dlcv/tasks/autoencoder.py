"""Autoencoder: squared error through a narrow code, of clean images or back from corrupted ones, and what the code is good for.

Sources: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", 2006; Vincent, Larochelle, Bengio and
Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", 2008.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.losses.reconstruction import squared_error
from dlcv.ops.corruption import CORRUPTIONS, LARGEST
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.keys import named
from dlcv.quality.probe import linear_probe
from dlcv.tasks.judging import Judge, make_judge
from dlcv.tasks.latent import SUBTREES, Pair, blank, class_names, first_of_each, grid, rows_figure


@dataclass(frozen=True)
class Autoencoder:
    """The two networks, and how an image is corrupted before the encoder sees it."""

    pair: Pair
    corruption: tuple[str, float] | None

    def seen(self, images, key):
        """What the encoder is shown of images [B, Y, X, C] in [-1, 1]."""
        if self.corruption is None:
            return images
        name, amount = self.corruption
        return CORRUPTIONS[name](images, named(key, "corruption"), amount)

    def reconstruct(self, params, seen):
        return self.pair.decode(params, self.pair.encode(params, seen))


def make(
    setup: Setup, size: str = "conv", codes: int = 32, corruption: Sequence | None = None, judge: str = ""
) -> Task:
    """One player, `autoencoder`: the squared error a pixel, pixels in [-1, 1], against the clean image.

    `corruption` is ("gaussian", standard deviation) or ("masking", probability), drawn anew at every look, () for none. `judge` as of
    the task gan; it is shown the decoder at codes of N(0, I), as a generator is drawn from, and in the scores "..._fitted" at codes of the
    Gaussian that fits those of real images. Raises Misuse for an unknown corruption and an amount that it cannot take.
    """
    model = Autoencoder(Pair.make(setup, size, codes), _checked(corruption))
    critic = make_judge(judge, setup)
    labelled = "label" in setup.batch_spec

    def init(key, spec) -> Variables:
        return Variables(model.pair.init(key, blank(spec)))

    def loss(params, stats, carry, batch, key, step):
        images = from_bytes(batch["image"])
        rows = squared_error(model.reconstruct(params, model.seen(images, key)), images)
        return Loss(rows.mean(), len(rows)), Aux()

    def predict(variables: Variables, batch, key):
        images = from_bytes(batch["image"])
        seen = model.seen(images, key)
        drawn = model.reconstruct(variables.params, seen)
        outputs = {
            "seen": to_unit(seen),
            "reconstruction": to_unit(drawn),
            "codes": model.pair.encode(variables.params, images),
        }
        outputs |= {"squared_error": squared_error(drawn, images), "seen_error": squared_error(seen, images)}
        return outputs | (critic.outputs(variables, real=images) if critic else {})

    metrics = {"squared_error": Metric(lambda outputs, batch: outputs["squared_error"])}
    if model.corruption:
        metrics["corrupted_error"] = Metric(lambda outputs, batch: outputs["seen_error"])
    scores = {"code": probe} if labelled else {}
    if critic:
        names = {critic.name: standard_codes, f"{critic.name}_fitted": gaussian_codes}
        scores |= {name: partial(judged_samples, model, critic, draw) for name, draw in names.items()}
    task = Task(
        init, (Player("autoencoder", SUBTREES, loss, setup.optimizer("autoencoder")),), setup.batch_spec, predict, metrics,
        scores=scores, figures={"reconstructions": reconstructions_figure, "samples": partial(samples_figure, model)},
    )  # fmt: skip
    return critic.join(task) if critic else task


def _checked(corruption) -> tuple[str, float] | None:
    """("masking", 0.3) of the config's list, None of an empty one."""
    if not corruption:
        return None
    if not isinstance(corruption, Sequence) or isinstance(corruption, str) or len(corruption) != 2:
        raise Misuse(f"task_kw.corruption={corruption!r}: expected a name and an amount, such as ('masking', 0.3)")
    name, amount = corruption
    if name not in CORRUPTIONS:
        raise unknown("corruption", str(name), CORRUPTIONS)
    if not isinstance(amount, int | float) or not 0 <= amount <= LARGEST[name] or math.isinf(amount):
        raise Misuse(f"task_kw.corruption={corruption!r}: expected a finite amount from 0 to {LARGEST[name]:g}")
    return name, float(amount)


def probe(view: View) -> dict[str, float]:
    """The accuracy of a linear probe on the codes of clean images: fitted on one half of the split, measured on the other."""
    split = next(iter(view.outputs))
    return {"probe_accuracy": linear_probe(view.outputs[split]["codes"], view.examples[split]["label"])}


def standard_codes(codes: np.ndarray, count: int, key) -> jax.Array:
    """`count` draws of N(0, I), as wide as codes [N, Z]."""
    return jax.random.normal(key, (count, codes.shape[1]))


def gaussian_codes(codes: np.ndarray, count: int, key) -> jax.Array:
    """`count` draws of the Gaussian with the mean and covariance of codes [N, Z]."""
    mean, covariance = codes.mean(0), np.atleast_2d(np.cov(codes.T))
    scale, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(scale, 0))
    return jnp.asarray(mean) + jax.random.normal(key, (count, codes.shape[1])) @ jnp.asarray(root.T, jnp.float32)


def judged_samples(model: Autoencoder, critic: Judge, draw: Callable, view: View) -> dict[str, float]:
    """The decoder at as many codes as there are examples, `draw(codes, count, key)`, in the eyes of the frozen classifier."""
    split = next(iter(view.outputs))
    outputs = view.outputs[split]
    z = draw(outputs["codes"], len(outputs["codes"]), named(view.key, "judged"))

    @jax.jit
    def look(variables, z):
        return critic.outputs(variables, fake=jnp.clip(model.pair.decode(variables.params, z), -1, 1))

    fake = jax.tree.map(np.asarray, look(view.variables, z))
    return critic.judged(replace(view, outputs={split: {**outputs, **fake}}))


def reconstructions_figure(view: View) -> Figure:
    """One example of each class, what the encoder was shown of it where that differs, and what came back."""
    split = next(iter(view.outputs))
    outputs, rows = view.outputs[split], first_of_each(view, split)
    shown = {"image": view.examples[split]["image"][rows] / 255}
    if (outputs["seen_error"] > 0).any():
        shown["corrupted"] = outputs["seen"][rows]
    title = "held-out images and their reconstructions"
    return rows_figure(title, class_names(view, split, rows), **shown, reconstruction=outputs["reconstruction"][rows])


def samples_figure(model: Autoencoder, view: View) -> Figure:
    """The decoder as a generator: at codes of N(0, I), and of the Gaussian with the mean and covariance of the held-out images' codes."""
    codes, key = view.outputs[next(iter(view.outputs))]["codes"], named(view.key, "codes")
    drawn = jnp.concatenate([draw(codes, 32, key) for draw in (standard_codes, gaussian_codes)])
    labels = ["N(0, I)"] * 4 + ["fitted"] * 4
    title = "decoder at codes of N(0, I), and of a Gaussian with the mean and covariance of real codes"
    return grid(to_unit(model.pair.decode(view.variables.params, drawn)), 8, title, labels)
