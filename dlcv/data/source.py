"""What a data set gives the engine: `Data` of sources, each a pure function from (seed, step) to a batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from zlib import crc32

import jax
import numpy as np


class Spec(NamedTuple):
    """Known from the config alone: shapes and dtypes of one training example, and facts (classes, vocabulary)."""

    example: Mapping[str, Any]  # jax.ShapeDtypeStruct leaves, without the batch axis
    info: Mapping[str, Any] = {}

    def batch(self, size: int) -> Mapping[str, Any]:
        """The batch of `size` such examples."""
        return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((size, *leaf.shape), leaf.dtype), self.example)


class Source(Protocol):
    """A set in memory: `gather(arrays, indices(...))` is a batch. Indices are numpy; arrays may be numpy's or jax's."""

    arrays: Mapping[str, Any]

    def indices(self, seed: int, step: int, batch_size: int) -> Any: ...  # training order, batch-leading
    def gather(self, arrays, indices) -> Mapping[str, Any]: ...
    def sweep(self, batch_size: int) -> list[tuple[Any, np.ndarray]]: ...  # evaluation: (indices, mask) of every batch


@lru_cache(maxsize=64)
def _permutation(size: int, seed: int, stream: int, epoch: int) -> np.ndarray:
    key = np.random.SeedSequence([seed, stream, epoch])
    return np.random.Generator(np.random.Philox(key)).permutation(size)


def _in_epochs(size: int, positions: np.ndarray, seed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(row, epoch) of positions in an endless order of epochs, each a permutation of its own."""
    epochs, offsets = np.divmod(positions, size)
    stream, rows = crc32(name.encode()), np.empty(len(positions), np.int32)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        rows[here] = _permutation(size, seed, stream, int(epoch))[offsets[here]]
    return rows, epochs


def _sweep(size: int, batch_size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rows = np.arange(-(-size // batch_size) * batch_size, dtype=np.int32)
    mask = rows < size
    batches = len(rows) // batch_size
    return list(zip(np.split(np.where(mask, rows, 0), batches), np.split(mask, batches), strict=True))


@dataclass(frozen=True)
class Examples:
    """Independent examples: arrays of one length N, a fresh permutation every epoch."""

    arrays: Mapping[str, np.ndarray]
    name: str = ""  # tells the orders of several sources of one run apart

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def indices(self, seed: int, step: int, batch_size: int) -> np.ndarray:
        """Rows of batch `step` [B]; epochs follow without a gap, so that every example is seen equally often."""
        return _in_epochs(len(self), step * batch_size + np.arange(batch_size), seed, self.name)[0]

    def gather(self, arrays, indices):
        return {name: array[indices] for name, array in arrays.items()}

    def sweep(self, batch_size: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Every example once, in order; the last batch is padded with row 0 under a zero mask."""
        return _sweep(len(self), batch_size)


@dataclass(frozen=True)
class Stream:
    """One long token sequence read as B parallel rows, T tokens a step: a row's state may be carried on."""

    arrays: Mapping[str, np.ndarray]  # {"tokens": [N]}
    length: int  # T; a batch holds T + 1 tokens a row, inputs and their successors

    def indices(self, seed: int, step: int, batch_size: int) -> np.ndarray:
        """Starts [B] of batch `step`: each row walks on through the text, a circle; the seed moves the first place."""
        total = len(self.arrays["tokens"])
        origin = int(np.random.Generator(np.random.Philox(np.random.SeedSequence([seed]))).integers(total))
        stretch = total // batch_size
        return ((origin + np.arange(batch_size) * stretch + step * self.length) % total).astype(np.int32)

    def gather(self, arrays, indices):
        tokens = arrays["tokens"]
        offsets = np.arange(self.length + 1, dtype=np.int32)
        return {"tokens": tokens[(indices[:, None] + offsets) % tokens.shape[0]]}

    def windows(self) -> np.ndarray:
        """Starts of the whole rows that lie end to end: what is shown of a text."""
        return np.arange(0, len(self.arrays["tokens"]) - self.length, self.length)

    def sweep(self, batch_size: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Every successor once: row r walks stretch r in order; the mask [B, T] ends where a stretch ends."""
        total = len(self.arrays["tokens"]) - 1
        edges = np.linspace(0, total, batch_size + 1).astype(np.int32)
        starts, ends = edges[:-1], edges[1:]
        batches = []
        for step in range(-(-int((ends - starts).max()) // self.length)):
            here = starts + step * self.length
            batches.append((here, here[:, None] + np.arange(self.length) < ends[:, None]))
        return batches


@dataclass(frozen=True)
class Windows(Stream):
    """The same sequence read as independent windows of T tokens, in a fresh order every epoch; nothing is carried on.

    An epoch's windows lie end to end, from a place of its own on, so that no edge stays where it was.
    """

    name: str = ""  # tells the orders of several sources of one run apart

    def indices(self, seed: int, step: int, batch_size: int) -> np.ndarray:
        """Starts [B] of batch `step`; epochs follow without a gap."""
        return self.starts(seed, step, batch_size).astype(np.int32)

    def starts(self, seed: int, step: int, batch_size: int) -> np.ndarray:
        """The same in 64 bits."""
        count = (len(self.arrays["tokens"]) - self.length) // self.length
        rows, epochs = _in_epochs(count, step * batch_size + np.arange(batch_size), seed, self.name)
        origins = np.array([np.random.SeedSequence([seed, int(epoch)]).generate_state(1)[0] for epoch in epochs])
        return rows.astype(np.int64) * self.length + origins % self.length


@dataclass(frozen=True)
class HostWindows(Windows):
    """Windows of a sequence too large for the device, such as a memory map: batches are read on the host."""

    def batch(self, seed: int, step: int, batch_size: int) -> Mapping[str, np.ndarray]:
        """Batch `step` [B, T + 1]."""
        return self.gather(self.arrays, self.starts(seed, step, batch_size))

    def gather(self, arrays, indices) -> Mapping[str, np.ndarray]:
        found = super().gather(arrays or self.arrays, indices)
        return {name: np.asarray(array, np.int32) for name, array in found.items()}


@dataclass(frozen=True)
class Records:
    """Independent examples too large for memory: `items[i]` reads one example; batches are made on the host by grain.

    Told apart by its method `batch`; `sweep` and `gather` serve evaluation as elsewhere, on the host too.
    """

    items: Any  # random access: len(items), items[i] -> {"image": [Y, X, C], "label": []}
    name: str = ""
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)  # none: nothing lies in memory

    def __len__(self) -> int:
        return len(self.items)

    def batch(self, seed: int, step: int, batch_size: int) -> Mapping[str, np.ndarray]:
        """Batch `step` [B, ...]: a fresh order every epoch, epochs follow each other without a gap."""
        import grain.python as grain

        state = int(np.random.SeedSequence([seed, crc32(self.name.encode())]).generate_state(1)[0])
        return grain.MapDataset.source(self.items).seed(state).shuffle().repeat().batch(batch_size)[step]

    def gather(self, arrays, indices) -> Mapping[str, np.ndarray]:
        examples = [self.items[int(row)] for row in indices]
        return {key: np.stack([example[key] for example in examples]) for key in examples[0]}

    def sweep(self, batch_size: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """As of `Examples`: every example once, in order, the last batch padded under a mask."""
        return _sweep(len(self), batch_size)


@dataclass(frozen=True)
class Together:
    """Several sources read side by side: the batch is {"source": {...}, "target": {...}}, each in its own order."""

    sources: Mapping[str, Any]

    @property
    def arrays(self):
        return {name: source.arrays for name, source in self.sources.items()}

    def indices(self, seed: int, step: int, batch_size: int):
        return {name: source.indices(seed, step, batch_size) for name, source in self.sources.items()}

    def gather(self, arrays, indices):
        return {name: source.gather(arrays[name], indices[name]) for name, source in self.sources.items()}

    def sweep(self, batch_size: int):
        raise TypeError("evaluation reads one source at a time: name the splits of Data apart")


@dataclass(frozen=True)
class Data:
    """A loaded data set: the training source, the named evaluation splits, and facts worth keeping."""

    train: Any
    splits: Mapping[str, Any]  # "valid", or "source" and "target"
    facts: Mapping[str, Any] = field(default_factory=dict)  # into result.json: sha256, sizes
    info: Mapping[str, Any] = field(default_factory=dict)  # class names, vocabulary: as Spec.info, complete


Builder = Callable[..., Data]
