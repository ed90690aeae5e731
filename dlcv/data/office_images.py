"""Office+Caltech10 as images: 2,533 photographs of products, 10 classes in four domains, `domain`, at `size` pixels.

Files: images/<domain>.zip with <domain>/<class>/<name>.jpg in <data_dir>/office_caltech10/, longest side 128 pixels.
Source: Gong, Shi, Sha and Grauman, "Geodesic Flow Kernel for Unsupervised Domain Adaptation", 2012; Saenko, Kulis, Fritz and
Darrell, "Adapting Visual Category Models to New Domains", 2010.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from dlcv.data.files import File, Form, find
from dlcv.data.folder import squared
from dlcv.data.images import check, image_data, image_spec
from dlcv.data.items import split
from dlcv.data.office_caltech import CLASSES, DOMAINS, FOLDER
from dlcv.data.source import Data, Spec

SHA256 = {
    "amazon": "51e6eb1426c940cf8500d4abab6fc240062d143043cd1d66ea9c630c213a583e",
    "caltech10": "de25ad513cd273bd530dbea1b53cd098c2bb75d922ad13121b08e9c3420803d2",
    "dslr": "3db18d512b7fb642ae698d4fc963e1d0936b8e74f593de6fc69de4999999eeac",
    "webcam": "7f9cde559eae50c3f9d0114b921d6c9cda01d682bcd0f37dee8a555721b7812e",
}


def spec(*, domain: str = "amazon", size: int = 32, held_out: float = 0.2) -> Spec:
    """Colour images [size, size, 3] of 10 classes; valid is a seeded fraction `held_out` of the domain."""
    check("domain", domain, tuple(DOMAINS))
    check("size", size, range(8, 129))
    rows = dict(zip(("train", "valid"), map(len, split(DOMAINS[domain], held_out)), strict=True))
    return image_spec(size, 3, CLASSES, examples=rows)


def load(*, data_dir: str | None = None, domain: str = "amazon", size: int = 32, held_out: float = 0.2) -> Data:
    """The central squares of one domain's photographs, resampled. Raises Misuse for missing and damaged files."""
    chosen = spec(domain=domain, size=size, held_out=held_out)
    images, labels, sha256 = _domain(domain, size, data_dir)
    splits = {
        name: {"image": images[rows], "label": labels[rows]}
        for name, rows in zip(("train", "valid"), split(len(images), held_out), strict=True)
    }
    return image_data(chosen, splits, name="office_images", facts={"sha256": sha256, "domain": domain})


def read(domain: str, size: int, data_dir: str | None) -> tuple[UInt8[np.ndarray, "N S S 3"], Int[np.ndarray, " N"]]:
    """A whole domain, by class and then by name as the published features are, and its labels. Raises Misuse as `load` does."""
    spec(domain=domain, size=size)
    return _domain(domain, size, data_dir)[:2]


def _domain(domain: str, size: int, data_dir: str | None):
    def parse(paths: Mapping[str, Path]):
        (path,) = paths.values()
        return _images(path, domain, size)

    form = Form((File(f"images/{domain}.zip", SHA256[domain]),), parse, FOLDER)
    found = find("office_images", (form,), data_dir)
    return *found.read(), found.sha256


def _images(path: Path, domain: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    from PIL import Image

    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        images = [squared(Image.open(io.BytesIO(archive.read(name))), size, 3) for name in names]
    labels = np.array([CLASSES.index(Path(name).parent.name) for name in names], np.int32)
    if len(names) != DOMAINS[domain] or set(labels) != set(range(len(CLASSES))):
        raise ValueError(f"expected {DOMAINS[domain]} images of {len(CLASSES)} classes, got {len(names)}")
    return np.stack(images), labels
