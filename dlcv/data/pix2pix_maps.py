"""Aerial photographs and maps of the same places, in pairs: 400 train and 100 valid, at `size` pixels, by `direction`.

Files: train_256x128.zip and val_256x128.zip of JPEGs, aerial | map, in <data_dir>/pix2pix_maps/ (a part of the published set).
Source: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017.
"""

import io
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from dlcv.data.files import File, Form, find
from dlcv.data.images import check
from dlcv.data.pairs import DIRECTIONS, halves, pair_data, pair_spec
from dlcv.data.source import Data, Spec

FILES = {
    "train": File("train_256x128.zip", "36e00779b906dae5f99a3b3ed809e6d15c04265d8d49cc6a22ddc02832453fb9"),
    "valid": File("val_256x128.zip", "9d587f0163206d4143aec61397ddd41d464d3aeee367cc6fb7a653050c6689f8"),
}


def spec(
    *, size: int = 128, direction: str = "b_to_a", limit: int | None = None, valid_limit: int | None = None
) -> Spec:
    """Pairs of colour images [size, size, 3]; "b_to_a" gives the map and wants the photograph, "a_to_b" the reverse."""
    del limit, valid_limit
    check("size", size, range(16, 129))
    check("direction", direction, DIRECTIONS)
    return pair_spec(size, 3, 3, examples={"train": 400, "valid": 100})


def load(
    *, data_dir: str | None = None, size: int = 128, direction: str = "b_to_a", limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """The pairs in the order of their numbers. Raises Misuse for missing and damaged files."""
    chosen = spec(size=size, direction=direction)
    form = Form(tuple(FILES.values()), partial(_read, size=size, direction=direction))
    found = find("pix2pix_maps", (form,), data_dir)
    facts = {"sha256": found.sha256, "direction": direction}
    return pair_data(chosen, found.read(), name="pix2pix_maps", facts=facts, limit=limit, valid_limit=valid_limit)


def _read(paths: Mapping[str, Path], size: int, direction: str) -> dict[str, dict[str, np.ndarray]]:
    from PIL import Image

    splits = {}
    for split, file in FILES.items():
        with zipfile.ZipFile(paths[file.name]) as archive:
            names = sorted((n for n in archive.namelist() if n.endswith(".jpg")), key=lambda name: int(Path(name).stem))
            pairs = [halves(Image.open(io.BytesIO(archive.read(name))), size, direction) for name in names]
        splits[split] = {key: np.stack([pair[key] for pair in pairs]) for key in ("source", "image")}
    return splits
