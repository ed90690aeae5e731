"""Arrays of the user's: `path` names an .npz whose arrays are features of one length, such as image and label.

Arrays named valid_<feature> are the valid split; without them a seeded fraction `held_out` is. An array `classes` names
the labels.
"""

import hashlib
from pathlib import Path

import jax
import numpy as np

from dlcv.data.items import split
from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse


def spec(*, path: str, held_out: float = 0.1, limit: int | None = None) -> Spec:
    """One leaf a feature: uint8 [Y, X, C] images stay, other integers become int32, doubles float32."""
    del held_out, limit
    return _spec(*_read(path))


def load(*, data_dir: str | None = None, path: str, held_out: float = 0.1, limit: int | None = None) -> Data:
    """The arrays as they are; `limit` keeps the first rows of train. Raises Misuse for an unreadable file."""
    del data_dir
    features, valid, classes = _read(path)
    chosen = _spec(features, valid, classes)
    if not valid:
        kept, held = split(len(next(iter(features.values()))), held_out)
        valid = {key: array[held] for key, array in features.items()}
        features = {key: array[kept] for key, array in features.items()}
    train = Examples({key: array[:limit] for key, array in features.items()}, "npz")
    examples = {"train": len(train), "valid": len(Examples(valid))}
    with open(path, "rb") as file:
        sha256 = {Path(path).name: hashlib.file_digest(file, "sha256").hexdigest()}
    facts = {"data": "npz", "examples": examples, "sha256": sha256}
    return Data(train, {"valid": Examples(valid, "npz")}, facts, {**chosen.info, "examples": examples})


def _spec(features: dict[str, np.ndarray], valid: dict[str, np.ndarray], classes: tuple[str, ...]) -> Spec:
    example = {key: jax.ShapeDtypeStruct(array.shape[1:], array.dtype) for key, array in features.items()}
    return Spec(example, {"classes": classes} if classes else {})


def _read(path: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], tuple[str, ...]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Misuse(f"data.path={path!r} cannot be read as .npz: {error}") from error
    classes = tuple(map(str, arrays.pop("classes", ())))
    arrays = {key: _plain(key, array) for key, array in arrays.items()}
    features = {key: array for key, array in arrays.items() if not key.startswith("valid_")}
    valid = {key.removeprefix("valid_"): array for key, array in arrays.items() if key.startswith("valid_")}
    if not features or (valid and valid.keys() != features.keys()):
        raise Misuse(
            f"data.path={path!r} has arrays {sorted(arrays)}: expected image, label ... and valid_ of all or of none"
        )
    for part in filter(None, (features, valid)):
        lengths = {key: len(array) for key, array in part.items()}
        if len(set(lengths.values())) > 1:
            raise Misuse(f"data.path={path!r} has arrays of different lengths: {lengths}")
    if not classes and "label" in features and np.issubdtype(features["label"].dtype, np.integer):
        classes = tuple(map(str, range(int(features["label"].max()) + 1)))
    return features, valid, classes


def _plain(key: str, array: np.ndarray) -> np.ndarray:
    if array.ndim == 0:
        raise Misuse(f"array {key!r} of the .npz is a scalar: expected one row an example")
    if key.removeprefix("valid_") == "image" and array.ndim == 3:
        array = array[..., None]
    if array.dtype == np.float64:
        return array.astype(np.float32)
    return array.astype(np.int32) if np.issubdtype(array.dtype, np.integer) and array.dtype != np.uint8 else array
