"""Quick, Draw!: 9,570 drawings of 345 categories, 11 to 114 of each, or of some categories by name.

Files: quickdraw345_small_stroke3.npz in <data_dir>/quickdraw_small/ or <data_dir>/sketch/; simplified (Ramer-Douglas-Peucker, 2 of 255).
Source: Google Creative Lab, "Quick, Draw! The Data", 2017 (CC BY 4.0).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dlcv.data.files import File, Form, find
from dlcv.data.items import split
from dlcv.data.source import Data, Spec
from dlcv.data.strokes import strokes_data, strokes_spec
from dlcv.errors import Misuse, unknown

FILE = File("quickdraw345_small_stroke3.npz", "465609356b546bafeb3ef4584be688bfec245ba47aa8f91b8a7d1e1556fff43e")
CATEGORIES = (
    "line", "triangle", "stairs", "lollipop", "square", "mountain", "zigzag", "fork", "circle", "paper clip",
)  # fmt: skip
HELD_OUT = 0.2


def _read(paths: Mapping[str, Path]) -> dict[str, np.ndarray]:
    (path,) = paths.values()
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


FORMS = (Form((FILE,), _read), Form((FILE,), _read, "sketch"))


def spec(*, categories: Sequence[str] = CATEGORIES, longest: int = 100, limit: int | None = None) -> Spec:
    """Drawings of at most `longest` points with the label of their category."""
    del limit
    if isinstance(categories, str) or len(categories) < 2 or len(set(categories)) < len(categories):
        raise Misuse(f"data.categories={categories!r}: expected two or more distinct names, such as ('square', 'fork')")
    return strokes_spec(longest, tuple(categories))


def load(
    *, data_dir: str | None = None, categories: Sequence[str] = CATEGORIES, longest: int = 100, limit: int | None = None
) -> Data:
    """A fifth is held out, drawn once by a fixed seed; `limit` keeps the first of train. Raises Misuse for an unknown category."""
    chosen = spec(categories=categories, longest=longest)
    found = find("quickdraw_small", FORMS, data_dir)
    file = found.read()
    names = file["names"].tolist()
    for name in categories:
        if name not in names:
            raise unknown("category", name, names)
    place = {names.index(name): label for label, name in enumerate(categories)}
    rows = np.flatnonzero(np.isin(file["label"], list(place)))
    drawings = [file["strokes"][file["offsets"][row] : file["offsets"][row + 1]] for row in rows]
    labels = np.array([place[label] for label in file["label"][rows].tolist()], np.int32)
    splits = {
        name: ([drawings[row] for row in part], labels[part])
        for name, part in zip(("train", "valid"), split(len(rows), HELD_OUT), strict=True)
    }
    return strokes_data("quickdraw_small", chosen, splits, limit=limit, facts={"sha256": found.sha256})
