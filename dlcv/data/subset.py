"""A part of another set: chosen classes, and k labelled training examples of each, drawn anew by every seed.

Options: of={"name": "digits"} and what that set takes, classes=("5", "6"), labelled=5 or "all".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse, unknown


def spec(*, of: Mapping[str, Any], classes: Sequence[str] = (), labelled: int | str = "all") -> Spec:
    """As of the whole set: labels keep their numbers and the head all classes."""
    whole = sets.spec(of)
    if "classes" not in whole.info:
        raise Misuse(f"data set 'subset' takes sets with classes, which {of['name']!r} has not")
    class_numbers("classes", classes, whole.info["classes"])
    check_labelled(labelled, least=1)
    return Spec(whole.example, {key: value for key, value in whole.info.items() if key != "examples"})


def load(
    *, data_dir: str | None = None, of: Mapping[str, Any], classes: Sequence[str] = (), labelled: int | str = "all"
) -> Data:
    """Both splits hold the chosen classes only; of train, k examples a class are read, others from seed to seed."""
    chosen = spec(of=of, classes=classes, labelled=labelled)
    part = of_classes(sets.load(of, data_dir), class_numbers("classes", classes, chosen.info["classes"]), "subset")
    train = with_labels(part.train, labelled, "train")
    counts = {
        "examples": {**part.info["examples"], "train": len(train.rows(0)) if isinstance(train, Few) else len(train)}
    }
    return replace(part, train=train, facts={**part.facts, **counts}, info={**part.info, **counts})


@dataclass(frozen=True)
class Few(Examples):
    """k examples a class of the arrays; which ones they are depends on the seed, so that a spread over seeds tells of it."""

    labelled: int = 1
    _drawn: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rows(self, seed: int) -> np.ndarray:
        """The rows [classes * k] of a seed, ascending."""
        if seed not in self._drawn:
            rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, self.labelled])))
            labels = self.arrays["label"]
            drawn = [rng.permutation(np.flatnonzero(labels == one))[: self.labelled] for one in np.unique(labels)]
            self._drawn[seed] = np.sort(np.concatenate(drawn))
        return self._drawn[seed]

    def indices(self, seed: int, step: int, batch_size: int) -> np.ndarray:
        """Rows of batch `step` [B]: the seed's examples in a fresh order every epoch."""
        rows = self.rows(seed)
        return rows[Examples({"row": rows}, self.name).indices(seed, step, batch_size)].astype(np.int32)


def check_labelled(labelled: int | str, least: int) -> None:
    """Raises Misuse unless `labelled` is "all" or an integer of at least `least`."""
    counted = isinstance(labelled, int) and not isinstance(labelled, bool)
    if labelled != "all" and not (counted and labelled >= least):
        raise Misuse(f"data.labelled={labelled!r}: expected examples a class, {least} or more, or 'all'")


def with_labels(train: Examples, labelled: int | str, name: str) -> Examples:
    """The examples whose labels are known. Raises Misuse where a class has fewer than `labelled`."""
    if labelled == "all":
        return replace(train, name=name)
    counts = np.bincount(train.arrays["label"])
    if counts[counts > 0].min() < labelled:
        raise Misuse(f"data.labelled={labelled}: one class has only {counts[counts > 0].min()} training examples")
    return Few(train.arrays, name, labelled)


def class_numbers(option: str, names: Sequence[str], known: Sequence[str]) -> tuple[int, ...]:
    """Where each name stands among the classes; () for none. Raises Misuse for a name that is no class, or is there twice."""
    if isinstance(names, str):
        raise Misuse(f"data.{option}={names!r}: expected a tuple of class names, ({names!r},)")
    if wrong := [name for name in names if name not in known]:
        raise unknown(f"class in data.{option}", str(wrong[0]), known)
    if len(set(names)) < len(names):
        raise Misuse(f"data.{option}={tuple(names)!r} names a class twice")
    return tuple(known.index(name) for name in names)


def of_classes(data: Data, numbers: Sequence[int], what: str) -> Data:
    """Both splits cut to the examples of these classes; without numbers, as they are. Raises Misuse for a set on disk."""
    if not isinstance(data.train, Examples):
        raise Misuse(f"data set {what!r} takes sets that fit in memory, which {data.facts.get('data')!r} does not")
    if not numbers:
        return data
    sides = {"train": data.train, "valid": data.splits["valid"]}
    return with_rows(data, {
        side: np.flatnonzero(np.isin(examples.arrays["label"], numbers)) for side, examples in sides.items()
    })  # fmt: skip


def with_rows(data: Data, rows: Mapping[str, np.ndarray]) -> Data:
    """The data with the given rows of "train" and "valid", its counts in facts and info put right."""
    sides = {"train": data.train, "valid": data.splits["valid"]}
    kept = {
        side: replace(examples, arrays={key: array[rows[side]] for key, array in examples.arrays.items()})
        for side, examples in sides.items()
    }
    counts = {"examples": {side: len(examples) for side, examples in kept.items()}}
    return replace(
        data, train=kept["train"], splits={**data.splits, "valid": kept["valid"]}, facts={**data.facts, **counts},
        info={**data.info, **counts},
    )  # fmt: skip
