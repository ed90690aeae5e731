"""Two-dimensional Gaussians in a ring of 8 or a grid of 25, on which lost modes can be counted; generated, no download.

The ring has radius 1, the grid 2 between neighbours, a Gaussian the standard deviation 0.01 and 0.05 unless `std` says otherwise.
Sources: Metz et al., "Unrolled Generative Adversarial Networks", 2017 (a ring of radius 2 and 0.02); Srivastava et al., "VEEGAN: Reducing
Mode Collapse in GANs using Implicit Variational Learning", 2017, and Lin et al., "PacGAN", 2018 (the grid).
"""

import jax
import numpy as np
from jaxtyping import Float

from dlcv.data.images import check, image_data
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

STD = {"ring": 0.01, "grid": 0.05}
EXAMPLES = {"train": 50_000, "valid": 2_500}  # VEEGAN judges 2,500 samples


def centres(shape: str) -> Float[np.ndarray, "M 2"]:
    """The means of the modes: counter-clockwise from (1, 0) in the ring, by rows from (-4, -4) in the grid."""
    check("shape", shape, tuple(STD))
    if shape == "ring":
        angle = 2 * np.pi * np.arange(8) / 8
        return np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)
    line = np.arange(-4.0, 5.0, 2.0)
    return np.stack(np.meshgrid(line, line), -1).reshape(-1, 2).astype(np.float32)


def spec(
    *, shape: str = "ring", std: float | None = None, limit: int | None = None, valid_limit: int | None = None
) -> Spec:
    """Points [2] and the mode each was drawn from; info has `centres` [modes][2] and `std`. Limits keep the first examples."""
    means = centres(shape)
    std = STD[shape] if std is None else std
    if not (isinstance(std, int | float) and not isinstance(std, bool) and 0 < std < float("inf")):
        raise Misuse(f"data.std={std!r}: expected the standard deviation of a mode, above 0")
    example = {"point": jax.ShapeDtypeStruct((2,), np.float32), "label": jax.ShapeDtypeStruct((), np.int32)}
    info = {"centres": tuple(map(tuple, means.tolist())), "std": float(std), "examples": dict(EXAMPLES)}
    return Spec(example, {"classes": tuple(map(str, range(len(means)))), **info})


def load(
    *,
    data_dir: str | None = None,
    shape: str = "ring",
    std: float | None = None,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """Independent draws from the mixture with equal weights; reads no file of the user's."""
    del data_dir
    chosen, means = spec(shape=shape, std=std), centres(shape)
    splits = {}
    for seed, (split, count) in enumerate(EXAMPLES.items()):
        rng = np.random.Generator(np.random.Philox(seed))
        labels = rng.integers(len(means), size=count, dtype=np.int32)
        noise = rng.standard_normal((count, 2), np.float32)
        splits[split] = {"point": means[labels] + np.float32(chosen.info["std"]) * noise, "label": labels}
    return image_data(chosen, splits, name="gaussians", facts={}, limit=limit, valid_limit=valid_limit)
