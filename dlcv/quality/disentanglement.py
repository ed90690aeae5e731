"""Codes held against the factors that made the data: by how much one code alone tells a factor."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int, Num


def matched_error(guesses: Int[np.ndarray, " N"], labels: Int[np.ndarray, " N"]) -> float:
    """The share of examples wrong when each category stands for one label, matched as well as can be (the Hungarian method).

    As InfoGAN's categorical code is measured: Chen et al., "InfoGAN", 2016, section 7.2.
    """
    from scipy.optimize import linear_sum_assignment

    counts = counted(guesses, labels)
    return 1 - float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(labels))


def counted(first: Int[np.ndarray, " N"], second: Int[np.ndarray, " N"]) -> Int[np.ndarray, "A B"]:
    """How often each pair of values occurs."""
    counts = np.zeros((int(first.max()) + 1, int(second.max()) + 1), int)
    np.add.at(counts, (first, second), 1)
    return counts


def mutual_information(first: Int[np.ndarray, " N"], second: Int[np.ndarray, " N"]) -> float:
    """I(first; second) in nats of their counted frequencies; I(x; x) is the entropy of x."""
    joint = counted(first, second) / len(first)
    independent = joint.sum(1, keepdims=True) * joint.sum(0)
    held = joint > 0
    return float((joint[held] * np.log(joint[held] / independent[held])).sum())


def mutual_information_gap(
    codes: Sequence[Num[np.ndarray, " N"]], factors: Sequence[Int[np.ndarray, " N"]], bins: int = 20
) -> float:
    """MIG: how much more the best code knows of a factor than the second best, over the factor's entropy; the mean over factors.

    1 where each factor is told by one code entirely and by no other. Floating-point codes are cut into `bins` of equal width. Factors
    of one value, which leave nothing to tell, do not count; nan where no other is there.
    Chen, Li, Grosse and Duvenaud, "Isolating Sources of Disentanglement in Variational Autoencoders", 2018, equation 6;
    counted as in Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled Representations", 2019.
    """
    if len(codes) < 2:
        raise ValueError(f"a gap is between two codes, got {len(codes)}")
    discrete = [code if np.issubdtype(code.dtype, np.integer) else in_bins(code, bins) for code in codes]
    gaps = []
    for factor in factors:
        if entropy := mutual_information(factor, factor):
            second, best = sorted(mutual_information(code, factor) for code in discrete)[-2:]
            gaps.append((best - second) / entropy)
    return float(np.mean(gaps)) if gaps else math.nan


def in_bins(code: Num[np.ndarray, " N"], bins: int) -> Int[np.ndarray, " N"]:
    """0..bins-1 between the smallest and the largest value."""
    return np.digitize(code, np.linspace(code.min(), code.max(), bins + 1)[1:-1])
