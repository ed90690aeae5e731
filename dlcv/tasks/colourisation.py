"""Colourisation: grey pictures to colour, by squared error alone, or by absolute error and a discriminator of patches.

Squared error is least at the mean of all colours that fit a grey picture, which is dull; a discriminator refuses what is dull.
Sources: Zhang, Isola and Efros, "Colorful Image Colorization", 2016; Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with
Conditional Adversarial Networks", 2017.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.adversarial import LOSSES
from dlcv.losses.reconstruction import absolute_error, squared_error
from dlcv.models.net import Net
from dlcv.models.translation import PatchDiscriminator
from dlcv.ops.images import from_bytes, luma, to_unit
from dlcv.ops.keys import named
from dlcv.tasks.colours import colour_metrics
from dlcv.tasks.latent import SUBTREES, Pair, blank, class_names, first_of_each, rows_figure

DISCRIMINATOR = "discriminator"


@dataclass(frozen=True)
class Colouriser:
    """An encoder of grey pictures and a decoder to colour, and who judges what they paint."""

    pair: Pair
    discriminator: Net
    adversarial: float  # weight of the adversarial loss beside an absolute error of weight 1

    def paint(self, params, grey):
        """Grey pictures [B, Y, X, 1] to colour [B, Y, X, 3], both in [-1, 1]; only colour is guessed, the grey stays as given."""
        guess = jnp.tanh(self.pair.decode(params, self.pair.encode(params, grey)))
        return jnp.clip(guess + grey - luma(guess), -1, 1)

    def judge(self, params, grey, images):
        """Logits [B patches] of pictures beside their grey."""
        return self.discriminator(params[DISCRIMINATOR], {}, jnp.concatenate([grey, images], -1))[0].ravel()

    def squared_loss(self, params, stats, carry, batch, key, step):
        images = from_bytes(batch["image"])
        rows = squared_error(self.paint(params, luma(images)), images)
        return Loss(rows.mean(), len(rows)), Aux()

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        images = from_bytes(batch["image"])
        grey, loss = luma(images), LOSSES["non_saturating"]
        real = self.judge(params, grey, images)
        fake = self.judge(params, grey, jax.lax.stop_gradient(self.paint(params, grey)))
        metrics = {"real": jax.nn.sigmoid(real).mean(), "fake": jax.nn.sigmoid(fake).mean()}
        return Loss(loss.real(real).mean() + loss.fake(fake).mean(), len(images)), Aux(metrics=metrics)

    def painter_loss(self, params, stats, carry, batch, key, step):
        images = from_bytes(batch["image"])
        grey = luma(images)
        painted = self.paint(params, grey)
        fooled = LOSSES["non_saturating"].generator(self.judge(params, grey, painted)).mean()
        rows = absolute_error(painted, images)
        return Loss(rows.mean() + self.adversarial * fooled, len(rows)), Aux(metrics={"absolute_error": rows.mean()})


def make(setup: Setup, size: str = "conv-colour", codes: int = 128, adversarial: float = 0.0, width: int = 16) -> Task:
    """One player, `painter`, of squared error; with `adversarial` > 0 two, `discriminator` (of that width), then `painter`.

    Metrics: the squared error a pixel, pixels in [-1, 1], and how colourful answer and truth are, pixels in [0, 1]. The decoder is
    that of the task autoencoder of the same size and codes on colour pictures: `config.start` may bring it. Raises Misuse for
    pictures without colour.
    """
    if setup.batch_spec["image"].shape[-1] != 3:
        raise Misuse(
            f"colourisation needs pictures of 3 channels, the data set has {setup.batch_spec['image'].shape[-1]}"
        )
    discriminator = PatchDiscriminator(width, halvings=1, dtype=setup.dtype, norm=False)
    game = Colouriser(Pair.make(setup, size, codes), Net(discriminator), adversarial)

    def init(key, spec) -> Variables:
        image = blank(spec)
        params = game.pair.init(key, image[..., :1])
        if adversarial:
            key = named(key, DISCRIMINATOR)
            params[DISCRIMINATOR] = game.discriminator.init(
                key, jnp.concatenate([image[..., :1], image], -1), train=False
            )[0]
        return Variables(params)

    def predict(variables: Variables, batch, key):
        images = from_bytes(batch["image"])
        painted = game.paint(variables.params, luma(images))
        shown = {"answer": to_unit(painted), "grey": to_unit(luma(images))}
        return shown | {"squared_error": squared_error(painted, images)}

    painter = partial(Player, "painter", SUBTREES, optimizer=setup.optimizer("painter"))
    if adversarial:
        opponent = Player(DISCRIMINATOR, (DISCRIMINATOR,), game.discriminator_loss, setup.optimizer(DISCRIMINATOR))
        players = (opponent, painter(loss=game.painter_loss))
    else:
        players = (painter(loss=game.squared_loss),)
    metrics = {"squared_error": Metric(lambda outputs, batch: outputs["squared_error"]), **colour_metrics("answer")}
    figures = {"colours": colours_figure}
    return Task(init, players, setup.batch_spec, predict, metrics, figures=figures, over_time=("colours",))


def colours_figure(view: View) -> Figure:
    """Held-out pictures without their colour, painted, and as they were."""
    split = next(iter(view.outputs))
    outputs, rows = view.outputs[split], first_of_each(view, split)
    shown = {
        "grey": outputs["grey"][rows],
        "answer": outputs["answer"][rows],
        "truth": view.examples[split]["image"][rows] / 255,
    }
    return rows_figure("held-out pictures, their colours guessed", class_names(view, split, rows), **shown)
