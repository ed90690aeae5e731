"""A stream of tokens read as independent windows in a fresh order every epoch, for models that carry no state from batch to batch.

Options: of={"name": "shakespeare", "length": 128} and what else that set takes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.source import Data, HostWindows, Spec, Stream, Windows
from dlcv.errors import Misuse


def spec(*, of: Mapping[str, Any]) -> Spec:
    """As of the stream: rows of `length` + 1 tokens. Raises Misuse for a set that is no stream of tokens."""
    found = sets.spec(of)
    if set(found.example) != {"tokens"}:
        raise Misuse(f"data set 'windows' takes streams of tokens, such as shakespeare, which {of['name']!r} is not")
    return found


def load(*, data_dir: str | None = None, of: Mapping[str, Any]) -> Data:
    """The stream's splits; the held-out ones are read from end to end as they are. Raises Misuse for a text shorter than two windows."""
    spec(of=of)
    whole = sets.load(of, data_dir)
    stream = whole.train
    tokens = stream.arrays["tokens"]
    if len(tokens) < 2 * stream.length:
        raise Misuse(f"data set {of['name']!r} has {len(tokens)} tokens: windows of {stream.length} need twice as many")
    kind = HostWindows if isinstance(tokens, np.memmap) else Windows
    train = kind(stream.arrays, stream.length, name="windows")
    return replace(whole, train=train, splits={name: _whole(split) for name, split in whole.splits.items()})


def _whole(split: Stream) -> Stream:
    """A split in memory: what is held out is small beside what is trained on."""
    return replace(split, arrays={name: np.array(array, np.int32) for name, array in split.arrays.items()})
