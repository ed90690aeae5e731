"""Two sets side by side for domain adaptation: a labelled source and a target whose training labels are withheld.

Options are those of the two sets: source={"name": "digits", "channels": 3}, target={"name": "digits_on_photographs"}.
Settings: labelled=5 keeps the labels of 5 target examples a class (semi-supervised), labelled="all" those of all (supervised),
target_classes=("0", "1") leaves the target fewer classes than the source (partial), imbalance=10 makes them unequally frequent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.source import Data, Examples, Spec, Together
from dlcv.data.subset import Few, check_labelled, class_numbers, of_classes, with_labels, with_rows
from dlcv.errors import Misuse


def spec(
    *, source: Mapping[str, Any], target: Mapping[str, Any], labelled: int | str = 0, target_classes: Sequence[str] = (),
    imbalance: float = 1.0,
) -> Spec:  # fmt: skip
    """{"source": {"image", "label"}, "target": {"image"}}, and "labelled" as "source" where target labels are kept.

    Raises Misuse unless shapes and classes of the two agree.
    """
    one, two = sets.spec(source), sets.spec(target)
    for fact, values in {
        "image shapes": [side.example["image"].shape if "image" in side.example else None for side in (one, two)],
        "classes": [side.info.get("classes") for side in (one, two)],
    }.items():
        if values[0] != values[1]:
            advice = " (see data.source.channels, data.source.size and the target's)" if fact == "image shapes" else ""
            raise Misuse(f"data set 'domains': source and target differ in {fact}, {values[0]} and {values[1]}{advice}")
    check_labelled(labelled, least=0)
    left = class_numbers("target_classes", target_classes, one.info["classes"])
    if not 1 <= imbalance < np.inf or (imbalance > 1 and len(left) == 1):
        raise Misuse(
            f"data.imbalance={imbalance}: expected how often the most frequent of several classes is met for once the rarest, 1 or more"
        )
    example = {"source": dict(one.example), "target": _unlabelled(two.example)}
    if labelled != 0:
        example["labelled"] = dict(two.example)
    return Spec(example, {"classes": one.info["classes"], **_sides("examples", one.info, two.info)})


def load(
    *, data_dir: str | None = None, source: Mapping[str, Any], target: Mapping[str, Any], labelled: int | str = 0,
    target_classes: Sequence[str] = (), imbalance: float = 1.0,
) -> Data:  # fmt: skip
    """Train reads both sets, each in its own order; splits "source" and "target" are their valid splits, labelled.

    Which target examples keep their label depends on the run's seed. Partial cuts both splits of the target; imbalance thins
    out its training examples only, so that the target is tested on as many examples a class as the set has.
    """
    chosen = spec(source=source, target=target, labelled=labelled, target_classes=target_classes, imbalance=imbalance)
    numbers = class_numbers("target_classes", target_classes, chosen.info["classes"])
    sides = {
        "source": of_classes(sets.load(source, data_dir), (), "domains"),
        "target": _thinned(of_classes(sets.load(target, data_dir), numbers, "domains"), imbalance),
    }
    if isinstance(sides["target"].train, Few):
        raise Misuse(
            "data set 'domains' takes all training images of its target: use data.labelled, not data.target.labelled"
        )
    train = {name: replace(side.train, name=name) for name, side in sides.items()}
    if labelled != 0:
        train["labelled"] = with_labels(train["target"], labelled, "labelled")
    train["target"] = replace(train["target"], arrays=_unlabelled(train["target"].arrays))
    return Data(
        train=Together(train),
        splits={name: _marked(side.splits["valid"], index) for index, (name, side) in enumerate(sides.items())},
        facts={name: side.facts for name, side in sides.items()},
        info={**chosen.info, **_sides("examples", *(side.info for side in sides.values()))},
    )


def class_sizes(smallest: int, classes: int, imbalance: float) -> np.ndarray:
    """Training examples of each class [classes], falling from `smallest` to smallest / imbalance by equal ratios.

    The profile of Cui, Jia, Lin, Song and Belongie, "Class-Balanced Loss Based on Effective Number of Samples", 2019.
    """
    sizes = smallest * imbalance ** (-np.arange(classes) / max(classes - 1, 1))
    return np.maximum(np.rint(sizes), 1).astype(int)


def _thinned(target: Data, imbalance: float) -> Data:
    """The target with the first training examples of each class, the first class most frequent."""
    if imbalance == 1:
        return target
    labels = target.train.arrays["label"]
    present, counts = np.unique(labels, return_counts=True)
    sizes = class_sizes(counts.min(), len(present), imbalance)
    kept = [np.flatnonzero(labels == one)[:size] for one, size in zip(present, sizes, strict=True)]
    rows = {"train": np.sort(np.concatenate(kept)), "valid": np.arange(len(target.splits["valid"]))}
    return with_rows(target, rows)


def _marked(split: Examples, domain: int) -> Examples:
    """The split with the array `domain`, 0 for the source and 1 for the target, which methods with a part a domain look at."""
    return replace(split, arrays={**split.arrays, "domain": np.full(len(split), domain, np.int32)})


def _unlabelled(example: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in example.items() if key != "label"}


def _sides(fact: str, source: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    return {fact: {"source": source[fact], "target": target[fact]}} if fact in source and fact in target else {}
