"""Examples read one by one: put into memory where they fit, else left on disk as `Records`."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcv.data.source import Data, Examples, Records, Spec

MEMORY_MIB = 1024


@dataclass(frozen=True)
class Subset:
    """The given rows of a random-access sequence."""

    items: Any
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int):
        return self.items[self.rows[index]]


def split(count: int, held_out: float) -> tuple[np.ndarray, np.ndarray]:
    """Train and valid rows of `count` examples, ascending; a fixed seed draws the held-out fraction."""
    order = np.random.Generator(np.random.Philox(0)).permutation(count)
    edge = max(1, round(count * held_out))
    return np.sort(order[edge:]), np.sort(order[:edge])


def items_data(
    spec: Spec, train: Any, valid: Any, *, name: str, facts: Mapping[str, Any], memory_mib: int = MEMORY_MIB
) -> Data:
    """Data of two random-access sequences of examples; both splits stay on disk where train exceeds `memory_mib`."""
    size = sum(int(np.prod(leaf.shape)) * np.dtype(leaf.dtype).itemsize for leaf in spec.example.values())
    fits = len(train) * size <= memory_mib << 20
    sources = {
        which: Examples(_read(items), name) if fits else Records(items, name)
        for which, items in (("train", train), ("valid", valid))
    }
    examples = {which: len(source) for which, source in sources.items()}
    return Data(
        train=sources["train"],
        splits={"valid": sources["valid"]},
        facts={"data": name, "examples": examples, **facts},
        info={**spec.info, "examples": examples},
    )


def _read(items: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    with ThreadPoolExecutor() as pool:
        for row, example in enumerate(pool.map(items.__getitem__, range(len(items)))):
            for key, value in example.items():
                column = columns.setdefault(key, np.empty((len(items), *np.shape(value)), np.asarray(value).dtype))
                column[row] = value
    return columns
