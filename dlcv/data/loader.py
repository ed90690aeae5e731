"""Host batches of a source that does not fit in memory, read ahead by threads."""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np


def prefetch(
    source: Any, *, seed: int, batch_size: int, start: int, stop: int, ahead: int = 4, workers: int = 2
) -> Iterator[Mapping[str, np.ndarray]]:
    """Yield `source.batch(seed, step, batch_size)` for steps start to stop - 1, up to `ahead` read in advance.

    What a step yields does not depend on `start`, `ahead` or `workers`. An exception of the source is raised at its
    step; closing the iterator drops what was read ahead and ends the threads.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="loader")
    pending: deque[Future] = deque()
    steps = iter(range(start, stop))
    try:
        for _ in range(start, stop):
            while len(pending) < max(ahead, 1) and (following := next(steps, None)) is not None:
                pending.append(pool.submit(source.batch, seed, following, batch_size))
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
