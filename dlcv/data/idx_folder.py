"""A folder of the user's idx files, MNIST's format: `path`, with the images and labels of two splits, gzipped or not.

A file is of images or labels, and of train or valid (any other word: t10k, test), by its name, as in emnist-letters-train-images-idx3-ubyte.gz.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcv.data.idx import read_idx
from dlcv.data.images import check, image_data, image_spec, pad, with_channels
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

PARTS = ("images", "labels")


def spec(
    *, path: str, size: int | None = None, channels: int = 1, classes: Sequence[str] = (), limit: int | None = None,
    valid_limit: int | None = None,
) -> Spec:  # fmt: skip
    """Images [size, size, channels], padded or cut to their centre, as they are where no size is given; reads the files.

    `classes` names the labels 0, 1 ...; without names they are "class 0", "class 1" ...: no classifier of another set knows them.
    """
    del limit, valid_limit
    check("channels", channels, (1, 3))
    return _described(_read(path), size, channels, classes)


def load(
    *, data_dir: str | None = None, path: str, size: int | None = None, channels: int = 1, classes: Sequence[str] = (),
    limit: int | None = None, valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """Images in the order of the files. Raises Misuse for missing, ambiguous and damaged files and for labels without a name."""
    del data_dir
    check("channels", channels, (1, 3))
    splits = _read(path)
    chosen = _described(splits, size, channels, classes)
    side = chosen.example["image"].shape[0]
    return image_data(
        chosen, splits, name="idx_folder", facts={"path": path}, fit=lambda images: with_channels(pad(images, side), channels),
        limit=limit, valid_limit=valid_limit,
    )  # fmt: skip


def _described(splits, size: int | None, channels: int, classes: Sequence[str]) -> Spec:
    highest = max(int(split["label"].max(initial=0)) for split in splits.values())
    names = tuple(classes) or tuple(f"class {label}" for label in range(highest + 1))
    if highest >= len(names):
        raise Misuse(f"data.classes names {len(names)} classes, and the files have labels up to {highest}")
    return image_spec(size or splits["train"]["image"].shape[1], channels, names)


def _read(path: str) -> dict[str, dict[str, np.ndarray]]:
    found = {split: {part: read_idx(file) for part, file in files.items()} for split, files in _files(path).items()}
    for split, parts in found.items():
        images, labels = parts["images"], parts["labels"]
        if images.ndim != 3 or images.shape[1] != images.shape[2] or labels.shape != images.shape[:1]:
            given = f"{list(images.shape)} and {list(labels.shape)}"
            raise Misuse(f"data.path={path!r}, {split}: expected square images [N, Y, Y] with labels [N], got {given}")
    return {
        split: {"image": parts["images"][..., None], "label": parts["labels"].astype(np.int32)}
        for split, parts in found.items()
    }


def _files(path: str) -> dict[str, dict[str, Path]]:
    if not Path(path).is_dir():
        raise Misuse(f"data.path={path!r} is no folder: expected one of idx files")
    held = [file for file in sorted(Path(path).iterdir()) if "-ubyte" in file.name]
    chosen: dict[str, dict[str, Path]] = {}
    for split in ("train", "valid"):
        for part in PARTS:
            fits = [file for file in held if part in file.name and ("train" in file.name) == (split == "train")]
            if len(fits) != 1:
                names = ", ".join(file.name for file in fits) or "none"
                raise Misuse(f"data.path={path!r}: expected one idx file of {split} {part}, found {names}")
            chosen.setdefault(split, {})[part] = fits[0]
    return chosen
