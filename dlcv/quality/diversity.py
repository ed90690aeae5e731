"""How far apart samples of one class lie, in named features."""

import numpy as np
from jaxtyping import Float, Int


def within_classes(features: Float[np.ndarray, "N D"], labels: Int[np.ndarray, " N"]) -> float:
    """The mean Euclidean distance between the features of two different samples of one class; every class counts alike.

    As diversity is measured in Mao et al., "Mode Seeking Generative Adversarial Networks", 2019, where the features are LPIPS's.
    Raises ValueError where no class has two samples.
    """
    means = [_mean_distance(features[labels == label]) for label in np.unique(labels) if (labels == label).sum() > 1]
    if not means:
        raise ValueError("diversity within classes needs two samples of one class")
    return float(np.mean(means))


def _mean_distance(features: Float[np.ndarray, "N D"]) -> float:
    """Between different rows."""
    x = np.asarray(features, np.float64)
    squares = (x**2).sum(1)
    distances = np.sqrt(np.clip(squares[:, None] + squares - 2 * x @ x.T, 0, None))
    return float(distances[np.triu_indices(len(x), 1)].mean())
