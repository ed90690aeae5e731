"""Helpers of byte-pair streams: a vocabulary that is learnt once and kept, texts that become one row of tokens a split."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from dlcv.data.sequences import between
from dlcv.data.source import Data, Spec, Stream
from dlcv.disk import cache_dir, caching
from dlcv.errors import Misuse
from dlcv.language import byte_level
from dlcv.language.byte_level import ByteLevel

LEAST, MOST = 257, 65_536  # the bytes and the end; what 16 bits hold


def token_spec(size: int, length: int) -> Spec:
    """Rows of `length` + 1 byte pairs of a vocabulary of `size`. Raises Misuse for numbers out of range."""
    between("size", size, LEAST, MOST)
    between("length", length, 1, 1 << 20)
    return Spec({"tokens": jax.ShapeDtypeStruct((length + 1,), np.int32)}, {"size": size})


def digest_of(*what: Any) -> str:
    """A name for the content that something was made of."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def kept(name: str, texts: Callable[[], Iterable[str]], size: int, digest: str) -> tuple[ByteLevel, Path]:
    """Byte pairs learnt once from texts and kept in the cache, and the folder there. Raises Misuse where that cannot be written."""
    folder = cache_dir() / "byte_level" / f"{name}-{size}-{digest}"
    if not (folder / byte_level.MERGES).exists():
        with caching():
            byte_level.learnt(texts(), size).save(folder)
    return byte_level.load(folder), folder


def token_data(
    name: str, tokeniser: ByteLevel, splits: Mapping[str, np.ndarray], spec: Spec, facts: Mapping[str, Any]
) -> Data:
    """Streams of every split's tokens. Raises Misuse for a vocabulary larger than the spec's and for a split shorter than a row."""
    if len(tokeniser) > spec.info["size"]:
        raise Misuse(f"the vocabulary has {len(tokeniser)} tokens: data.size={spec.info['size']} must be no smaller")
    length = spec.example["tokens"].shape[0] - 1
    for split, tokens in splits.items():
        if len(tokens) < length + 1:
            raise Misuse(
                f"data set {name!r}, {split}, has {len(tokens)} tokens: data.length={length} needs {length + 1}"
            )
    counts = {split: len(tokens) for split, tokens in splits.items()}
    streams = {split: Stream({"tokens": tokens}, length) for split, tokens in splits.items()}
    return Data(
        train=streams.pop("train"), splits=streams, facts={"data": name, "tokens": counts, "vocabulary": len(tokeniser), **facts},
        info={**spec.info, "tokeniser": tokeniser, "tokens": counts},
    )  # fmt: skip
