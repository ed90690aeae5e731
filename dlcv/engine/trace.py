"""A profiler trace of a few calls of a run, for `--profile`."""

from pathlib import Path
from typing import Any

import jax


class Trace:
    """A profiler trace of up to five calls of a run, the first ten of them skipped where it is long enough."""

    def __init__(self, folder: Path, calls: int):
        self.folder, self.called_so_far, self.tracing = folder, 0, False
        self.first = min(10, calls - 1) if calls else None

    def __enter__(self) -> "Trace":
        self._begin()
        return self

    def __exit__(self, *_) -> None:
        if self.tracing:
            jax.profiler.stop_trace()

    def _begin(self) -> None:
        if self.called_so_far == self.first:
            jax.profiler.start_trace(str(self.folder))
            self.tracing = True

    def called(self, made: Any) -> None:
        """After each call, with what it made."""
        self.called_so_far += 1
        self._begin()
        if self.tracing and self.called_so_far == self.first + 5:
            jax.block_until_ready(made)
            jax.profiler.stop_trace()
            self.tracing = False
