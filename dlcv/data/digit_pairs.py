"""Digits and the same digits on photographs, in pairs, without download: one digit lies over `draws` patches, so many answers are right.

`direction` "a_to_b" gives the digit and wants it on any photograph; "b_to_a" gives the picture and wants the digit alone.
Digits and photographs of valid occur nowhere in train. The pictures are those of the set `digits_on_photographs`.
"""

import numpy as np

from dlcv.data import digits_on_photographs as blended
from dlcv.data.digits import CLASSES, MARGIN, scanned
from dlcv.data.images import check, upsample
from dlcv.data.pairs import DIRECTIONS, pair_data, pair_spec
from dlcv.data.source import Data, Spec


def spec(
    *,
    size: int = 28,
    direction: str = "a_to_b",
    draws: int = 4,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Spec:
    """Pairs [size, size, 1 or 3] of 10 classes; digits are grey, photographs in colour."""
    check("direction", direction, DIRECTIONS)
    examples = blended.spec(size=size, draws=draws, limit=limit, valid_limit=valid_limit).info["examples"]
    channels = (1, 3) if direction == "a_to_b" else (3, 1)
    return pair_spec(size, *channels, CLASSES, examples=examples)


def load(
    *, data_dir: str | None = None, size: int = 28, direction: str = "a_to_b", draws: int = 4, limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """Row i of train shows digit i modulo their number. Reads no file of the user's."""
    del data_dir
    chosen = spec(size=size, direction=direction, draws=draws)
    pictures = blended.load(size=size, draws=draws)
    splits = {}
    for which, (scans, _) in scanned().items():
        source = pictures.train if which == "train" else pictures.splits["valid"]
        grey = upsample(scans, size, MARGIN)[..., None]
        digits = np.tile(grey, (len(source) // len(grey), 1, 1, 1))
        a_and_b = (digits, source.arrays["image"])
        a, b = a_and_b if direction == "a_to_b" else a_and_b[::-1]
        splits[which] = {"source": a, "image": b, "label": source.arrays["label"]}
    return pair_data(
        chosen, splits, name="digit_pairs", facts={"direction": direction}, limit=limit, valid_limit=valid_limit
    )
