"""What closed-form adaptation refuses, each in one line that says what to do."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcv.errors import Misuse

NAMES = ("kernel", "scale")  # settings that choose among words
WHOLE = ("dim", "iterations", "neighbours")  # settings that count something
POSITIVE = ("weight", "entropy", "width")  # without them a problem has no unique solution


def features(x, name: str) -> np.ndarray:
    """`x` as a finite float64 array [N, D]; raises Misuse otherwise, naming the first bad entry."""
    try:
        x = np.asarray(x, np.float64)
    except (TypeError, ValueError):
        raise Misuse(f"{name} must be an array of numbers [samples, features]") from None
    if x.ndim != 2 or 0 in x.shape:
        raise Misuse(f"{name} must be an array [samples, features], got the shape {x.shape}")
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        row, column = bad[0]
        raise Misuse(
            f"{name} has {len(bad)} NaN or infinite values, the first at row {row}, column {column}: remove or impute them"
        )
    return x


def domains(source, labels, target) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source [Ns, D], labels [Ns] of the classes 0..C-1, target [Nt, D]; raises Misuse for anything else."""
    source, target = features(source, "source"), features(target, "target")
    if source.shape[1] != target.shape[1]:
        raise Misuse(
            f"source has {source.shape[1]} features, target {target.shape[1]}: they must agree (see heterogeneous adaptation otherwise)"
        )
    if len(target) < 2:
        raise Misuse("target has one sample: a distribution needs at least 2")
    return source, classes(labels, len(source)), target


def classes(labels, count: int) -> np.ndarray:
    """Labels [count] as int64 with every class of 0..C-1 present and C >= 2; raises Misuse otherwise."""
    given = np.asarray(labels)
    if given.shape != (count,):
        raise Misuse(f"source_labels must have the shape ({count},), one label a source sample, got {given.shape}")
    if given.dtype.kind not in "iub":
        raise Misuse(f"source_labels must be whole numbers 0..C-1, got {given.dtype}")
    present = np.unique(given)
    if len(present) < 2:
        raise Misuse(f"source_labels hold one class only ({present[0]}): at least 2 are needed")
    if present[0] != 0:
        raise Misuse(f"source_labels start at {present[0]}: classes count from 0 (subtract {present[0]})")
    if present[-1] != len(present) - 1:
        missing = np.setdiff1d(np.arange(present[-1]), present)
        raise Misuse(f"source_labels lack class {missing[0]}: every class of 0..{present[-1]} needs a source sample")
    return given.astype(np.int64)


def settings(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Raises Misuse for a count below 1, for a weight that is negative or not finite, and for no weight where one is needed."""
    for name, value in given.items():
        if value is None and defaults.get(name) is None:
            continue
        if name in NAMES:
            if not isinstance(value, str):
                raise Misuse(f"{name}={value!r}: expected a name")
        elif isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise Misuse(f"{name}={value!r}: expected a number")
        elif name in WHOLE:
            if not isinstance(value, int | np.integer) or value < 1:
                raise Misuse(f"{name}={value!r}: expected a whole number of at least 1")
        elif name in POSITIVE:
            positive(name, value)
        elif not 0 <= value < np.inf:
            raise Misuse(f"{name}={value!r}: expected a finite number of at least 0")


def positive(name: str, value: float) -> None:
    """Raises Misuse for a number that is not above 0."""
    if not 0 < value < np.inf:
        raise Misuse(f"{name}={value!r}: expected a finite number above 0")


def fraction(name: str, value: float) -> None:
    """Raises Misuse for a number outside [0, 1]."""
    if not 0 <= value <= 1:
        raise Misuse(f"{name}={value!r}: expected a number from 0 to 1")


def dimension(dim: int, rank: int, of: str) -> None:
    """Raises Misuse when `dim` directions are asked of something of a smaller rank."""
    if dim > rank:
        raise Misuse(f"dim={dim} is larger than the rank {rank} of {of}: choose dim <= {rank}")
