"""Generative adversarial network: two players, an adversarial loss, samples judged by a frozen classifier's features.

Sources: Goodfellow et al., "Generative Adversarial Nets", 2014; Radford, Metz and Chintala, "Unsupervised Representation
Learning with Deep Convolutional Generative Adversarial Networks", 2016.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import unknown
from dlcv.losses.adversarial import LOSSES, Adversarial
from dlcv.models.dcgan import Discriminator, Generator
from dlcv.models.net import Net
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.keys import named
from dlcv.tasks.judging import SUBTREE, judged, make_judge


@dataclass(frozen=True)
class Game:
    """Generator, discriminator and loss, as the two players see them."""

    generator: Net
    discriminator: Net
    adversarial: Adversarial
    codes: int  # width of z

    def generate(self, params, stats, key, count: int, train: bool = True):
        """(images [count, Y, X, C] in [-1, 1], generator statistics)."""
        z = jax.random.normal(named(key, "codes"), (count, self.codes))
        return self.generator(params["generator"], stats.get("generator", {}), z, train=train)

    def judge(self, params, stats, images, train: bool = True):
        """(logits [B], discriminator statistics); real and fake images are never normalised together."""
        (logits, _), stats = self.discriminator(
            params["discriminator"], stats.get("discriminator", {}), images, train=train
        )
        return logits, stats

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        images = from_bytes(batch["image"])
        fakes, _ = self.generate(params, stats, key, len(images))
        real, changed = self.judge(params, stats, images)
        fake, changed = self.judge(params, {**stats, "discriminator": changed}, jax.lax.stop_gradient(fakes))
        value = self.adversarial.real(real).mean() + self.adversarial.fake(fake).mean()
        metrics = {"real": jax.nn.sigmoid(real).mean(), "fake": jax.nn.sigmoid(fake).mean()}
        return Loss(value, len(images)), Aux({"discriminator": changed}, metrics=metrics)

    def generator_loss(self, params, stats, carry, batch, key, step):
        count = batch["image"].shape[0]
        fakes, changed = self.generate(params, stats, key, count)
        fake, _ = self.judge(params, stats, fakes)
        return Loss(self.adversarial.generator(fake).mean(), count), Aux({"generator": changed})


def make(
    setup: Setup, loss: str = "non_saturating", codes: int = 100, width: int = 64, discriminator_steps: int = 1, judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator`, then `generator`; `judge` names a size of the CNN whose weights `config.start` brings, "" for none."""
    if loss not in LOSSES:
        raise unknown("adversarial loss", loss, LOSSES)
    _, size, _, channels = setup.batch_spec["image"].shape
    game = Game(
        Net(Generator(channels=channels, size=size, width=width, dtype=setup.dtype)),
        Net(Discriminator(width=width, dtype=setup.dtype)), LOSSES[loss], codes,
    )  # fmt: skip
    critic = make_judge(judge, setup)

    def init(key, spec) -> Variables:
        image = jnp.zeros((1, *spec["image"].shape[1:]))
        nets = {"generator": (game.generator, jnp.zeros((1, codes))), "discriminator": (game.discriminator, image)}
        made = {name: net.init(named(key, name), x, train=False) for name, (net, x) in nets.items()}
        made |= {SUBTREE: critic.init(key, spec)} if critic else {}
        return Variables(
            {name: params for name, (params, _) in made.items()},
            {name: stats for name, (_, stats) in made.items() if stats},
        )

    def predict(variables: Variables, batch, key):
        images, params, stats = from_bytes(batch["image"]), variables.params, variables.stats
        fakes, _ = game.generate(params, stats, key, len(images), train=False)
        outputs = {"samples": to_unit(fakes)}
        for name, shown in (("real", images), ("fake", fakes)):
            outputs[name], _ = game.judge(params, stats, shown, train=False)
        return outputs | (critic.outputs(variables, real=images, fake=fakes) if critic else {})

    players = (
        Player(
            "discriminator",
            ("discriminator",),
            game.discriminator_loss,
            setup.optimizer("discriminator", discriminator_steps),
            steps=discriminator_steps,
        ),
        Player("generator", ("generator",), game.generator_loss, setup.optimizer("generator")),
    )
    metrics = {
        "real_told": Metric(lambda outputs, batch: (outputs["real"] > 0).astype(jnp.float32)),
        "fake_told": Metric(lambda outputs, batch: (outputs["fake"] < 0).astype(jnp.float32)),
    }
    return Task(
        init, players, setup.batch_spec, predict, metrics, scores={"lenet": judged} if judge else {}, frozen=(SUBTREE,) if judge else (),
        figures={"samples": partial(samples_figure, game), "interpolation": partial(interpolation_figure, game)},
        over_time=("samples",), sample=partial(draw_samples, game), decomposable=False,
    )  # fmt: skip


def _fixed(game: Game, variables: Variables, z) -> np.ndarray:
    images, _ = game.generator(variables.params["generator"], variables.stats.get("generator", {}), z)
    return np.asarray(to_unit(images))


def samples_figure(game: Game, view: View) -> Figure:
    """The same 64 codes at every evaluation."""
    z = jax.random.normal(named(view.key, "codes"), (64, game.codes))
    return Figure(
        "image_grid", {"images": _fixed(game, view.variables, z), "columns": 8, "title": "samples of 64 fixed codes"}
    )


def interpolation_figure(game: Game, view: View) -> Figure:
    """Eight walks between two codes along the great circle, along which Gaussian codes stay typical."""
    ends = jax.random.normal(named(view.key, "ends"), (2, 8, 1, game.codes))
    t = jnp.linspace(0, jnp.pi / 2, 10)[None, :, None]
    z = (jnp.cos(t) * ends[0] + jnp.sin(t) * ends[1]).reshape(-1, game.codes)
    return Figure(
        "image_grid",
        {"images": _fixed(game, view.variables, z), "columns": 10, "title": "walks between two codes, left to right"},
    )


def draw_samples(game: Game, variables: Variables, key, count: int, *, columns: int = 8) -> dict[str, Figure]:
    """A grid of `count` samples."""
    images, _ = game.generate(variables.params, variables.stats, key, count, train=False)
    return {"samples": Figure("image_grid", {"images": np.asarray(to_unit(images)), "columns": columns})}
