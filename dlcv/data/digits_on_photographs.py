"""Digits blended into photographs, |patch - digit|: the target domain of `digits`, without download.

Digits of valid, and the photographs under them, occur nowhere in train. Each train digit is drawn over `draws` patches.
Source of the recipe: Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016.
"""

import numpy as np

from dlcv.data import photographs
from dlcv.data.digits import CLASSES, MARGIN, VALID_A_CLASS, scanned
from dlcv.data.images import check, image_data, image_spec, upsample
from dlcv.data.source import Data, Spec

STROKE = 110  # grey value above which a pixel belongs to the digit: thin strokes stay closed, loops open


def spec(*, size: int = 28, draws: int = 4, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, 3] of 10 classes; `limit` and `valid_limit` keep the first examples of a split."""
    check("size", size, range(8, 65))
    check("draws", draws, range(1, 65))
    examples = {"train": (1797 - 10 * VALID_A_CLASS) * draws, "valid": 10 * VALID_A_CLASS}
    return image_spec(size, 3, CLASSES, examples=examples)


def load(
    *,
    data_dir: str | None = None,
    size: int = 28,
    draws: int = 4,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """The blended digits; train row i shows digit i modulo the number of train digits. Reads no file of the user's."""
    del data_dir
    chosen = spec(size=size, draws=draws)
    splits = {}
    for split, (scans, labels) in scanned().items():
        names, times, seed = (photographs.TRAIN, draws, 1) if split == "train" else (photographs.VALID, 1, 2)
        rng = np.random.Generator(np.random.Philox(seed))
        ground = photographs.patches([photographs.photograph(name) for name in names], len(scans) * times, size, rng)
        digits = np.tile(photographs.binarise(upsample(scans, size, MARGIN)[..., None], STROKE), (times, 1, 1, 1))
        splits[split] = {"image": photographs.blend(ground, digits), "label": np.tile(labels, times)}
    return image_data(chosen, splits, name="digits_on_photographs", facts={}, limit=limit, valid_limit=valid_limit)
