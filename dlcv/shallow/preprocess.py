"""The features as the published tables prepare them, each domain by itself."""

import numpy as np

from dlcv.errors import Misuse
from dlcv.shallow import checks


def unit_rows(x) -> np.ndarray:
    """Rows of [N, D] divided by their Euclidean norm (DeCAF6); raises Misuse for a row of zeros."""
    x = checks.features(x, "the features")
    return x / _scale(np.linalg.norm(x, axis=1, keepdims=True))


def surf(counts) -> np.ndarray:
    """Visual-word counts [N, D] to shares of their row, standardised by column (N - 1; constant columns become 0), then unit rows.

    Gong et al., "Geodesic Flow Kernel for Unsupervised Domain Adaptation", 2012; the unit rows are those of JGSA's tables.
    """
    x = checks.features(counts, "the counts")
    x = x / _scale(np.abs(x).sum(1, keepdims=True))
    spread = x.std(axis=0, ddof=1)
    return unit_rows((x - x.mean(0)) / np.where(spread > 0, spread, 1.0))


def _scale(size: np.ndarray) -> np.ndarray:
    empty = np.flatnonzero(size == 0)
    if len(empty):
        raise Misuse(f"row {empty[0]} is all zeros and cannot be scaled: remove it ({len(empty)} such rows)")
    return size
