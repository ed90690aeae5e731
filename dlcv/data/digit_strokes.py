"""Handwritten digits as strokes: scikit-learn's 1,797 real scans enlarged, thinned and traced; no download.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998 (its test part).
"""

from dlcv.data.digits import CLASSES, MARGIN, scanned
from dlcv.data.images import upsample
from dlcv.data.skeletons import offsets, traced
from dlcv.data.source import Data, Spec
from dlcv.data.strokes import strokes_data, strokes_spec

SIZE = 40  # pixels on which a scan is traced
INK = 125  # of 255


def spec(*, longest: int = 30, limit: int | None = None) -> Spec:
    """Drawings of at most `longest` points, 10 classes."""
    del limit
    return strokes_spec(longest, CLASSES)


def load(*, data_dir: str | None = None, longest: int = 30, limit: int | None = None) -> Data:
    """The digits' own train and valid split; reads no file of the user's."""
    del data_dir
    splits = {}
    for split, (scans, labels) in scanned().items():
        count = limit if split == "train" else None if limit is None else max(limit // 4, 1)
        inked = upsample(scans[:count], SIZE, MARGIN) > INK
        splits[split] = ([offsets(traced(image)) for image in inked], labels[:count])
    return strokes_data("digit_strokes", spec(longest=longest), splits, limit=limit, facts={})
