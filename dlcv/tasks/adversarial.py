"""The game of two players: what a generator draws, how a discriminator scores it, and both losses as sums of named terms.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014. GAN, AC-GAN and InfoGAN are this game with other terms and heads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from dlcv.engine.task import Aux, Loss, Metric, Player, Setup, Task, Variables
from dlcv.errors import Misuse
from dlcv.losses.adversarial import Adversarial
from dlcv.models.net import Net
from dlcv.ops.augmentation import augment
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.keys import named
from dlcv.tasks import drawings, judging

Latents = Mapping[str, jax.Array]  # "noise" [B, Z], and what an image shall show: "class" [B, K] one-hot, codes


class Space(NamedTuple):
    """Where examples live: images are read from bytes into [-1, 1], points as they are."""

    field: str  # of a batch
    shape: tuple[int, ...]

    @classmethod
    def of(cls, spec) -> "Space":
        found = [name for name in ("image", "point") if name in spec]
        if not found:
            raise Misuse(f"a GAN needs a data set of images or points, this one has {', '.join(sorted(spec))}")
        return cls(found[0], tuple(spec[found[0]].shape[1:]))

    def read(self, batch) -> jax.Array:
        return from_bytes(batch["image"]) if self.field == "image" else batch["point"].astype(jnp.float32)

    def shown(self, x: jax.Array) -> jax.Array:
        """As pictures show it: [0, 1] for images."""
        return to_unit(x) if self.field == "image" else x


DRAWS = {  # kind of code -> (key, count, width, labels) -> [count, width]
    "noise": lambda key, count, width, labels: jax.random.normal(named(key, "codes"), (count, width)),
    "class": lambda key, count, width, labels: jax.nn.one_hot(labels, width),
    "category": lambda key, count, width, labels: jax.nn.one_hot(jax.random.randint(named(key, "category"), (count,), 0, width), width),
    "continuous": lambda key, count, width, labels: jax.random.uniform(named(key, "continuous"), (count, width), minval=-1.0),
}  # fmt: skip


class Prior(NamedTuple):
    """What codes are made of: {"noise": 100, "class": 10}; classes are those asked for, all else is drawn."""

    parts: Mapping[str, int]

    def draw(self, key, count: int, labels: jax.Array | None = None) -> Latents:
        """Without labels, the classes follow each other."""
        labels = jnp.arange(count) % self.parts.get("class", 1) if labels is None else labels
        return {kind: DRAWS[kind](key, count, width, labels) for kind, width in self.parts.items()}


def classes_of(setup: Setup) -> int:
    """How many classes can be asked for. Raises Misuse for a data set without labels."""
    if "label" not in setup.batch_spec:
        raise Misuse(
            "this GAN asks for classes, and the data set has no labels: a folder has them as one subfolder a class"
        )
    return len(setup.info["classes"])


class Seen(NamedTuple):
    """One update of a player, as a term of its loss sees it."""

    real: jax.Array | None  # None for the generator, which sees none
    fake: jax.Array
    told_real: Mapping[str, jax.Array] | None  # what the discriminator and its heads say: "scores", "features", heads
    told_fake: Mapping[str, jax.Array]
    labels: jax.Array | None
    latents: Latents
    tell: Callable[
        [jax.Array], Mapping[str, jax.Array]
    ]  # examples -> what the discriminator and its heads say as they stand
    draw: Callable[[Latents], jax.Array]  # codes -> examples, by the generator as it stands
    vary: Callable[[jax.Array, str], jax.Array]  # examples, name of the draw -> the game's augmentation of them
    key: jax.Array

    def score(self, x: jax.Array) -> jax.Array:
        """Examples to scores [B], by the discriminator as it stands."""
        return self.tell(x)["scores"]


class Term(NamedTuple):
    """weight x the mean of `value(seen)`, added to a loss and reported by its name."""

    name: str
    weight: float
    value: Callable[[Seen], jax.Array]


@dataclass(frozen=True)
class Game:
    """Generator, discriminator and loss, as the two players see them."""

    generator: Net
    discriminator: Net
    adversarial: Adversarial
    prior: Prior
    space: Space
    classes: int = 0  # of a discriminator that is told the label too, 0 where it is not
    heads: Mapping[str, Net] = field(default_factory=dict)  # on the discriminator's features
    terms: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)  # of each player's loss
    scales: Mapping[str, float] = field(default_factory=dict)  # of codes as the generator reads them; else 1
    augmentation: Sequence[tuple[str, Mapping]] = ()  # of what the discriminator sees while it or the generator learns

    def init(self, key, spec) -> Variables:
        """Subtrees `generator`, `discriminator` and one a head."""
        codes = jnp.zeros((1, sum(self.prior.parts.values())))
        example = self._with_labels(jnp.zeros((1, *self.space.shape)), jnp.zeros(1, jnp.int32))
        features = jax.eval_shape(lambda: self.discriminator.module.init_with_output(key, example, train=False)[0][1])
        inputs = {"generator": (self.generator, codes), "discriminator": (self.discriminator, example)}
        inputs |= {name: (head, jnp.zeros(features["features"].shape)) for name, head in self.heads.items()}
        made = {name: net.init(named(key, name), x, train=False) for name, (net, x) in inputs.items()}
        return Variables(
            {name: params for name, (params, _) in made.items()},
            {name: stats for name, (_, stats) in made.items() if stats},
        )

    def draw(self, params, stats, latents: Latents, train: bool = True):
        """(examples [B, ...], generator statistics)."""
        z = jnp.concatenate([self.scales.get(kind, 1.0) * code for kind, code in latents.items()], axis=-1)
        return self.generator(params["generator"], stats.get("generator", {}), z, train=train)

    def judge(self, params, stats, x, labels=None, train: bool = True):
        """({"scores": [B], "features": [B, D], each head}, statistics of the discriminator and each head).

        Real and fake are never normalised together.
        """
        mine = params["discriminator"], stats.get("discriminator", {})
        (scores, aux), changed = self.discriminator(*mine, self._with_labels(x, labels), train=train)
        told, changed = {"scores": scores, **aux}, {"discriminator": changed}
        for name, head in self.heads.items():
            told[name], changed[name] = head(params[name], stats.get(name, {}), aux["features"], train=train)
        return told, changed

    def varied(self, x, key, name: str):
        """Real and fake alike, so that the generator has no reason to draw what the augmentation makes.

        Zhao, Liu, Lin, Zhu and Han, "Differentiable Augmentation for Data-Efficient GAN Training", 2020.
        """
        return augment(x, named(key, "varied", name), self.augmentation) if self.augmentation else x

    def _with_labels(self, x, labels):
        """The label as constant maps beside the channels, one-hot (Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014)."""
        if not self.classes:
            return x
        maps = jax.nn.one_hot(labels, self.classes).reshape(len(x), *(1,) * (x.ndim - 2), self.classes)
        return jnp.concatenate([x, jnp.broadcast_to(maps, (*x.shape[:-1], self.classes))], axis=-1)

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        real, labels = self.space.read(batch), batch.get("label")
        latents = self.prior.draw(key, len(real), labels)
        fake, _ = self.draw(params, stats, latents)
        real, fake = self.varied(real, key, "real"), self.varied(fake, key, "fake")
        told_real, changed = self.judge(params, stats, real, labels)
        told_fake, changed = self.judge(params, {**stats, **changed}, fake, labels)
        value = self.adversarial.real(told_real["scores"]).mean() + self.adversarial.fake(told_fake["scores"]).mean()
        seen = self._seen(params, stats, real, fake, told_real, told_fake, labels, latents, key)
        value, metrics = self._with_terms("discriminator", value, seen)
        metrics |= {"real": told_real["scores"].mean(), "fake": told_fake["scores"].mean()}
        return Loss(value, len(real)), Aux(changed, metrics=metrics)

    def generator_loss(self, params, stats, carry, batch, key, step):
        count, labels = len(batch[self.space.field]), batch.get("label")
        latents = self.prior.draw(key, count, labels)
        fake, changed = self.draw(params, stats, latents)
        told_fake, judges = self.judge(params, stats, self.varied(fake, key, "fake"), labels)
        seen = self._seen(params, stats, None, fake, None, told_fake, labels, latents, key)
        value, metrics = self._with_terms("generator", self.adversarial.generator(told_fake["scores"]).mean(), seen)
        return Loss(value, count), Aux({"generator": changed, **judges}, metrics=metrics)

    def _seen(self, params, stats, real, fake, told_real, told_fake, labels, latents, key) -> Seen:
        return Seen(
            real, fake, told_real, told_fake, labels, latents,
            tell=lambda x: self.judge(params, stats, x, labels)[0], draw=lambda latents: self.draw(params, stats, latents)[0],
            vary=lambda x, name: self.varied(x, key, name), key=key,
        )  # fmt: skip

    def _with_terms(self, player: str, value, seen: Seen):
        found = {term.name: term.value(seen).mean() for term in self.terms.get(player, ())}
        for term in self.terms.get(player, ()):
            value = value + term.weight * found[term.name]
        return value, found

    def predict(self, critic: judging.Judge | None, variables: Variables, batch, key) -> dict[str, jax.Array]:
        """Samples, one an example and of its class where classes are asked for, the scores of both, and what a judge says of them.

        And what each head says of the real examples.
        """
        real, labels = self.space.read(batch), batch.get("label")
        params, stats = variables.params, variables.stats
        fake, _ = self.draw(params, stats, self.prior.draw(key, len(real), labels), train=False)
        told = {
            name: self.judge(params, stats, x, labels, train=False)[0] for name, x in (("real", real), ("fake", fake))
        }
        scores = {name: found["scores"] for name, found in told.items()}
        judged = critic.outputs(variables, real=real, fake=fake) if critic else {}
        heads = {name: told["real"][name] for name in self.heads}
        return {"samples": self.space.shown(fake), **scores, **heads, **judged}

    def metrics(self) -> dict[str, Metric]:
        """Mean scores, and the share of pairs in which the discriminator prefers the real one."""
        return {
            "real": Metric(lambda outputs, batch: outputs["real"]),
            "fake": Metric(lambda outputs, batch: outputs["fake"]),
            "told": Metric(lambda outputs, batch: (self.adversarial.sign * (outputs["real"] - outputs["fake"]) > 0) * 1.0),
        }  # fmt: skip

    def task(
        self, setup: Setup, *, discriminator_steps: int = 1, clip: float = 0.0, judge: str = "", heads_of: Mapping[str, str] = {},
        metrics: Mapping = {}, scores: Mapping = {}, figures: Mapping = {},
    ) -> Task:  # fmt: skip
        """Players `discriminator`, then `generator`; `heads_of` says whose player owns a head.

        `clip` bounds every weight of the discriminator after each update; `judge` is an experiment of a CNN, whose weights
        `config.start` brings, "" for none.
        """
        critic = judging.make_judge(judge, setup)

        def owns(player):
            return (player, *(name for name in self.heads if heads_of[name] == player))

        optimizer = setup.optimizer("discriminator", discriminator_steps)
        players = (
            Player("discriminator", owns("discriminator"), self.discriminator_loss, clipped(optimizer, clip) if clip else optimizer,
                   steps=discriminator_steps),
            Player("generator", owns("generator"), self.generator_loss, setup.optimizer("generator")),
        )  # fmt: skip
        told = self.metrics()
        if critic:
            scores, figures = {**critic.scores, **scores}, {**critic.figures, **figures}
        if critic and "class" in self.prior.parts:
            scores = {**scores, "within": judging.diversity}
            told |= critic.metrics
        task = Task(
            self.init, players, setup.batch_spec, partial(self.predict, critic), {**told, **metrics}, scores=scores,
            figures={**drawings.figures(self), **figures}, over_time=("samples",), sample=drawings.sampler(self), decomposable=False,
        )  # fmt: skip
        return critic.join(task) if critic else task


def clipped(optimizer: optax.GradientTransformation, bound: float) -> optax.GradientTransformation:
    """The optimiser, and every parameter within [-bound, bound] after its update.

    Arjovsky, Chintala and Bottou, "Wasserstein GAN", 2017, algorithm 1, line 7: the critic stays Lipschitz; 0.01 there.
    """

    def project(updates, params):
        return jax.tree.map(lambda update, w: jnp.clip(w + update, -bound, bound) - w, updates, params)

    return optax.chain(optimizer, optax.stateless(project))
