"""The reader of published texts: a plain or gzipped UTF-8 file, verified, becomes character streams."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcv.data.files import File, Form, find
from dlcv.data.source import Data, Spec
from dlcv.data.streams import stream_data


def forms(published: File, packed: File) -> tuple[Form, Form]:
    """A text as published, in the folder of its set, or gzipped among others in the folder char_text."""
    return Form((published,), _read), Form((packed,), _read, "char_text")


def corpus(name: str, forms: Sequence[Form], spec: Spec, data_dir: str | None, limit: int | None) -> Data:
    """Data of a published text; raises Misuse for a missing or damaged file."""
    found = find(name, forms, data_dir)
    return stream_data(name, found.read(), spec, limit=limit, facts={"sha256": found.sha256})


def _read(paths: Mapping[str, Path]) -> str:
    (path,) = paths.values()
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
