"""AC-GAN: a class is asked of the generator, and a second head of the discriminator tells the class of real and fake alike.

Source: Odena, Olah and Shlens, "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017.
"""

from dlcv.engine.task import Metric, Setup, Task
from dlcv.errors import unknown
from dlcv.losses.adversarial import LOSSES
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.adversaries import Form, adversaries
from dlcv.models.digits import Mlp
from dlcv.models.net import Net
from dlcv.tasks.adversarial import Game, Prior, Seen, Space, Term, classes_of
from dlcv.tasks.gan import chosen_terms

HEAD = "classifier"  # owned by the discriminator's player


def of_fake(seen: Seen):
    """Equation 3 on fake images: the class that was asked for."""
    return cross_entropy(seen.told_fake[HEAD], seen.labels)


def of_both(seen: Seen):
    """Equation 3: on real images and on fake ones."""
    return cross_entropy(seen.told_real[HEAD], seen.labels) + of_fake(seen)


def make(
    setup: Setup, architecture: str = "dcgan", loss: str = "non_saturating", class_weight: float = 1.0, norm: str = "batch",
    spectral: bool = False, penalty: str = "", penalty_weight: float = 10.0, mode_seeking: float = 0.0, clip: float = 0.0,
    discriminator_steps: int = 1, codes: int = 100, width: int = 64, judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator` (and the class head), then `generator`; both minimise the class's cross-entropy times `class_weight`.

    Other keywords as of the task "gan". Raises Misuse as it does.
    """
    if loss not in LOSSES:
        raise unknown("adversarial loss", loss, LOSSES)
    space, classes = Space.of(setup.batch_spec), classes_of(setup)
    pair = adversaries(architecture, Form(space.shape, width, norm, spectral, setup.dtype))
    own = {
        "discriminator": Term("class_loss", class_weight, of_both),
        "generator": Term("class_loss", class_weight, of_fake),
    }
    chosen = chosen_terms(norm, architecture, penalty=penalty, penalty_weight=penalty_weight, mode_seeking=mode_seeking)
    game = Game(
        Net(pair.generator), Net(pair.discriminator), LOSSES[loss], Prior({"noise": codes, "class": classes}), space,
        heads={HEAD: Net(Mlp((), classes, dtype=setup.dtype))},
        terms={player: (term, *chosen[player]) for player, term in own.items()},
    )  # fmt: skip
    accuracy = Metric(lambda outputs, batch: correct(outputs[HEAD], batch["label"]))
    return game.task(
        setup, discriminator_steps=discriminator_steps, clip=clip, judge=judge, heads_of={HEAD: "discriminator"},
        metrics={"accuracy": accuracy},
    )  # fmt: skip
