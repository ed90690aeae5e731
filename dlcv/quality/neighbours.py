"""Nearest neighbours of samples among training examples, and whether they lie nearer than they should: memorisation."""

import numpy as np
from jaxtyping import Float, Int

from dlcv.quality.distances import in_float64, smallest


def nearest(
    samples: np.ndarray, examples: np.ndarray, count: int = 1
) -> tuple[Int[np.ndarray, "N count"], Float[np.ndarray, "N count"]]:
    """Which of the examples [M, D] lie nearest to every sample [N, D], nearest first, and their Euclidean distances.

    Raises ValueError for more neighbours than examples.
    """
    if not 1 <= count <= len(examples):
        raise ValueError(f"expected between 1 and {len(examples)} neighbours among as many examples, got {count}")
    squares, which = in_float64(smallest, samples, examples, count=count)
    return which, np.sqrt(squares)


def copying(samples: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """The chance that a sample lies nearer to the training set than a held-out example does; ties count half.

    1/2 for samples of the true distribution, 1 for copies of training examples, 0 for samples far from all data. It is the Mann-Whitney
    statistic of Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", 2020, over one cell.
    """
    fake, real = (nearest(features, train)[1][:, 0] for features in (samples, held_out))
    ordered = np.sort(fake)
    below, up_to = (np.searchsorted(ordered, real, side=side) for side in ("left", "right"))
    return float((below + up_to).mean() / (2 * len(fake)))
