"""Image-to-image translation: a generator that answers a source image, a discriminator that sees source and answer by patches.

Sources: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017; the term that keeps
answers to different codes apart: Mao, Lee, Tseng, Ma and Yang, "Mode Seeking Generative Adversarial Networks", 2019.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.losses.adversarial import LOSSES, Adversarial
from dlcv.losses.penalties import mode_seeking as mode_seeking_term
from dlcv.models.net import Net
from dlcv.models.translation import PatchDiscriminator, UNet
from dlcv.ops.images import from_bytes, luma, to_unit
from dlcv.ops.keys import named
from dlcv.tasks import judging
from dlcv.tasks.colours import colour_metrics

SHOWN, CODES_SHOWN = 8, 3


@dataclass(frozen=True)
class Translation:
    """Both networks and both losses; `grey` is what is asked of data without a source: to colour its own images."""

    generator: Net
    discriminator: Net
    adversarial: Adversarial
    codes: int  # width of z; 0: one answer a source
    weight: float  # of the adversarial loss; 0: the L1 alone
    l1: float
    mode_seeking: float
    grey: bool

    def read(self, batch) -> tuple[jax.Array, jax.Array]:
        """(sources, images) in [-1, 1]."""
        image = from_bytes(batch["image"])
        return (luma(image) if self.grey else from_bytes(batch["source"])), image

    def draw(self, key, count: int, name: str = "codes") -> jax.Array:
        return jax.random.normal(named(key, name), (count, self.codes))

    def answer(self, params, stats, source, z, train: bool = True, key=None):
        """(images, generator statistics)."""
        return self.generator(params["generator"], stats["generator"], source, z, train=train, key=key)

    def judge(self, params, stats, source, image, train: bool = True):
        """(scores [B, y, x] of the patches of a pair, discriminator statistics)."""
        pair = jnp.concatenate([source, image], axis=-1)
        return self.discriminator(params["discriminator"], stats["discriminator"], pair, train=train)

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        source, image = self.read(batch)
        fake, _ = self.answer(params, stats, source, self.draw(key, len(image)), key=key)
        real_scores, changed = self.judge(params, stats, source, image)
        fake_scores, changed = self.judge(
            params, {**stats, "discriminator": changed}, source, jax.lax.stop_gradient(fake)
        )
        value = (
            self.adversarial.real(real_scores.reshape(-1)).mean()
            + self.adversarial.fake(fake_scores.reshape(-1)).mean()
        )
        value = value / 2  # slows it down against the generator, section 3.3
        metrics = {"real": real_scores.mean(), "fake": fake_scores.mean()}
        return Loss(value, len(image)), Aux({"discriminator": changed}, metrics=metrics)

    def generator_loss(self, params, stats, carry, batch, key, step):
        source, image = self.read(batch)
        z = self.draw(key, len(image))
        fake, changed = self.answer(params, stats, source, z, key=key)
        scores, _ = self.judge(params, stats, source, fake)
        parts = {
            "adversarial": self.adversarial.generator(scores.reshape(-1)).mean(),
            "l1": jnp.abs(fake - image).mean(),
        }
        value = self.weight * parts["adversarial"] + self.l1 * parts["l1"]
        if self.mode_seeking:
            other_z = self.draw(key, len(image), "other codes")
            other, _ = self.answer(
                params, stats, source, other_z, key=key
            )  # the same units dropped: the codes alone differ
            parts["mode_seeking"] = mode_seeking_term(fake, other, z, other_z)
            value = value + self.mode_seeking * parts["mode_seeking"]
        return Loss(value, len(image)), Aux({"generator": changed}, metrics=parts)

    def init(self, key, spec) -> Variables:
        """Subtrees `generator` and `discriminator`."""
        size, image = spec["image"].shape[1], jnp.zeros((1, *spec["image"].shape[1:]))
        given = jnp.zeros((1, size, size, 1 if self.grey else spec["source"].shape[-1]))
        nets = {
            "generator": self.generator.init(named(key, "generator"), given, jnp.zeros((1, self.codes)), train=False),
            "discriminator": self.discriminator.init(
                named(key, "discriminator"), jnp.concatenate([given, image], -1), train=False
            ),
        }
        return Variables({name: made[0] for name, made in nets.items()}, {name: made[1] for name, made in nets.items()})

    def predict(self, critic, variables: Variables, batch, key):
        """One answer an example, how far it is from the truth and from another code's, and what both judges say."""
        source, image = self.read(batch)
        params, stats = variables.params, variables.stats
        (fake, _), (other, _) = (
            self.answer(params, stats, source, self.draw(key, len(image), name), train=False)
            for name in ("codes", "other codes")
        )
        outputs = {
            "samples": to_unit(fake),
            "l1": per_image(jnp.abs(fake - image)),
            "diversity": per_image(jnp.abs(fake - other)),
        }
        for name, x in (("real", image), ("fake", fake)):
            outputs[name] = per_image(self.judge(params, stats, source, x, train=False)[0])
        if critic:
            outputs |= critic.outputs(variables, real=image, fake=fake)
            outputs["perceptual"] = critic.apart(variables, fake, other)
        return outputs


def _check(spec, loss: str, source: str, codes: int, mode_seeking: float) -> None:
    if loss not in LOSSES:
        raise unknown("adversarial loss", loss, LOSSES)
    if source not in ("pairs", "grey"):
        raise unknown("source", source, ("pairs", "grey"))
    grey = source == "grey"
    if not grey and "source" not in spec:
        raise Misuse(
            "this data set has no source images: take one of pairs, such as paired_folder, or task_kw.source='grey'"
        )
    if grey and spec["image"].shape[-1] != 3:
        raise Misuse(
            f"task_kw.source='grey' colours images of 3 channels, this data set's have {spec['image'].shape[-1]}"
        )
    if mode_seeking and not codes:
        raise Misuse("mode seeking keeps the answers to different codes apart: give task_kw.codes, such as 8")


def make(
    setup: Setup, loss: str = "non_saturating", adversarial: float = 1.0, l1: float = 100.0, codes: int = 0,
    mode_seeking: float = 0.0, width: int = 64, halvings: int = 3, dropout: float = 0.5, source: str = "pairs", judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator`, then `generator`: adversarial x its loss + l1 |answer - image|, and of two codes' answers mode seeking.

    Without a say of the discriminator (`adversarial` 0) the answer is a median of all that is plausible. `source` is "pairs" for
    data with a source image, "grey" to colour a data set's own images. `judge` names an experiment of a CNN, whose weights
    `config.start` brings, "" for none. Raises Misuse for an unknown loss or source, for data without what `source` needs and for mode seeking
    without codes.
    """
    _check(setup.batch_spec, loss, source, codes, mode_seeking)
    spec = setup.batch_spec
    translation = Translation(
        Net(UNet(spec["image"].shape[-1], width, dropout, setup.dtype)), Net(PatchDiscriminator(width, halvings, setup.dtype)), LOSSES[loss],
        codes, adversarial, l1, mode_seeking, source == "grey",
    )  # fmt: skip
    critic = judging.make_judge(judge, setup)

    metrics = {name: Metric(lambda outputs, batch, name=name: outputs[name]) for name in ("l1", "real", "fake")}
    if codes:
        metrics["diversity"] = Metric(lambda outputs, batch: outputs["diversity"])
    if codes and critic:
        metrics["perceptual"] = Metric(lambda outputs, batch: outputs["perceptual"])
    if translation.grey:
        metrics |= colour_metrics("samples")
    if critic:
        metrics |= critic.metrics
    players = (
        Player("discriminator", ("discriminator",), translation.discriminator_loss, setup.optimizer("discriminator")),
        Player("generator", ("generator",), translation.generator_loss, setup.optimizer("generator")),
    )
    task = Task(
        translation.init, players, spec, partial(translation.predict, critic), metrics, scores=critic.scores if critic else {},
        figures={"translations": partial(translations_figure, translation), **(critic.figures if critic else {})},
        over_time=("translations",), sample=None, makers={"translations": partial(draw_translations, translation)}, decomposable=False,
    )  # fmt: skip
    return critic.join(task) if critic else task


def per_image(x: jax.Array) -> jax.Array:
    """Means over everything but the batch axis [B]."""
    return x.reshape(len(x), -1).mean(1)


def answers(translation: Translation, view: View, count: int, codes: int) -> Figure:
    """Sources, the answers to a few codes, and the true images, of the first examples of the first split."""
    examples = next(iter(view.examples.values()))
    source, image = translation.read({key: jnp.asarray(value[:count]) for key, value in examples.items()})
    rows = {"source": source}
    for index in range(codes if translation.codes else 1):
        z = translation.draw(view.key, len(source), f"code {index}")
        made, _ = translation.answer(view.variables.params, view.variables.stats, source, z, train=False)
        rows[f"code {index + 1}" if translation.codes else "answer"] = made
    rows = {name: np.asarray(to_unit(x)) for name, x in (rows | {"true": image}).items()}
    blank = [""] * len(source)
    return Figure("image_rows", {"rows": rows, "captions": dict.fromkeys(rows, blank), "columns": blank})


def translations_figure(translation: Translation, view: View) -> Figure:
    """The same sources and codes at every evaluation."""
    return answers(translation, view, SHOWN, CODES_SHOWN)


def draw_translations(
    translation: Translation, view: View, *, count: int = SHOWN, codes: int = CODES_SHOWN
) -> Mapping[str, Figure]:
    """`dlcv.sample --what=translations`: the answers to `codes` codes for the first `count` sources of a split."""
    return {"translations": answers(translation, view, count, codes)}
