"""Precision, recall, density and coverage of samples by nearest neighbours in features.

Sources: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019; Naeem et al., "Reliable
Fidelity and Diversity Metrics for Generative Models", 2020.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.quality.distances import by_blocks, in_float64, smallest, squared


def prdc(fake: np.ndarray, real: np.ndarray, neighbours: int = 5) -> dict[str, float]:
    """{"precision", "recall", "density", "coverage"} of fake [N, D] against real [M, D] features.

    A ball reaches from each example to its k-th neighbour in its own set. Precision: the share of fakes in some real ball; recall: of
    reals in some fake ball; density: in how many real balls a fake lies, over k; coverage: the share of real balls that hold a fake.
    Balls are closed for the first two and open for the others, as in the papers' formulas and code: a set against itself gives 1 four
    times. Naeem et al. take k = 5, Kynkäänniemi et al. k = 3. Raises ValueError where a set has no k neighbours.
    """
    if min(len(fake), len(real)) <= neighbours:
        raise ValueError(f"{neighbours} neighbours need more examples than that, got {len(fake)} and {len(real)}")
    inside, balls, recalled, covered = map(int, in_float64(_counts, fake, real, neighbours=neighbours))
    return {
        "precision": inside / len(fake), "recall": recalled / len(real),
        "density": balls / (neighbours * len(fake)), "coverage": covered / len(real),
    }  # fmt: skip


@partial(jax.jit, static_argnames="neighbours")
def _counts(fake_ND, real_MD, *, neighbours: int):
    radius_N, radius_M = (smallest(x, x, count=neighbours + 1)[0][:, -1] for x in (fake_ND, real_MD))

    def of_block(mask_B, rows_BD, radius_B):
        square_BM = jnp.where(mask_B[:, None], squared(rows_BD, real_MD), jnp.inf)
        return (
            (square_BM <= radius_M).any(1), (square_BM < radius_M).sum(1),
            (square_BM <= radius_B[:, None]).any(0), square_BM.min(0),
        )  # fmt: skip

    inside, balls, recalled, nearest = by_blocks(of_block, fake_ND, radius_N)
    return inside.sum(), balls.sum(), recalled.any(0).sum(), (nearest.min(0) < radius_M).sum()
