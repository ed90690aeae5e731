"""Digits read as a sequence, row by row or pixel by pixel.

Options: of={"name": "digits", "size": 10} or {"name": "mnist"}, grey images in memory, and what that set takes; order: "rows" (a row
of pixels a step), "pixels" (a pixel a step, row after row) or "permuted" (pixels in an order drawn once by a fixed seed).
Source: Le, Jaitly and Hinton, "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units", 2015.
"""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

import dlcv.data as sets
from dlcv.data.images import check, image_data
from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse

DIGITS = {"name": "digits", "size": 10}
ORDERS = ("rows", "pixels", "permuted")


def spec(*, of: Mapping[str, Any] = DIGITS, order: str = "pixels") -> Spec:
    """Inputs [T, D] in [0, 1] and the label []."""
    check("order", order, ORDERS)
    part = sets.spec(of)
    image = part.example.get("image")
    if image is None or image.shape[-1] != 1 or "label" not in part.example:
        raise Misuse(f"data set 'sequential_digits' takes grey images with labels, which {of['name']!r} has not here")
    rows, columns, _ = image.shape
    shape = (rows, columns) if order == "rows" else (rows * columns, 1)
    example = {"inputs": jax.ShapeDtypeStruct(shape, np.float32), "label": part.example["label"]}
    return Spec(example, {name: part.info[name] for name in ("classes", "examples")})


def load(*, data_dir: str | None = None, of: Mapping[str, Any] = DIGITS, order: str = "pixels") -> Data:
    """The set's splits as sequences. Raises Misuse for a set on disk."""
    chosen, part = spec(of=of, order=order), sets.load(of, data_dir)
    if not isinstance(part.train, Examples):
        raise Misuse(f"data set 'sequential_digits' takes sets that fit in memory, which {of['name']!r} does not")
    steps, width = chosen.example["inputs"].shape
    places = np.arange(steps)
    if order == "permuted":
        places = np.random.Generator(np.random.Philox(0)).permutation(steps)
    splits = {
        split: {
            "inputs": (source.arrays["image"].reshape(-1, steps, width)[:, places] / np.float32(255)),
            "label": source.arrays["label"],
        }
        for split, source in (("train", part.train), ("valid", part.splits["valid"]))
    }
    facts = {key: value for key, value in part.facts.items() if key == "sha256"}
    return image_data(chosen, splits, name="sequential_digits", facts=facts)
