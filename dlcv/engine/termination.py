"""SIGTERM as a flag that the loop looks at between two calls, or as the end of a study, whose cells are on disk."""

import signal
import threading
from contextlib import contextmanager


class Interrupted(SystemExit):
    """SIGTERM: the state is saved; the process may leave with code 0."""

    def __init__(self):
        super().__init__(0)


@contextmanager
def termination():
    """A flag that SIGTERM sets, so that the loop can save and leave between two calls."""
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return
    before = signal.signal(signal.SIGTERM, lambda *_: flag.set())
    try:
        yield flag
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def interruptible():
    """SIGTERM raises Interrupted at once: for work of which nothing is lost. A `termination` inside comes first."""

    def leave(*_):
        raise Interrupted

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
