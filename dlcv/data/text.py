"""A text file of the user's, one character a token: `path`."""

import hashlib
from pathlib import Path

from dlcv.data.source import Data, Spec
from dlcv.data.streams import stream_data, stream_spec
from dlcv.errors import Misuse


def spec(*, path: str, length: int = 64, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 tokens; the vocabulary is every character of the first `limit` of the file, sorted."""
    return stream_spec(tuple(sorted(set(_read(path)[:limit]))), length)


def load(*, data_dir: str | None = None, path: str, length: int = 64, limit: int | None = None) -> Data:
    """The last tenth is held out; raises Misuse for a file that is missing, no UTF-8 text, or too short."""
    del data_dir
    text = _read(path)
    facts = {"sha256": {Path(path).name: hashlib.sha256(text.encode()).hexdigest()}}
    return stream_data("text", text, spec(path=path, length=length, limit=limit), limit=limit, facts=facts)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Misuse(f"data.path={path!r} is no UTF-8 text: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise Misuse(f"data.path={path!r} cannot be read: {error.strerror}; expected a text file") from error
