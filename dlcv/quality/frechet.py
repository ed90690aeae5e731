"""Fréchet distance between two sets of features, each taken for a Gaussian."""

import numpy as np

from dlcv.quality.distances import scale


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of features [N, D], standardised by the second (real) set's spread.

    A feature that is the same in all real examples stays as it is, as in the other scores. On which features, of how many examples,
    decides the number: name both. Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium",
    2017. Raises ValueError for fewer than two examples.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError(f"a covariance needs at least two examples, got {len(first)} and {len(second)}")
    spread = scale(second)
    first, second = np.asarray(first, np.float64) / spread, np.asarray(second, np.float64) / spread
    difference = first.mean(0) - second.mean(0)
    one, two = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    crossed = np.sqrt(np.clip(np.linalg.eigvalsh(root @ two @ root), 0, None)).sum()
    return float(difference @ difference + np.trace(one) + np.trace(two) - 2 * crossed)
