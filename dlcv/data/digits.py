"""Handwritten digits bundled with scikit-learn: 1,797 real 8x8 scans, upsampled smoothly; no download.

1,397 train and 400 valid examples, the latter 40 of each digit, chosen once by a fixed seed.
Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998
(its test part).
"""

import numpy as np

from dlcv.data.files import bundled
from dlcv.data.images import check, image_data, image_spec, upsample, with_channels
from dlcv.data.source import Data, Spec

CLASSES = tuple("0123456789")
TABLE = "sklearn/datasets/data/digits.csv.gz"  # rows of 64 grey values in 0..16 and the digit
VALID_A_CLASS = 40
MARGIN = 1.0  # input pixels of paper around each scan, which fills its box to the edge


def spec(*, size: int = 28, channels: int = 1, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, channels] of 10 classes; `limit` and `valid_limit` keep the first examples of a split."""
    check("channels", channels, (1, 3))
    check("size", size, range(8, 65))
    return image_spec(
        size, channels, CLASSES, examples={"train": 1797 - 10 * VALID_A_CLASS, "valid": 10 * VALID_A_CLASS}
    )


def load(
    *,
    data_dir: str | None = None,
    size: int = 28,
    channels: int = 1,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """The digits, valid rows balanced over classes and disjoint from train; reads no file of the user's."""
    del data_dir
    chosen = spec(size=size, channels=channels)
    splits = {
        split: {"image": with_channels(upsample(scans, size, MARGIN)[..., None], channels), "label": labels}
        for split, (scans, labels) in scanned().items()
    }
    return image_data(chosen, splits, name="digits", facts={}, limit=limit, valid_limit=valid_limit)


def scanned() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The scans of each split, [N, 8, 8] float32 in 0..255, and their labels [N] int32."""
    rows = np.loadtxt(bundled(TABLE), delimiter=",", dtype=np.float32)  # scikit-learn's own import takes a second
    scans, labels = rows[:, :-1].reshape(-1, 8, 8) * (255 / 16), rows[:, -1].astype(np.int32)
    order = np.random.Generator(np.random.Philox(0)).permutation(len(labels))
    rank = np.zeros(len(labels), int)  # of each example within its class, in that order
    for digit in range(10):
        rows = order[labels[order] == digit]
        rank[rows] = np.arange(len(rows))
    train, valid = np.flatnonzero(rank >= VALID_A_CLASS), np.flatnonzero(rank < VALID_A_CLASS)
    return {"train": (scans[train], labels[train]), "valid": (scans[valid], labels[valid])}
