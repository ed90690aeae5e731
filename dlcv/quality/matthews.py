"""Matthews correlation: how well predicted classes agree with the true ones, 0 for chance whatever the classes' shares."""

import numpy as np
from jaxtyping import Int


def matthews(predicted: Int[np.ndarray, "N"], labels: Int[np.ndarray, "N"], classes: int) -> float:
    """Covariance over the root of the variances, in [-1, 1]; 0 where one side has a single class.

    With c right of N, p_k predicted and t_k true of class k: (c N - sum p_k t_k) / sqrt((N^2 - sum p_k^2) (N^2 - sum t_k^2)). Matthews,
    "Comparison of the predicted and observed secondary structure of T4 phage lysozyme", 1975; for several classes Gorodkin, "Comparing two
    K-category assignments by a K-category correlation coefficient", 2004.
    """
    total, right = float(len(labels)), float((predicted == labels).sum())
    guessed_K, true_K = (np.bincount(values, minlength=classes).astype(float) for values in (predicted, labels))
    spread = (total**2 - (guessed_K**2).sum()) * (total**2 - (true_K**2).sum())
    return float((right * total - (guessed_K * true_K).sum()) / np.sqrt(spread)) if spread > 0 else 0.0
