"""Adversarial losses of logits: one value an example, for the discriminator on real and fake and for the generator."""

from typing import NamedTuple, Protocol

from jaxtyping import Array, Float

from dlcv.losses.classification import binary_cross_entropy

Logits = Float[Array, " B"]


class LossOfLogits(Protocol):
    def __call__(self, logits: Logits) -> Logits: ...


class Adversarial(NamedTuple):
    """What the discriminator minimises on real and on fake logits, and the generator on fake ones."""

    real: LossOfLogits
    fake: LossOfLogits
    generator: LossOfLogits


def says_real(logits: Logits) -> Logits:
    """-log D with D = sigmoid(logit), in nats."""
    return binary_cross_entropy(logits, 1.0)


def says_fake(logits: Logits) -> Logits:
    """-log(1 - D) with D = sigmoid(logit), in nats."""
    return binary_cross_entropy(logits, 0.0)


def fools(logits: Logits) -> Logits:
    """log(1 - D): the generator's side of the minimax game, flat where the discriminator wins."""
    return -binary_cross_entropy(logits, 0.0)


# Goodfellow et al., "Generative Adversarial Nets", 2014: the game (equation 1), and the loss of its section 3 for the generator.
LOSSES = {
    "minimax": Adversarial(says_real, says_fake, fools),
    "non_saturating": Adversarial(says_real, says_fake, says_real),
}
