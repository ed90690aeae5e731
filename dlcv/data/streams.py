"""Helpers that character streams share: a text and its vocabulary become Data, the last tenth held out."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Int32

from dlcv.data.source import Data, Spec, Stream
from dlcv.errors import Misuse

PRINTABLE = ("\n", *map(chr, range(32, 127)))
HELD_OUT = 0.1


def stream_spec(vocabulary: Sequence[str], length: int) -> Spec:
    """Rows of `length` + 1 tokens: inputs and their successors."""
    if not isinstance(length, int) or length < 1:
        raise Misuse(f"data.length={length!r}: expected a number of tokens, such as 64")
    return Spec({"tokens": jax.ShapeDtypeStruct((length + 1,), np.int32)}, {"vocabulary": tuple(vocabulary)})


def encode(text: str, vocabulary: Sequence[str]) -> Int32[np.ndarray, "N"]:
    """Places of the characters in the vocabulary; characters outside it are dropped."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    table = np.full(int(max(codes.max(initial=0), *map(ord, vocabulary))) + 1, -1, np.int32)
    table[[ord(character) for character in vocabulary]] = np.arange(len(vocabulary), dtype=np.int32)
    tokens = table[codes]
    return tokens[tokens >= 0]


def stream_data(name: str, text: str, spec: Spec, *, limit: int | None, facts: Mapping[str, Any]) -> Data:
    """Streams over the first nine tenths (train) and the last tenth (valid) of the first `limit` characters of a text.

    Facts gain the sha256 of the encoded corpus and how many characters lay outside the vocabulary. Raises Misuse for a
    text too short.
    """
    text = text[:limit]
    tokens = encode(text, spec.info["vocabulary"])
    length = spec.example["tokens"].shape[0] - 1
    edge = len(tokens) - int(len(tokens) * HELD_OUT)
    if len(tokens) - edge < length + 1:
        needed = int((length + 1) / HELD_OUT) + 1
        raise Misuse(f"data set {name!r} has {len(tokens)} characters: data.length={length} needs {needed} or more")
    counts = {"train": edge, "valid": len(tokens) - edge}
    digest = hashlib.sha256(tokens.tobytes()).hexdigest()
    return Data(
        train=Stream({"tokens": tokens[:edge]}, length),
        splits={"valid": Stream({"tokens": tokens[edge:]}, length)},
        facts={"data": name, "corpus_sha256": digest, "tokens": counts, "dropped": len(text) - len(tokens), **facts},
        info={**spec.info, "tokens": counts},
    )
