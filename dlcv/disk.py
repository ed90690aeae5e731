"""Files that are whole or absent, whoever else writes them, and the folder that keeps what is derived."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from dlcv.errors import Misuse


def cache_dir() -> Path:
    """Where prepared data, downloads and compiled programs are kept: the variable DLCV_CACHE, or ~/.cache/dlcv."""
    return Path(os.environ.get("DLCV_CACHE") or Path.home() / ".cache" / "dlcv")


@contextlib.contextmanager
def caching() -> Iterator[None]:
    """Around what is written into the cache. Raises Misuse where that fails."""
    try:
        yield
    except OSError as error:
        raise Misuse(
            f"the cache {cache_dir()} cannot be written ({error.strerror}): set DLCV_CACHE to a folder that can"
        ) from error


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write instead, of this writer alone; it becomes `path` at the end, so that of several writers the last one's file stays."""
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
