"""Strips of handwritten digits and what they say, of several lengths: scans of scikit-learn's digits side by side; no download.

Scans, their number, gaps, sizes, heights and slants are drawn anew for every strip; neighbours may touch. Digits of valid occur nowhere in
train. The digits are `labels`, padded with 0 behind `length` of them: digit d is class d + 1, since 0 is the blank of CTC.
"""

from functools import cache

import jax
import numpy as np
from jaxtyping import Float, Int

from dlcv.data.digits import CLASSES, scanned
from dlcv.data.images import cubic_matrix, image_data
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

HEIGHT = 20
SIDES = (13, 18)  # rows and columns of one digit, drawn apart
GAP = (-1, 7)  # columns between two digits
SLANT = 0.2  # columns a row, at most
PITCH, MARGIN = 20, 12  # columns that a strip has for each digit, and more at its end
EXAMPLES = {"train": 6000, "valid": 600}


def spec(*, shortest: int = 2, longest: int = 7, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [20, 20 longest + 12, 1] of `shortest` to `longest` digits, `width` columns of ink, `labels` [longest] and their `length`."""
    if not 1 <= shortest <= longest <= 20:
        raise Misuse(
            f"data.shortest={shortest}, data.longest={longest}: expected 1 <= shortest <= longest <= 20 digits"
        )
    shapes = {"image": (HEIGHT, PITCH * longest + MARGIN, 1), "labels": (longest,), "length": (), "width": ()}
    example = {
        name: jax.ShapeDtypeStruct(shape, np.uint8 if name == "image" else np.int32) for name, shape in shapes.items()
    }
    return Spec(example, {"classes": ("", *CLASSES), "examples": dict(EXAMPLES)})


def load(
    *,
    data_dir: str | None = None,
    shortest: int = 2,
    longest: int = 7,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """6,000 and 600 strips; reads no file of the user's."""
    del data_dir
    chosen, limits = spec(shortest=shortest, longest=longest), {"train": limit, "valid": valid_limit}
    splits = {}
    for seed, (split, (scans, labels)) in enumerate(scanned().items()):
        rng = np.random.Generator(np.random.Philox(seed))
        count = min(EXAMPLES[split], limits[split] or EXAMPLES[split])
        strips = [strip(scans, labels, int(rng.integers(shortest, longest + 1)), longest, rng) for _ in range(count)]
        splits[split] = {name: np.stack([one[name] for one in strips]) for name in chosen.example}
    return image_data(chosen, splits, name="digit_strips", facts={})


def strip(
    scans: Float[np.ndarray, "N 8 8"], labels: Int[np.ndarray, "N"], length: int, longest: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """One strip of `length` digits as an example of `spec`."""
    ink = np.zeros((HEIGHT, PITCH * longest + MARGIN), np.float32)
    rows, column = rng.integers(len(labels), size=length), int(rng.integers(0, 6))
    for index, row in enumerate(rows):
        digit = drawn(scans[row], rng)
        high, wide = digit.shape  # at most 24 columns: the last one ends within the strip
        column = min(column, PITCH * index + MARGIN - 4)
        top = int(rng.integers(HEIGHT - high + 1))
        place = ink[top : top + high, column : column + wide]
        np.maximum(place, digit, out=place)
        width = column + wide
        column = width + int(rng.integers(GAP[0], GAP[1] + 1))
    told = np.zeros(longest, np.int32)
    told[:length] = labels[rows] + 1
    image = np.clip(np.rint(ink), 0, 255).astype(np.uint8)[..., None]
    return {"image": image, "labels": told, "length": np.int32(length), "width": np.int32(width)}


@cache
def _enlarge(side: int) -> Float[np.ndarray, "S 8"]:
    return cubic_matrix(8, side, 0.5)


def drawn(scan: Float[np.ndarray, "8 8"], rng: np.random.Generator) -> Float[np.ndarray, "Y X"]:
    """A scan at a size and slant drawn at random, without empty columns beside it."""
    high, wide = (int(side) for side in rng.integers(SIDES[0], SIDES[1] + 1, 2))
    digit = np.pad(_enlarge(high) @ scan @ _enlarge(wide).T, ((0, 0), (3, 3)))
    moved = np.rint(rng.uniform(-SLANT, SLANT) * (np.arange(high) - high / 2)).astype(int)
    sheared = np.take_along_axis(digit, (np.arange(wide + 6) - moved[:, None]) % (wide + 6), axis=1)
    inked = np.flatnonzero(sheared.max(0) > 32)
    return sheared[:, inked[0] : inked[-1] + 1]
