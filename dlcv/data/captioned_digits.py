"""Scenes of one handwritten digit with a caption, "a small green seven on a blue ground": many pictures fit each, without download.

Scans, their place and the shade of both colours are drawn anew for every scene. Digits of valid occur nowhere in train. The sentence is
`caption`, token numbers of the `vocabulary` in the set's info, padded with 0.
"""

import jax
import numpy as np

from dlcv.data.digits import CLASSES, scanned
from dlcv.data.images import check, image_data, image_spec, upsample
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

COLOURS = {
    "red": (230, 40, 40), "green": (40, 190, 60), "blue": (50, 90, 230), "yellow": (235, 215, 50), "white": (245, 245, 245),
    "black": (15, 15, 15),
}  # fmt: skip
SIZES = {"small": 0.6, "large": 0.95}  # side of the digit over the side of the picture
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOCABULARY = ("", "a", "on", "ground", *SIZES, *COLOURS, *NAMES)
WORDS = 10  # a caption has 8; the rest is padding
SHADE = 22  # standard deviation of a colour's shade, in grey values


def sentence(size: str, colour: str, digit: int, ground: str) -> str:
    return f"a {size} {colour} {NAMES[digit]} on a {ground} ground"


def tokens(text: str) -> np.ndarray:
    """A caption as token numbers [WORDS], padded with 0. Raises Misuse for an unknown word and for one word too many."""
    words = text.lower().split()
    unknown = [word for word in words if word not in VOCABULARY]
    if unknown or len(words) > WORDS:
        what = f"the word {unknown[0]!r}" if unknown else f"{len(words)} words"
        raise Misuse(f"{what} in {text!r}: expected at most {WORDS} of {', '.join(VOCABULARY[1:])}")
    return np.array([VOCABULARY.index(word) for word in words] + [0] * (WORDS - len(words)), np.int32)


def spec(*, size: int = 28, draws: int = 6, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, 3] of 10 classes with captions [10]; each train scan occurs in `draws` scenes."""
    check("size", size, range(16, 65))
    check("draws", draws, range(1, 65))
    chosen = image_spec(
        size, 3, CLASSES, examples={"train": 1397 * draws, "valid": 400}, vocabulary=VOCABULARY, words=WORDS
    )
    return Spec({**chosen.example, "caption": jax.ShapeDtypeStruct((WORDS,), np.int32)}, chosen.info)


def load(
    *,
    data_dir: str | None = None,
    size: int = 28,
    draws: int = 6,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """The scenes; train row i shows scan i modulo the number of train scans. Reads no file of the user's."""
    del data_dir
    splits = {}
    for seed, (split, (scans, labels)) in enumerate(scanned().items()):
        rng = np.random.Generator(np.random.Philox(seed))
        times = draws if split == "train" else 1
        splits[split] = _scenes(np.tile(scans, (times, 1, 1)), np.tile(labels, times), size, rng)
    chosen = spec(size=size, draws=draws)
    return image_data(chosen, splits, name="captioned_digits", facts={}, limit=limit, valid_limit=valid_limit)


def _scenes(scans: np.ndarray, labels: np.ndarray, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    count, sizes, colours = len(scans), list(SIZES), list(COLOURS)
    which_size = rng.integers(len(sizes), size=count)
    colour = rng.integers(len(colours), size=count)
    ground = (colour + rng.integers(1, len(colours), size=count)) % len(colours)  # never the digit's own
    palette = np.array(list(COLOURS.values()), np.float32)
    stroke, behind = (np.clip(palette[c] + rng.normal(0, SHADE, (count, 3)), 0, 255) for c in (colour, ground))
    alpha = np.zeros((count, size, size, 1), np.float32)
    for index, share in enumerate(SIZES.values()):
        rows, side = np.flatnonzero(which_size == index), round(size * share)
        drawn = upsample(scans[rows], side).astype(np.float32) / 255
        for row, digit in zip(rows, drawn, strict=True):
            top, left = rng.integers(size - side + 1, size=2)
            alpha[row, top : top + side, left : left + side, 0] = digit
    images = alpha * stroke[:, None, None] + (1 - alpha) * behind[:, None, None]
    written = [
        sentence(sizes[s], colours[c], int(d), colours[g])
        for s, c, d, g in zip(which_size, colour, labels, ground, strict=True)
    ]
    return {"image": np.rint(images).astype(np.uint8), "label": labels, "caption": np.stack(list(map(tokens, written)))}
