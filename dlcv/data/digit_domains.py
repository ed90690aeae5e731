"""Four domains of handwritten digits, 300 each and none twice, for domain adaptation without download.

`clean` scans, `bold` strokes, digits on `photographs` (grey) and `turned` ones, from the scans bundled with scikit-learn.
Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998; of the
photographs' recipe: Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016.
"""

import numpy as np
from jaxtyping import Int, UInt8

from dlcv.data import photographs
from dlcv.data.digits import CLASSES, MARGIN, scanned
from dlcv.data.digits_on_photographs import STROKE
from dlcv.data.images import check, image_data, image_spec, upsample, with_channels
from dlcv.data.items import split
from dlcv.data.source import Data, Spec

DOMAINS = ("clean", "bold", "photographs", "turned")
A_CLASS = 30  # examples of each digit in a domain
DEGREES = 25.0  # by which `turned` digits lean
BOLD = 60  # grey value above which a bold stroke begins


def spec(*, domain: str = "clean", size: int = 16, held_out: float = 0.2) -> Spec:
    """Grey images [size, size, 1] of 10 classes; valid is a seeded fraction `held_out` of the domain."""
    check("domain", domain, DOMAINS)
    check("size", size, range(8, 65))
    rows = dict(zip(("train", "valid"), map(len, split(len(CLASSES) * A_CLASS, held_out)), strict=True))
    return image_spec(size, 1, CLASSES, examples=rows)


def load(*, data_dir: str | None = None, domain: str = "clean", size: int = 16, held_out: float = 0.2) -> Data:
    """One domain; reads no file of the user's."""
    del data_dir
    chosen = spec(domain=domain, size=size, held_out=held_out)
    images, labels = read(domain, size)
    splits = {
        name: {"image": images[rows], "label": labels[rows]}
        for name, rows in zip(("train", "valid"), split(len(images), held_out), strict=True)
    }
    return image_data(chosen, splits, name="digit_domains", facts={})


def read(domain: str, size: int = 16) -> tuple[UInt8[np.ndarray, "N S S 1"], Int[np.ndarray, "N"]]:
    """All images of a domain and their labels, 30 a class. Raises Misuse for an unknown domain or size."""
    spec(domain=domain, size=size)
    scans, labels = _share(DOMAINS.index(domain))
    images = upsample(scans, size, MARGIN)
    if domain == "bold":
        images = photographs.binarise(images, BOLD)
    elif domain == "turned":
        from scipy.ndimage import rotate

        images = np.clip(rotate(images.astype(np.float32), DEGREES, axes=(1, 2), reshape=False, order=1), 0, 255)
    elif domain == "photographs":
        generator = np.random.Generator(np.random.Philox(3))
        ground = [photographs.photograph(name) for name in photographs.TRAIN]
        ground = with_channels(photographs.patches(ground, len(images), size, generator), 1)
        return photographs.blend(ground, photographs.binarise(images[..., None], STROKE)), labels
    return np.rint(images).astype(np.uint8)[..., None], labels


def _share(place: int) -> tuple[np.ndarray, np.ndarray]:
    """The scans [300, 8, 8] of one domain, which no other has, by class."""
    parts = scanned().values()
    scans, labels = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.random.Generator(np.random.Philox(4)).permutation(len(labels))
    rows = np.concatenate(
        [order[labels[order] == digit][place * A_CLASS : (place + 1) * A_CLASS] for digit in range(len(CLASSES))]
    )
    return scans[rows], labels[rows]
