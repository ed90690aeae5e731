"""Sequence pairs in memory, batched with others of about their length: less padding, one compiled step a width."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from dlcv.data.source import Examples
from dlcv.errors import Misuse

SIDES = ("source", "target")


@dataclass(frozen=True, eq=False)
class Bucketed:
    """Padded sides [N, W] with their lengths [N]; every epoch has a fresh order of batches, each of one bucket.

    A bucket holds the pairs whose longer side fits its width; the last one is as wide as the arrays. Each epoch leaves out the same
    number of pairs, N modulo the batch size, drawn anew: over epochs every pair is seen equally often in expectation. Widths differ
    between batches: `steps_per_call` is 1 unless there is one bucket.
    """

    arrays: Mapping[str, np.ndarray]
    widths: tuple[int, ...] = ()
    name: str = ""

    def __post_init__(self):
        widest = max(self.arrays[side].shape[1] for side in SIDES)
        edges = sorted({width for width in self.widths if width < widest} | {widest})
        if edges[0] < 1:
            raise Misuse(f"data.buckets={self.widths}: expected widths of at least 1, such as (16, 32)")
        longer = np.maximum(*(self.arrays[f"{side}_length"] for side in SIDES))
        object.__setattr__(self, "widths", tuple(edges))
        object.__setattr__(self, "bucket", np.searchsorted(edges, longer))

    def __len__(self) -> int:
        return len(self.bucket)

    def indices(self, seed: int, step: int, batch_size: int) -> dict[str, np.ndarray]:
        """Rows [B] and, a side, the columns [B, W] of batch `step`."""
        if batch_size > len(self):
            raise Misuse(f"config.batch_size={batch_size}: data set {self.name!r} has {len(self)} training pairs")
        epoch, place = divmod(step, len(self) // batch_size)
        rows = self._batches(seed, epoch, batch_size)[place]
        width = self.widths[int(self.bucket[rows].max())]
        sides = {side: np.arange(min(width, self.arrays[side].shape[1]), dtype=np.int32) for side in SIDES}
        return {"row": rows, **{side: np.tile(columns, (batch_size, 1)) for side, columns in sides.items()}}

    @lru_cache(maxsize=16)  # noqa: B019 - the few sources of a run live as long as the process
    def _batches(self, seed: int, epoch: int, batch_size: int) -> np.ndarray:
        key = np.random.SeedSequence([seed, crc32(self.name.encode()), epoch])
        rng = np.random.Generator(np.random.Philox(key))
        count = len(self) // batch_size
        rows = rng.permutation(len(self))[: count * batch_size].astype(np.int32)
        rows = rows[np.argsort(self.bucket[rows], kind="stable")].reshape(count, batch_size)
        return rows[rng.permutation(count)]

    def gather(self, arrays, indices) -> dict:
        """The batch: sides [B, W] and their lengths [B]."""
        row = indices["row"]
        sides = {side: arrays[side][row[:, None], indices[side]] for side in SIDES}
        return {**sides, **{f"{side}_length": arrays[f"{side}_length"][row] for side in SIDES}}

    def sweep(self, batch_size: int) -> list[tuple[dict[str, np.ndarray], np.ndarray]]:
        """Every pair once, in order and at full width; the last batch is padded with row 0 under a zero mask."""
        every = {side: np.arange(self.arrays[side].shape[1], dtype=np.int32) for side in SIDES}
        return [
            ({"row": rows, **{side: np.tile(columns, (len(rows), 1)) for side, columns in every.items()}}, mask)
            for rows, mask in Examples(self.arrays).sweep(batch_size)
        ]
