"""Helpers that image sets share: resampling, channels, Spec and Data; images are uint8 [N, Y, X, C]."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, UInt8

from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse


def cubic_matrix(inside: int, outside: int, margin: float = 0.0) -> Float[np.ndarray, "outside inside"]:
    """Cubic convolution as a matrix; `margin` input pixels of background (zero) surround the input on both sides.

    Keys, "Cubic convolution interpolation for digital image processing", 1981, a = -1/2.
    """
    centres = (np.arange(outside) + 0.5) * (inside + 2 * margin) / outside - 0.5 - margin
    distance = np.abs(centres[:, None] - np.arange(inside))
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0)).astype(np.float32)


def upsample(images: Float[np.ndarray, "N Y Y"], size: int, margin: float = 0.0) -> UInt8[np.ndarray, "N S S"]:
    """Images in 0..255 on a background of zero, enlarged smoothly to `size`."""
    matrix = cubic_matrix(images.shape[1], size, margin)
    return np.clip(np.rint(matrix @ images.astype(np.float32) @ matrix.T), 0, 255).astype(np.uint8)


def pad(images: UInt8[np.ndarray, "N Y X C"], size: int) -> UInt8[np.ndarray, "N S S C"]:
    """Zero rows and columns around the images, or the central window where `size` is smaller."""
    border = (size - images.shape[1]) // 2
    if border < 0:
        return images[:, -border : -border + size, -border : -border + size]
    return np.pad(images, ((0, 0), (border, border), (border, border), (0, 0))) if border else images


def with_channels(images: UInt8[np.ndarray, "N Y X C"], channels: int) -> UInt8[np.ndarray, "N Y X D"]:
    """Grey images as three equal channels, or colour images as luma (ITU-R BT.601)."""
    if images.shape[-1] == channels:
        return images
    if channels == 3:
        return np.repeat(images, 3, -1)
    return np.rint(images @ np.array([[0.299], [0.587], [0.114]], np.float32)).astype(np.uint8)


def check(option: str, given: Any, known: tuple | range) -> None:
    """Raises Misuse when `given` is not one of the values an option can take; those of a range are whole numbers."""
    if isinstance(known, range):
        if not isinstance(given, int) or given not in known:
            raise Misuse(f"data.{option}={given!r}: expected {known[0]} to {known[-1]}, a whole number")
    elif given not in known:
        raise Misuse(f"data.{option}={given!r}: expected one of {', '.join(map(repr, known))}")


def eight_bits(image: Any, mode: str) -> Any:
    """A PIL image in `mode`, "L" or "RGB": grey of 16 bits is divided by 257, and what is transparent shows a white ground.

    Raises ValueError for pixels that are no whole numbers, since nothing tells which of them is white.
    """
    from PIL import Image

    if image.mode == "F":
        raise ValueError("expected pixels of 8 or 16 bits, got floating-point numbers")
    if image.mode.startswith("I"):
        grey = np.clip(np.asarray(image, np.int64), 0, 65535)
        shown = np.where(grey == image.info.get("transparency"), 65535, grey)
        image = Image.fromarray(np.rint(shown / 257).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert(mode)


def image_spec(size: int | tuple[int, int], channels: int, classes: tuple[str, ...], **info) -> Spec:
    """Spec of images with a label; without classes there is none."""
    rows, columns = (size, size) if isinstance(size, int) else size
    example = {"image": jax.ShapeDtypeStruct((rows, columns, channels), np.uint8)}
    if classes:
        example["label"] = jax.ShapeDtypeStruct((), np.int32)
    return Spec(example, {"classes": tuple(classes), **info})


def image_data(
    spec: Spec,
    splits: Mapping[str, Mapping[str, np.ndarray]],
    *,
    name: str,
    facts: Mapping[str, Any],
    fit: Callable[[np.ndarray], np.ndarray] | None = None,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """Data of a train and a valid split in memory, each cut to its first examples, its images put through `fit`."""
    cut = {
        split: {key: splits[split][key][:count] for key in spec.example}
        for split, count in (("train", limit), ("valid", valid_limit))
    }
    if fit is not None:
        cut = {split: {**columns, "image": fit(columns["image"])} for split, columns in cut.items()}
    sources = {split: Examples(columns, name) for split, columns in cut.items()}
    examples = {split: len(source) for split, source in sources.items()}
    return Data(
        train=sources["train"],
        splits={"valid": sources["valid"]},
        facts={"data": name, "examples": examples, **facts},
        info={**spec.info, "examples": examples},
    )
