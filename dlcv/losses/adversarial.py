"""Adversarial losses of scores: one value an example, for the discriminator on real and fake and for the generator."""

from typing import NamedTuple, Protocol

import jax
from jaxtyping import Array, Float

from dlcv.losses.classification import binary_cross_entropy

Scores = Float[Array, " B"]


class LossOfScores(Protocol):
    def __call__(self, scores: Scores) -> Scores: ...


class Adversarial(NamedTuple):
    """What the discriminator minimises on real and on fake scores, and the generator on fake ones."""

    real: LossOfScores
    fake: LossOfScores
    generator: LossOfScores
    sign: int = 1  # of a score that calls an example real: -1 for an energy


def says_real(logits: Scores) -> Scores:
    """-log D with D = sigmoid(logit), in nats."""
    return binary_cross_entropy(logits, 1.0)


def says_fake(logits: Scores) -> Scores:
    """-log(1 - D) with D = sigmoid(logit), in nats."""
    return binary_cross_entropy(logits, 0.0)


def fools(logits: Scores) -> Scores:
    """log(1 - D): the generator's side of the minimax game, flat where the discriminator wins."""
    return -binary_cross_entropy(logits, 0.0)


def near_one(scores: Scores) -> Scores:
    """(D - 1)^2 / 2: the targets b = c = 1 of real examples and of the generator."""
    return (scores - 1) ** 2 / 2


def near_zero(scores: Scores) -> Scores:
    """D^2 / 2: the target a = 0 of fake examples."""
    return scores**2 / 2


def raises(scores: Scores) -> Scores:
    """-D: higher scores are better."""
    return -scores


def lowers(scores: Scores) -> Scores:
    """D: lower scores are better."""
    return scores


def above_one(scores: Scores) -> Scores:
    """max(0, 1 - D)."""
    return jax.nn.relu(1 - scores)


def below_minus_one(scores: Scores) -> Scores:
    """max(0, 1 + D)."""
    return jax.nn.relu(1 + scores)


def energy(margin: float) -> Adversarial:
    """D is an energy, low for real examples: D(x) + max(0, m - D(G(z))) against D(G(z)).

    Zhao, Mathieu and LeCun, "Energy-based Generative Adversarial Network", 2017, equations 1 and 2.
    """
    return Adversarial(lowers, lambda energies: jax.nn.relu(margin - energies), lowers, sign=-1)


LOSSES = {
    # Goodfellow et al., "Generative Adversarial Nets", 2014: the game (equation 1), and the loss of its section 3 for the generator.
    "minimax": Adversarial(says_real, says_fake, fools),
    "non_saturating": Adversarial(says_real, says_fake, says_real),
    # Mao et al., "Least Squares Generative Adversarial Networks", 2017, equation 9.
    "least_squares": Adversarial(near_one, near_zero, near_one),
    # Arjovsky, Chintala and Bottou, "Wasserstein GAN", 2017, equations 2 and 3: of a critic that is kept Lipschitz.
    "wasserstein": Adversarial(raises, lowers, raises),
    # Lim and Ye, "Geometric GAN", 2017; Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018, equations 16, 17.
    "hinge": Adversarial(above_one, below_minus_one, raises),
}
