"""Helpers that drawings share: strokes of one scale, padded, with lengths and where there are classes with labels.

A drawing is a row of offsets (dx, dy) with 1 where the pen is lifted after the point: Ha and Eck, "A Neural Representation of Sketch
Drawings", 2017.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from dlcv.data.files import File, Form, find
from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse

Drawing = Float[np.ndarray, "n 3"]


def strokes_spec(longest: int, classes: Sequence[str] = ()) -> Spec:
    """`strokes` [longest, 3], `length`, and `label` where there are classes."""
    if not isinstance(longest, int) or longest < 2:
        raise Misuse(f"data.longest={longest!r}: expected the most points of a drawing, such as 100")
    example = {"strokes": jax.ShapeDtypeStruct((longest, 3), np.float32), "length": jax.ShapeDtypeStruct((), np.int32)}
    if classes:
        example["label"] = jax.ShapeDtypeStruct((), np.int32)
    return Spec(example, {"classes": tuple(classes)} if classes else {})


def strokes_data(
    name: str, spec: Spec, splits: Mapping[str, tuple[Sequence[Drawing], Sequence[int] | None]], *, limit: int | None,
    facts: Mapping[str, Any],
) -> Data:  # fmt: skip
    """Data of splits (drawings, labels), the first "train"; `limit` keeps its first drawings. Longer ones than the spec's are left out.

    Offsets are divided by their standard deviation in train, which the facts keep. Raises Misuse where a split is left empty.
    """
    longest = spec.example["strokes"].shape[0]
    kept, scale, left_out = {}, None, {}
    for split, (drawings, labels) in splits.items():
        rows = [row for row, drawing in enumerate(drawings) if len(drawing) <= longest]
        left_out[split] = len(drawings) - len(rows)
        rows = rows[:limit] if scale is None else rows
        if not rows:
            raise Misuse(f"data.longest={longest} leaves no drawing of data set {name!r}, split {split!r}")
        chosen = [np.asarray(drawings[row], np.float32) for row in rows]
        scale = float(np.concatenate(chosen)[:, :2].std()) if scale is None else scale
        kept[split] = padded(chosen, longest, scale)
        if labels is not None:
            kept[split]["label"] = np.asarray(labels, np.int32)[rows]
    sources = {split: Examples(columns, name) for split, columns in kept.items()}
    examples = {split: len(source) for split, source in sources.items()}
    return Data(
        train=sources["train"], splits={split: source for split, source in sources.items() if split != "train"},
        facts={"data": name, "examples": examples, "too_long": left_out, "scale": scale, **facts},
        info={**spec.info, "examples": examples},
    )  # fmt: skip


def padded(drawings: Sequence[Drawing], longest: int, scale: float) -> dict[str, np.ndarray]:
    """`strokes` [N, longest, 3], zero after each drawing's end, and `length` [N]."""
    strokes = np.zeros((len(drawings), longest, 3), np.float32)
    for row, drawing in enumerate(drawings):
        strokes[row, : len(drawing)] = drawing / [scale, scale, 1]
    return {"strokes": strokes, "length": np.array([len(drawing) for drawing in drawings], np.int32)}


def sketch_rnn_file(name: str, sha256: str, path: str) -> tuple[Form, ...]:
    """A file of the sketch-rnn data sets, in the folder of its set or among others in the folder sketch."""
    url = f"https://github.com/hardmaru/sketch-rnn-datasets/raw/master/{path}"
    return Form((File(name, sha256, url),), read_pickled), Form((File(name, sha256),), read_pickled, "sketch")


def read_pickled(paths: Mapping[str, Path]) -> dict[str, list[np.ndarray]]:
    """The splits of a verified file: arrays of Python 2's objects, which nothing but a pickle holds."""
    (path,) = paths.values()
    with np.load(path, allow_pickle=True, encoding="latin1") as file:
        return {split: list(file[split]) for split in ("train", "valid")}


def published(name: str, forms: Sequence[Form], spec: Spec, data_dir: str | None, limit: int | None) -> Data:
    """Data of a sketch-rnn file, its own splits."""
    found = find(name, forms, data_dir)
    splits = {split: (drawings, None) for split, drawings in found.read().items()}
    return strokes_data(name, spec, splits, limit=limit, facts={"sha256": found.sha256})
