"""Modes: how many of those known are covered, and how unevenly."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Modes(NamedTuple):
    """Covered modes, the share of samples of high quality, and how many such samples each mode has [M]."""

    covered: int
    high_quality: float
    counts: Int[np.ndarray, " M"]


def gaussian_modes(
    samples: Float[np.ndarray, "N D"], centres: Float[np.ndarray, "M D"], std: float, deviations: float = 3.0
) -> Modes:
    """Of Gaussians with known centres: a sample is of high quality within so many standard deviations of the nearest centre.

    A mode is covered where it is nearest to one such sample or more. In two dimensions 98.9 % of the true distribution are of high
    quality. Srivastava et al., "VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational Learning", 2017.
    """
    samples, centres = np.asarray(samples, np.float64), np.asarray(centres, np.float64)
    squares = ((samples[:, None] - centres) ** 2).sum(-1)
    good = squares.min(1) <= (deviations * std) ** 2
    counts = np.bincount(squares.argmin(1)[good], minlength=len(centres))
    return Modes(int((counts > 0).sum()), float(good.mean()), counts)


def shares(labels: Int[np.ndarray, " N"], classes: int) -> Float[np.ndarray, " classes"]:
    """The share of every class. Raises ValueError for labels beyond 0..classes-1."""
    labels = np.asarray(labels)
    if not len(labels) or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels of samples: expected at least one, each in 0..{classes - 1}")
    return np.bincount(labels, minlength=classes) / len(labels)


def reverse_kl(model: Float[np.ndarray, " C"], data: Float[np.ndarray, " C"]) -> float:
    """KL(model || data) in nats of two distributions over classes or bins; infinite where the model has what the data lacks.

    For stacked digits `data` is uniform: Metz et al., "Unrolled Generative Adversarial Networks", 2017.
    """
    model, data = np.asarray(model, np.float64), np.asarray(data, np.float64)
    held = model > 0
    if (data[held] == 0).any():
        return float("inf")
    return float((model[held] * np.log(model[held] / data[held])).sum())
