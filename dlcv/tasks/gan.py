"""Generative adversarial networks: architecture x loss x penalty, samples judged by a frozen classifier's features.

Sources: Goodfellow et al., "Generative Adversarial Nets", 2014; Radford, Metz and Chintala, "Unsupervised Representation
Learning with Deep Convolutional Generative Adversarial Networks", 2016; each loss and penalty where it is written.
"""

from collections.abc import Mapping
from functools import partial

import jax
import numpy as np

from dlcv.engine.task import Setup, Task, View
from dlcv.errors import Misuse, unknown
from dlcv.losses import penalties
from dlcv.losses.adversarial import LOSSES, energy
from dlcv.models.adversaries import Form, adversaries
from dlcv.models.net import Net
from dlcv.ops.keys import named
from dlcv.quality.modes import gaussian_modes
from dlcv.tasks.adversarial import DRAWS, Game, Prior, Seen, Space, Term, classes_of
from dlcv.tasks.drawings import attention_figure


def gradient_penalty(seen: Seen):
    epsilon = jax.random.uniform(named(seen.key, "epsilon"), (len(seen.real),))
    return penalties.gradient_penalty(seen.score, seen.real, seen.fake, epsilon)


def r1(seen: Seen):
    return penalties.r1(seen.score, seen.real)


def seeks_modes(seen: Seen):
    """Other noise under the same condition."""
    noise = seen.latents["noise"]
    other = DRAWS["noise"](named(seen.key, "other"), *noise.shape, None)
    return penalties.mode_seeking(seen.fake, seen.draw({**seen.latents, "noise": other}), noise, other)


def pulls_away(seen: Seen):
    return penalties.pull_away(seen.told_fake["features"])


PENALTIES = {"gradient": gradient_penalty, "r1": r1}  # of the discriminator
WEIGHTED = {"mode_seeking": seeks_modes, "pull_away": pulls_away}  # of the generator
CONDITIONS = ("", "class")


def chosen_terms(
    norm: str, architecture: str, *, penalty: str = "", penalty_weight: float = 10.0, mode_seeking: float = 0.0, pull_away: float = 0.0
) -> dict[str, tuple[Term, ...]]:  # fmt: skip
    """{"discriminator": its penalty, "generator": the terms whose weight is not 0}.

    Raises Misuse for an unknown penalty and for one under batch norm.
    """
    if penalty not in ("", *PENALTIES):
        raise unknown("penalty", penalty, ("", *PENALTIES))
    if penalty and norm == "batch" and architecture != "mlp":
        raise Misuse(
            f"penalty={penalty!r} is one of each image's gradient, which batch norm mixes: use norm='layer' or norm='none'"
        )
    weights = {"mode_seeking": mode_seeking, "pull_away": pull_away}
    return {
        "discriminator": (Term("penalty", penalty_weight, PENALTIES[penalty]),) if penalty else (),
        "generator": tuple(Term(name, weight, WEIGHTED[name]) for name, weight in weights.items() if weight),
    }


def covered(info: Mapping, view: View) -> Mapping[str, float]:
    """Of points from Gaussians: modes covered, and the share of samples near one."""
    samples = view.outputs[next(iter(view.outputs))]["samples"]
    found = gaussian_modes(samples, np.asarray(info["centres"]), info["std"])
    return {"covered": found.covered, "high_quality": found.high_quality}


def make(
    setup: Setup, architecture: str = "dcgan", loss: str = "non_saturating", margin: float = 1.0, penalty: str = "",
    penalty_weight: float = 10.0, clip: float = 0.0, norm: str = "batch", spectral: bool = False, discriminator_steps: int = 1,
    condition: str = "", mode_seeking: float = 0.0, pull_away: float = 0.0, codes: int = 100, width: int = 64, judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator`, then `generator`, each with its adversarial loss and the terms whose weight is not 0.

    `margin` is that of the loss "energy", `clip` the bound of the discriminator's weights (0: none), `norm` and `spectral` say how
    the discriminator is normalised, `condition` whether both players are told the class. `judge` names an
    experiment of a CNN, "experiments/vision/cnn.py:default", whose weights `config.start` brings, "" for none. Raises Misuse for unknown
    names, for a penalty under batch norm and for energies of what is no autoencoder.
    """
    losses = LOSSES | {"energy": energy(margin)}
    for what, given, known in (("adversarial loss", loss, losses), ("condition", condition, CONDITIONS)):
        if given not in known:
            raise unknown(what, given, known)
    if (loss == "energy") != (architecture == "autoencoder"):
        raise Misuse(
            f"loss={loss!r} with architecture={architecture!r}: an autoencoder scores by energies, all others by logits"
        )
    terms = chosen_terms(
        norm,
        architecture,
        penalty=penalty,
        penalty_weight=penalty_weight,
        mode_seeking=mode_seeking,
        pull_away=pull_away,
    )
    space, classes = Space.of(setup.batch_spec), classes_of(setup) if condition else 0
    pair = adversaries(architecture, Form(space.shape, width, norm, spectral, setup.dtype))
    game = Game(
        Net(pair.generator), Net(pair.discriminator), losses[loss],
        Prior({"noise": codes} | ({"class": classes} if classes else {})), space, classes, terms=terms,
    )  # fmt: skip
    scores = {"modes": partial(covered, setup.info)} if space.field == "point" else {}
    figures = {"attention": partial(attention_figure, game)} if architecture == "sagan" else {}
    return game.task(
        setup, discriminator_steps=discriminator_steps, clip=clip, judge=judge, scores=scores, figures=figures
    )
