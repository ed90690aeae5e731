"""The loader yields what its source gives, in order, and ends cleanly."""

import threading
import time

import pytest

from dlcv.data.loader import prefetch


class Counting:
    """A source whose batches are slow and name their step."""

    def __init__(self, fails_at: int | None = None):
        self.fails_at, self.asked = fails_at, []

    def batch(self, seed, step, batch_size):
        self.asked.append(step)
        time.sleep(0.002 * (step % 3))
        if step == self.fails_at:
            raise OSError(f"step {step}")
        return {"label": (seed, step, batch_size)}


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("loader")]


@pytest.mark.parametrize(("ahead", "workers"), [(1, 1), (4, 2), (50, 3)])
def test_batches_come_in_order(ahead, workers):
    got = list(prefetch(Counting(), seed=1, batch_size=2, start=3, stop=20, ahead=ahead, workers=workers))
    assert [batch["label"] for batch in got] == [(1, step, 2) for step in range(3, 20)]
    assert not threads()


def test_an_exception_is_raised_at_its_step_and_threads_end():
    batches = prefetch(Counting(fails_at=5), seed=0, batch_size=1, start=0, stop=100)
    assert [next(batches)["label"][1] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(OSError, match="step 5"):
        next(batches)
    assert not threads()


def test_closing_early_reads_no_further():
    source = Counting()
    batches = prefetch(source, seed=0, batch_size=1, start=0, stop=1000, ahead=4)
    next(batches)
    batches.close()
    assert not threads()
    assert len(source.asked) <= 6
