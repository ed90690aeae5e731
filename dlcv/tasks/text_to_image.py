"""Text to image: a two-stage generator told by a sentence, a discriminator for each size that also tells wrong sentences.

Sources: Zhang et al., "StackGAN++: Realistic Image Synthesis with Stacked Generative Adversarial Networks", 2018; wrong sentences: Reed,
Akata, Yan, Logeswaran, Schiele and Lee, "Generative Adversarial Text to Image Synthesis", 2016, here wrong in a single word, since a glance at
the colours tells another scene's sentence, and nothing else of it would be read; the term that keeps pictures of one sentence apart: Mao, Lee,
Tseng, Ma and Yang, "Mode Seeking Generative Adversarial Networks", 2019.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.losses.adversarial import LOSSES, Adversarial
from dlcv.losses.penalties import mode_seeking as mode_seeking_term
from dlcv.losses.variational import gaussian_kl
from dlcv.models.net import Net
from dlcv.models.stacked_gan import SentenceDiscriminator, SentenceEncoder, StackedGenerator
from dlcv.ops.images import from_bytes, halved, to_unit
from dlcv.ops.keys import named
from dlcv.tasks import judging

DISCRIMINATORS = ("half", "full")


@dataclass(frozen=True)
class Painter:
    """All networks and both losses. The sentence encoder is the discriminator's; the generator takes what it says as given."""

    sentence: Net
    generator: Net
    discriminators: Mapping[str, Net]  # by the size that each sees
    adversarial: Adversarial
    codes: int
    condition: int
    kl: float
    mode_seeking: float
    words: int  # width of a sentence

    def read(self, params, caption):
        return self.sentence(params["sentence"], {}, caption)[0]

    def draw(self, key, count: int, name: str = "codes"):
        """(z, the noise of the conditioning augmentation)."""
        key = named(key, name)
        return jax.random.normal(named(key, "z"), (count, self.codes)), jax.random.normal(
            named(key, "c"), (count, self.condition)
        )

    def paint(self, params, stats, sentence, drawn, train: bool = True):
        """({"half": images, "full": images}, (mean, log variance) of the condition, generator statistics)."""
        z, noise = drawn
        (half, full, condition), changed = self.generator(
            params["generator"], stats["generator"], z, sentence, noise, train=train
        )
        return {"half": half, "full": full}, condition, changed

    def judge(self, params, stats, name: str, images, sentences: Sequence[jax.Array], train: bool = True):
        """((scores [B] of the images alone, [B] with each of these sentences), statistics) of one size."""
        sentences = jnp.stack(sentences, axis=1)
        (alone, told), changed = self.discriminators[name](
            params[name], stats.get(name, {}), images, sentences, train=train
        )
        return (alone, told.T), changed

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        image, count = from_bytes(batch["image"]), len(batch["image"])
        sentence = self.read(params, batch["caption"])
        wrong = self.read(params, misquoted(named(key, "wrong"), batch["caption"]))
        fakes, _, _ = self.paint(params, stats, jax.lax.stop_gradient(sentence), self.draw(key, count))
        value, changed, metrics = 0.0, {}, {}
        for name, real in {"half": halved(image), "full": image}.items():
            fake = jax.lax.stop_gradient(fakes[name])
            (real_alone, (right, lie)), mine = self.judge(params, stats, name, real, (sentence, wrong))
            (fake_alone, (fake_told,)), mine = self.judge(params, {**stats, name: mine}, name, fake, (sentence,))
            alone = self.adversarial.real(real_alone).mean() + self.adversarial.fake(fake_alone).mean()
            lies = (self.adversarial.fake(lie).mean() + self.adversarial.fake(fake_told).mean()) / 2
            value = value + alone + self.adversarial.real(right).mean() + lies
            changed[name] = mine
            scores = {"real": right, "wrong": lie, "fake": fake_told}
            metrics |= {f"{kind}_{name}": found.mean() for kind, found in scores.items()}
        return Loss(value, count), Aux(changed, metrics=metrics)

    def generator_loss(self, params, stats, carry, batch, key, step):
        count = len(batch["image"])
        sentence = jax.lax.stop_gradient(self.read(params, batch["caption"]))
        drawn = self.draw(key, count)
        fakes, condition, changed = self.paint(params, stats, sentence, drawn)
        parts = {"kl": gaussian_kl(*condition).mean() / self.condition}
        value = self.kl * parts["kl"]
        for name, fake in fakes.items():
            (alone, (told,)), _ = self.judge(params, stats, name, fake, (sentence,))
            value = value + self.adversarial.generator(alone).mean() + self.adversarial.generator(told).mean()
        if self.mode_seeking:
            z, noise = self.draw(key, count, "other codes")
            others, _, _ = self.paint(params, stats, sentence, (z, noise))
            first, second = jnp.concatenate(drawn, -1), jnp.concatenate([z, noise], -1)
            parts["mode_seeking"] = mode_seeking_term(fakes["full"], others["full"], first, second)
            value = value + self.mode_seeking * parts["mode_seeking"]
        return Loss(value, count), Aux({"generator": changed}, metrics=parts)

    def init(self, key, spec) -> Variables:
        """Subtrees `sentence`, `generator` and one a discriminator."""
        told, drawn = jnp.zeros((1, self.words)), self.draw(key, 1)
        image = jnp.zeros((1, *spec["image"].shape[1:]))
        made = {
            "sentence": self.sentence.init(
                named(key, "sentence"), jnp.zeros((1, *spec["caption"].shape[1:]), int), train=False
            ),
            "generator": self.generator.init(named(key, "generator"), drawn[0], told, drawn[1], train=False),
        }
        for name, shown in {"half": halved(image), "full": image}.items():
            made[name] = self.discriminators[name].init(named(key, name), shown, told[:, None], train=False)
        return Variables(
            {k: params for k, (params, _) in made.items()}, {k: stats for k, (_, stats) in made.items() if stats}
        )

    def predict(self, critic, variables: Variables, batch, key):
        """One picture an example's sentence, how far another one is from it, and what the discriminator and a judge say."""
        params, stats, image = variables.params, variables.stats, from_bytes(batch["image"])
        sentence = self.read(params, batch["caption"])
        fake, other = (
            self.paint(params, stats, sentence, self.draw(key, len(image), name), train=False)[0]["full"]
            for name in ("codes", "other codes")
        )
        outputs = {"samples": to_unit(fake), "diversity": jnp.abs(fake - other).mean((1, 2, 3))}
        wrong = self.read(params, misquoted(named(key, "wrong"), batch["caption"]))
        (_, (outputs["real"], outputs["wrong"])), _ = self.judge(
            params, stats, "full", image, (sentence, wrong), train=False
        )
        (_, (outputs["fake"],)), _ = self.judge(params, stats, "full", fake, (sentence,), train=False)
        if critic:
            outputs |= critic.outputs(variables, real=image, fake=fake)
            outputs["perceptual"] = critic.apart(variables, fake, other)
        return outputs


def make(
    setup: Setup, loss: str = "non_saturating", codes: int = 32, condition: int = 32, kl: float = 2.0, mode_seeking: float = 0.0,
    width: int = 32, words: int = 64, judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator` (both sizes and the sentence encoder, `words` wide), then `generator`.

    `kl` weighs the divergence of the conditioning augmentation, its mean over the `condition` numbers as in the authors' code,
    `mode_seeking` the term of that name (0: none). `judge` names an experiment of a CNN, whose weights `config.start` brings, "" for none.
    Raises Misuse for an unknown loss and for data without captions.
    """
    if loss not in LOSSES:
        raise unknown("adversarial loss", loss, LOSSES)
    if "caption" not in setup.batch_spec:
        raise Misuse("this data set has no captions: take one that has, such as captioned_digits")
    _, size, _, channels = setup.batch_spec["image"].shape
    discriminators = {name: Net(SentenceDiscriminator(width, dtype=setup.dtype)) for name in DISCRIMINATORS}
    painter = Painter(
        Net(SentenceEncoder(len(setup.info["vocabulary"]), words, setup.dtype)),
        Net(StackedGenerator(channels, size, width, condition, setup.dtype)), discriminators, LOSSES[loss], codes, condition, kl,
        mode_seeking, words,
    )  # fmt: skip
    critic = judging.make_judge(judge, setup)

    metrics = {name: Metric(lambda outputs, batch, name=name: outputs[name]) for name in ("real", "fake", "diversity")}
    metrics["tells_wrong"] = Metric(lambda outputs, batch: (outputs["real"] > outputs["wrong"]) * 1.0)
    if critic:
        metrics["perceptual"] = Metric(lambda outputs, batch: outputs["perceptual"])
        metrics |= critic.metrics
    players = (
        Player("discriminator", ("sentence", *DISCRIMINATORS), painter.discriminator_loss, setup.optimizer("discriminator"),
               updates=DISCRIMINATORS),
        Player("generator", ("generator",), painter.generator_loss, setup.optimizer("generator")),
    )  # fmt: skip
    task = Task(
        painter.init, players, setup.batch_spec, partial(painter.predict, critic), metrics,
        scores=critic.scores if critic else {},
        figures={"sentences": partial(sentences_figure, painter), **(critic.figures if critic else {})}, over_time=("sentences",),
        makers={"sentences": partial(draw_sentences, painter)}, decomposable=False,
    )  # fmt: skip
    return critic.join(task) if critic else task


def misquoted(key, captions_BT: jax.Array) -> jax.Array:
    """Captions that are wrong in one word, which is that of another scene in its place; two equal captions stay as they are.

    A place is wrong the more often the more words the batch has there: as likely as not, a wrong digit passes for the right one of ten.
    """
    others_BT = jnp.roll(captions_BT, 1, axis=0)
    apart_BT = captions_BT != others_BT
    alternatives_T = (jnp.diff(jnp.sort(captions_BT, axis=0), axis=0) != 0).sum(0)
    chances_BT = jnp.where(apart_BT, jnp.log(jnp.maximum(alternatives_T, 1)), -jnp.inf)
    place_B = jax.random.categorical(key, chances_BT)
    here_BT = jnp.arange(captions_BT.shape[1]) == place_B[:, None]
    return jnp.where(here_BT & apart_BT, others_BT, captions_BT)


def text(caption, vocabulary) -> str:
    return " ".join(vocabulary[token] for token in caption if token)


def sheet(painter: Painter, view: View, sentences: int, pictures: int) -> Figure:
    """A row a sentence of the split: the picture it belongs to, then pictures drawn for it."""
    examples, count = next(iter(view.examples.values())), sentences
    params, stats = view.variables.params, view.variables.stats
    sentence = painter.read(params, jnp.asarray(examples["caption"][:count]))
    columns = [examples["image"][:count] / 255]
    for index in range(pictures):
        drawn = painter.draw(view.key, count, f"picture {index}")
        columns.append(np.asarray(to_unit(painter.paint(params, stats, sentence, drawn, train=False)[0]["full"])))
    images = np.stack(columns, 1).reshape(-1, *columns[0].shape[1:])
    labels = [text(caption, view.info["vocabulary"]) for caption in examples["caption"][:count]]
    return Figure(
        "image_grid",
        {"images": images, "columns": pictures + 1, "row_labels": labels, "title": "the true picture, then drawn ones"},
    )


def sentences_figure(painter: Painter, view: View) -> Figure:
    """The same sentences and codes at every evaluation."""
    return sheet(painter, view, 8, 8)


def draw_sentences(painter: Painter, view: View, *, count: int = 8, pictures: int = 8) -> Mapping[str, Figure]:
    """`dlcv.sample --what=sentences`: `pictures` drawn for each of the first `count` sentences of a split."""
    return {"sentences": sheet(painter, view, count, pictures)}
