"""A folder of the user's image pairs: `path` holds images of two squares side by side, A | B, by `direction`.

That is the form in which pix2pix's sets are published (Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional
Adversarial Networks", 2017). With subfolders `train` and `val` (or `valid`, `test`) they are the splits; else a seeded part is held out.
"""

from pathlib import Path

import numpy as np

from dlcv.data.folder import SUFFIXES
from dlcv.data.images import check
from dlcv.data.items import split
from dlcv.data.pairs import DIRECTIONS, halves, pair_data, pair_spec
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

HELD_OUT = ("val", "valid", "test")


def spec(
    *, path: str, size: int = 64, direction: str = "a_to_b", held_out: float = 0.1, limit: int | None = None,
    valid_limit: int | None = None,
) -> Spec:  # fmt: skip
    """Pairs of colour images [size, size, 3]; lists the folder."""
    del limit, valid_limit
    check("size", size, range(16, 1025))
    check("direction", direction, DIRECTIONS)
    rows = {which: len(files) for which, files in _listed(path, held_out).items()}
    return pair_spec(size, 3, 3, examples=rows)


def load(
    *, data_dir: str | None = None, path: str, size: int = 64, direction: str = "a_to_b", held_out: float = 0.1,
    limit: int | None = None, valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """All pairs, resampled, in memory. Raises Misuse for a folder without images, damaged ones, and those not twice as wide as high."""
    del data_dir
    chosen = spec(path=path, size=size, direction=direction, held_out=held_out)
    splits = {}
    for which, files in _listed(path, held_out).items():
        pairs = [_pair(file, size, direction) for file in files]
        splits[which] = {key: np.stack([pair[key] for pair in pairs]) for key in ("source", "image")}
    facts = {"path": path, "direction": direction}
    return pair_data(chosen, splits, name="paired_folder", facts=facts, limit=limit, valid_limit=valid_limit)


def _pair(file: Path, size: int, direction: str) -> dict[str, np.ndarray]:
    from PIL import Image

    try:
        with Image.open(file) as image:
            return halves(image, size, direction)
    except (OSError, ValueError) as error:
        raise Misuse(f"no image pair in {file}: {error}") from error


def _listed(path: str, held_out: float) -> dict[str, list[Path]]:
    root = Path(path)
    if not root.is_dir():
        raise Misuse(f"data.path={path!r} is no folder: expected one of images that hold two squares side by side")
    sides = {"train": root / "train", "valid": next((root / n for n in HELD_OUT if (root / n).is_dir()), root / "val")}
    if all(side.is_dir() for side in sides.values()):
        found = {which: _images(side) for which, side in sides.items()}
    else:
        files = _images(root)
        if not files and any(side.is_dir() for side in sides.values()):
            lacking = "val/ (or valid/, test/)" if sides["train"].is_dir() else "train/"
            raise Misuse(f"data.path={path!r} has no {lacking} beside its other split, and no image of its own")
        if len(files) < 2 or not 0 < held_out < 1:
            raise Misuse(
                f"data.path={path!r} has {len(files)} images and data.held_out={held_out}: expected two or more, and 0 to 1"
            )
        found = {
            which: [files[row] for row in rows] for which, rows in zip(sides, split(len(files), held_out), strict=True)
        }
    for which, files in found.items():
        if not files:
            raise Misuse(f"data.path={path!r} holds no {which} image ({', '.join(sorted(SUFFIXES))})")
    return found


def _images(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
