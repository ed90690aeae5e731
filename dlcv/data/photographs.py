"""Colour photographs bundled with scikit-learn and scikit-image, as a supply of real patches; no download."""

import numpy as np
from jaxtyping import UInt8

from dlcv.data.files import bundled

# Where each lies inside its package. The tuples share no scene: valid shows photographs never trained on.
TRAIN = (
    "skimage/data/astronaut.png",
    "skimage/data/chelsea.png",
    "skimage/data/ihc.png",
    "skimage/data/motorcycle_left.png",
    "skimage/data/rocket.jpg",
    "sklearn/datasets/images/flower.jpg",
)
VALID = ("skimage/data/coffee.png", "sklearn/datasets/images/china.jpg")


def photograph(name: str) -> UInt8[np.ndarray, "Y X 3"]:
    """One photograph by its place "package/folder/file"; raises Misuse when the package does not carry it."""
    from PIL import Image

    with Image.open(bundled(name)) as image:
        return np.asarray(image.convert("RGB"))


def patches(
    photographs: list[UInt8[np.ndarray, "Y X 3"]], count: int, size: int, rng: np.random.Generator
) -> UInt8[np.ndarray, "N S S 3"]:
    """`count` square windows, each of a random photograph at a random place."""
    which = rng.integers(len(photographs), size=count)
    place = rng.random((count, 2))
    out = np.empty((count, size, size, 3), np.uint8)
    for row, (picture, (y, x)) in enumerate(zip(which, place, strict=True)):
        image = photographs[picture]
        top, left = int(y * (image.shape[0] - size + 1)), int(x * (image.shape[1] - size + 1))
        out[row] = image[top : top + size, left : left + size]
    return out


def binarise(digits: UInt8[np.ndarray, "..."], above: int) -> UInt8[np.ndarray, "..."]:
    """255 where a digit is brighter than `above`, else 0; MNIST-M turns over grey edges too (above = 0)."""
    return np.where(digits > above, np.uint8(255), np.uint8(0))


def blend(patch: UInt8[np.ndarray, "N Y X 3"], digit: UInt8[np.ndarray, "N Y X 1"]) -> UInt8[np.ndarray, "N Y X 3"]:
    """|patch - digit| per channel, the recipe of MNIST-M.

    Ganin, Ustinova, Ajakan, Germain, Larochelle, Laviolette, Marchand and Lempitsky, "Domain-Adversarial Training of
    Neural Networks", 2016.
    """
    return np.where(patch > digit, patch - digit, digit - patch)
