"""Two sets side by side for domain adaptation: a labelled source and a target whose training labels are withheld.

Options are those of the two sets: source={"name": "digits", "channels": 3}, target={"name": "digits_on_photographs"}.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.source import Data, Examples, Spec, Together
from dlcv.errors import Misuse


def spec(*, source: Mapping[str, Any], target: Mapping[str, Any]) -> Spec:
    """{"source": {"image", "label"}, "target": {"image"}}; raises Misuse unless shapes and classes agree."""
    one, two = sets.spec(source), sets.spec(target)
    for fact, values in {
        "image shapes": [side.example["image"].shape if "image" in side.example else None for side in (one, two)],
        "classes": [side.info.get("classes") for side in (one, two)],
    }.items():
        if values[0] != values[1]:
            advice = " (see data.source.channels, data.source.size and the target's)" if fact == "image shapes" else ""
            raise Misuse(f"data set 'domains': source and target differ in {fact}, {values[0]} and {values[1]}{advice}")
    example = {"source": dict(one.example), "target": _unlabelled(two.example)}
    return Spec(example, {"classes": one.info["classes"], **_sides("examples", one.info, two.info)})


def load(*, data_dir: str | None = None, source: Mapping[str, Any], target: Mapping[str, Any]) -> Data:
    """Train reads both sets, each in its own order; splits "source" and "target" are their valid splits, labelled."""
    chosen = spec(source=source, target=target)
    sides = {"source": sets.load(source, data_dir), "target": sets.load(target, data_dir)}
    train = {}
    for name, side in sides.items():
        if not isinstance(side.train, Examples):
            raise Misuse(f"data set 'domains' pairs sets that fit in memory: data.{name} does not")
        arrays = side.train.arrays if name == "source" else _unlabelled(side.train.arrays)
        train[name] = replace(side.train, arrays=arrays, name=name)
    return Data(
        train=Together(train),
        splits={name: _marked(side.splits["valid"], index) for index, (name, side) in enumerate(sides.items())},
        facts={name: side.facts for name, side in sides.items()},
        info={**chosen.info, **_sides("examples", *(side.info for side in sides.values()))},
    )


def _marked(split: Examples, domain: int) -> Examples:
    """The split with the array `domain`, 0 for the source and 1 for the target, which methods with a part a domain look at."""
    return replace(split, arrays={**split.arrays, "domain": np.full(len(split), domain, np.int32)})


def _unlabelled(example: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in example.items() if key != "label"}


def _sides(fact: str, source: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    return {fact: {"source": source[fact], "target": target[fact]}} if fact in source and fact in target else {}
