"""USPS: 7,291 train and 2,007 valid (the published test) digits from envelopes, 16x16 grey.

Files in <data_dir>/usps/: zip.train.gz and zip.test.gz as published with "The Elements of Statistical Learning", or
usps.bz2 and usps.t.bz2 in LIBSVM's form. Their publishers state no sha256: counts and ranges are checked.
Source: Hull, "A Database for Handwritten Text Recognition Research", 1994.
"""

import bz2
import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcv.data import builder
from dlcv.data.files import File, Form
from dlcv.data.images import check, image_data, image_spec, upsample, with_channels
from dlcv.data.source import Data, Spec

CLASSES = tuple("0123456789")
COUNTS = {"train": 7291, "valid": 2007}


def spec(*, size: int = 16, channels: int = 1, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, channels] of 10 classes, size 16, or 28 or 32 by cubic convolution; limits as elsewhere."""
    check("size", size, (16, 28, 32))
    check("channels", channels, (1, 3))
    return image_spec(size, channels, CLASSES, examples=dict(COUNTS))


def load(
    *,
    data_dir: str | None = None,
    size: int = 16,
    channels: int = 1,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """The published digits in published order, white on black."""
    chosen = spec(size=size, channels=channels)
    splits, sha256 = builder.arrays("usps", FORMS, data_dir)

    def fit(images: np.ndarray) -> np.ndarray:
        return with_channels(images if size == 16 else upsample(images[..., 0], size)[..., None], channels)

    return image_data(
        chosen, splits, name="usps", facts={"sha256": sha256}, fit=fit, limit=limit, valid_limit=valid_limit
    )


def _split(split: str, digits: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    """One split from digits [N] and grey values [N, 256] in -1 (paper) to 1 (ink)."""
    if len(digits) != COUNTS[split] or not set(digits) <= set(range(10)) or np.abs(values).max() > 1.001:
        raise ValueError(f"expected {COUNTS[split]} digits of 256 values in [-1, 1] in {split}, got {values.shape}")
    grey = np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.uint8)
    return {"image": grey.reshape(-1, 16, 16, 1), "label": digits.astype(np.int32)}


def _read_rows(paths: Mapping[str, Path]) -> builder.Splits:
    """Rows of a digit and 256 values."""
    splits = {}
    for split, name in (("train", "zip.train.gz"), ("valid", "zip.test.gz")):
        rows = np.array(gzip.decompress(paths[name].read_bytes()).split(), np.float32).reshape(-1, 257)
        splits[split] = _split(split, rows[:, 0].astype(int), rows[:, 1:])
    return splits


def _read_libsvm(paths: Mapping[str, Path]) -> builder.Splits:
    """Rows of digit + 1 and "place:value" pairs, as LIBSVM writes them."""
    splits = {}
    for split, name in (("train", "usps.bz2"), ("valid", "usps.t.bz2")):
        lines = [line.split() for line in bz2.decompress(paths[name].read_bytes()).decode().splitlines()]
        values = np.array([[float(pair.split(":")[1]) for pair in line[1:]] for line in lines], np.float32)
        splits[split] = _split(split, np.array([int(line[0]) - 1 for line in lines]), values)
    return splits


ELEMENTS = "https://hastie.su.domains/ElemStatLearn/datasets/"
LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/"
FORMS = (
    Form(tuple(File(name, url=ELEMENTS + name) for name in ("zip.train.gz", "zip.test.gz")), _read_rows),
    Form(tuple(File(name, url=LIBSVM + name) for name in ("usps.bz2", "usps.t.bz2")), _read_libsvm),
)
