"""Which photograph lies under a digit: images as of `digits_on_photographs`, labelled with the photograph, not with the digit.

A task to which the digit is noise: the source of a transfer that need not help digits. Windows of train are cut from the left
seven tenths of each of the six photographs, those of valid from the rest; no digit of valid occurs in train, and none of the
photographs under the test images of `digits_on_photographs` is there.
Source of the recipe: Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016.
"""

from pathlib import PurePath

import numpy as np

from dlcv.data import photographs
from dlcv.data.digits import MARGIN, VALID_A_CLASS, scanned
from dlcv.data.digits_on_photographs import STROKE
from dlcv.data.images import check, image_data, image_spec, upsample
from dlcv.data.source import Data, Spec

CLASSES = tuple(PurePath(name).stem for name in photographs.TRAIN)
EDGE = 0.7


def spec(*, size: int = 28, draws: int = 4, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, 3] of 6 classes; `limit` and `valid_limit` keep the first examples of a split."""
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
    """Photographs take turns, each digit lies on `draws` of them. Reads no file of the user's."""
    del data_dir
    chosen = spec(size=size, draws=draws)
    splits = {}
    for split, (scans, _) in scanned().items():
        times, seed = (draws, 3) if split == "train" else (1, 4)
        rng = np.random.Generator(np.random.Philox(seed))
        labels = rng.permutation(np.arange(len(scans) * times) % len(CLASSES)).astype(np.int32)
        ground = np.empty((len(labels), size, size, 3), np.uint8)
        for index, name in enumerate(photographs.TRAIN):
            side, here = _side(photographs.photograph(name), split), labels == index
            ground[here] = photographs.patches([side], int(here.sum()), size, rng)
        digits = np.tile(photographs.binarise(upsample(scans, size, MARGIN)[..., None], STROKE), (times, 1, 1, 1))
        splits[split] = {"image": photographs.blend(ground, digits), "label": labels}
    return image_data(chosen, splits, name="photographs_under_digits", facts={}, limit=limit, valid_limit=valid_limit)


def _side(photograph: np.ndarray, split: str) -> np.ndarray:
    """The columns that windows of a split are cut from."""
    edge = int(EDGE * photograph.shape[1])
    return photograph[:, :edge] if split == "train" else photograph[:, edge:]
