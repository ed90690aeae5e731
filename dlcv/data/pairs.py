"""Helpers of sets of image pairs: `source` is what a translation is given, `image` what it shall give."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import UInt8

from dlcv.data.images import check, eight_bits, image_spec
from dlcv.data.source import Data, Examples, Spec

DIRECTIONS = ("a_to_b", "b_to_a")


def pair_spec(size: int, source_channels: int, channels: int, classes: tuple[str, ...] = (), **info) -> Spec:
    """Spec of pairs of square images; a label where there are classes."""
    chosen = image_spec(size, channels, classes, **info)
    return Spec(
        {"source": jax.ShapeDtypeStruct((size, size, source_channels), np.uint8), **chosen.example}, chosen.info
    )


def halves(image: Any, size: int, direction: str) -> dict[str, UInt8[np.ndarray, "S S 3"]]:
    """A PIL image of two squares side by side, A | B, as {"source", "image"}.

    Raises ValueError for another shape and as `eight_bits` does.
    """
    from PIL import Image

    check("direction", direction, DIRECTIONS)
    width, height = image.size
    if width != 2 * height:
        raise ValueError(f"expected two squares side by side, got {width}x{height} pixels")
    boxes = [(0, 0, height, height), (height, 0, width, height)]
    image = eight_bits(image, "RGB")
    sides = [image.crop(box).resize((size, size), Image.Resampling.BICUBIC) for box in boxes]
    a, b = map(np.asarray, sides)
    return {"source": a, "image": b} if direction == "a_to_b" else {"source": b, "image": a}


def pair_data(
    spec: Spec, splits: Mapping[str, Mapping[str, np.ndarray]], *, name: str, facts: Mapping[str, Any],
    limit: int | None = None, valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """Data of a train and a valid split in memory, each cut to its first pairs."""
    limits = {"train": limit, "valid": valid_limit}
    cut = {which: {key: splits[which][key][: limits[which]] for key in spec.example} for which in limits}
    sources = {which: Examples(columns, name) for which, columns in cut.items()}
    examples = {which: len(source) for which, source in sources.items()}
    return Data(
        train=sources["train"], splits={"valid": sources["valid"]}, facts={"data": name, "examples": examples, **facts},
        info={**spec.info, "examples": examples},
    )  # fmt: skip
