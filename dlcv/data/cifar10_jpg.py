"""CIFAR-10 as JPEG: 50,000 train and 10,000 valid (the published test) colour pictures 32x32, lossily compressed.

Accuracies are not strictly comparable with those on the original arrays (set `cifar10`). Files: train.tar.xz and
test.tar.xz with <class>/<number>.jpg in <data_dir>/cifar10_jpg/.
Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcv.data import builder
from dlcv.data.files import File, Form
from dlcv.data.images import image_data, image_spec
from dlcv.data.source import Data, Spec

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def spec(*, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [32, 32, 3] of 10 classes; limits keep the first examples, whose classes are mixed."""
    return image_spec(32, 3, CLASSES, examples={"train": 50000, "valid": 10000})


def load(*, data_dir: str | None = None, limit: int | None = None, valid_limit: int | None = None) -> Data:
    """Pictures ordered by their number, then by class."""
    splits, sha256 = builder.arrays("cifar10_jpg", FORMS, data_dir)
    facts = {"sha256": sha256}
    return image_data(spec(), splits, name="cifar10_jpg", facts=facts, limit=limit, valid_limit=valid_limit)


def _read(paths: Mapping[str, Path]) -> builder.Splits:
    return {"train": _read_tar(paths["train.tar.xz"]), "valid": _read_tar(paths["test.tar.xz"])}


def _read_tar(path: Path) -> dict[str, np.ndarray]:
    from PIL import Image

    found = []
    with tarfile.open(path, "r|xz") as archive:
        for member in archive:
            place = Path(member.name)
            if place.suffix == ".jpg":
                picture = np.asarray(Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB"))
                found.append((place.name, CLASSES.index(place.parent.name), picture))
    found.sort(key=lambda row: row[:2])
    return {"image": np.stack([row[2] for row in found]), "label": np.array([row[1] for row in found], np.int32)}


FORMS = (
    Form(
        (
            File("train.tar.xz", "e1b35d356468920213c6f45c2b76dd25d5d3de07ee212ef700721e1ec13a2acb"),
            File("test.tar.xz", "2659841aeb564b0152374a313fd9a21926ef7db4f5b21042c0b55a3adb011a32"),
        ),
        _read,
    ),
)
