"""Adversarial discriminative domain adaptation: an encoder of its own for the target learns to pass for the source's.

Source: Tzeng, Hoffman, Saenko and Darrell, "Adversarial Discriminative Domain Adaptation", 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from dlcv.engine.task import Aux, Loss, Player, Setup, Task, Variables
from dlcv.losses.adversarial import LOSSES
from dlcv.models.digits import Mlp
from dlcv.models.net import Net
from dlcv.ops.keys import named
from dlcv.tasks.source_only import Adaptation


@dataclass(frozen=True)
class Disguise:
    """The frozen source encoder and label head, the target's encoder and the discriminator, as the two players see them."""

    shared: Adaptation
    discriminator: Net
    layer: str  # what the discriminator sees

    def init(self, key, spec) -> Variables:
        """`encoder` and `classifier`, which `config.start` brings, `encoder_target`, which begins as a copy, and `discriminator`."""
        variables = self.shared.init(key, spec)
        discriminator = self.shared.init_head(self.discriminator, "discriminator", key, variables, spec, self.layer)
        copy = jax.tree.map(jnp.copy, variables.params["encoder"])
        return variables.replace(params={**variables.params, "encoder_target": copy, "discriminator": discriminator})

    def judge(self, params, seen, key):
        """Logits [B]: positive where the features look like the source's."""
        return self.discriminator(params["discriminator"], {}, seen, train=True, key=named(key, "discriminator"))[0][
            :, 0
        ]

    def discriminator_loss(self, params, stats, carry, batch, key, step):
        """Source or target: the source's features by the encoder that stands still, in its running statistics."""
        images = self.shared.augmented(batch, key)
        source, _ = self.shared.encode(params, stats, images["source"], None, train=False)
        of_target, _ = self.shared.encode_target(params, stats, images, key)
        real, fake = (
            self.judge(params, self.shared.heads(params, features, None)[self.layer], key)
            for features in (source, of_target["target"])
        )
        loss = LOSSES["non_saturating"]
        metrics = {"told": ((real > 0).mean() + (fake < 0).mean()) / 2}
        return Loss(loss.real(real).mean() + loss.fake(fake).mean(), len(source)), Aux(metrics=metrics)

    def target_loss(self, params, stats, carry, batch, key, step):
        """To pass for the source's, and to be classified rightly where labels are known."""
        of_target, changed = self.shared.encode_target(params, stats, self.shared.augmented(batch, key), key)
        layers = {part: self.shared.heads(params, features, None) for part, features in of_target.items()}
        fake = self.judge(params, layers["target"][self.layer], key)
        labels, metrics = self.shared.label_loss(layers, batch)
        value = LOSSES["non_saturating"].generator(fake).mean() + labels
        return Loss(value, len(fake)), Aux({"encoder_target": changed}, metrics=metrics)


def make(
    setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), augmentation: Sequence = (),
    discriminator_hidden=(500, 500), layer: str = "features",
) -> Task:  # fmt: skip
    """Players `discriminator`, then `target`, over the `layer` of an encoder and label head that nobody trains.

    They come trained on the source through `config.start`. Raises Misuse for an unknown layer.
    """
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)
    discriminator = Net(Mlp(tuple(discriminator_hidden), 1, dtype=setup.dtype))
    game = Disguise(shared, discriminator, shared.layer(layer))
    players = (
        Player("discriminator", ("discriminator",), game.discriminator_loss, setup.optimizer("discriminator")),
        Player("target", ("encoder_target",), game.target_loss, setup.optimizer("target")),
    )
    return shared.task(game.init, players, frozen=("encoder", "classifier"))
