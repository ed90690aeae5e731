"""Helpers of sets of sequence pairs: `source` is what a model is given, `target` what it shall give, both closed by END."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from dlcv.data.buckets import Bucketed
from dlcv.data.source import Data, Examples, Spec
from dlcv.disk import cache_dir, caching
from dlcv.errors import Misuse
from dlcv.language.tokenisers import BytePairs, Tokeniser, byte_pairs, load_byte_pairs
from dlcv.language.vocabulary import END, padded


class Texts(NamedTuple):
    """Pairs of one split, line by line."""

    source: Sequence[str]
    target: Sequence[str]


def between(option: str, given: int, low: int, high: int) -> None:
    """Raises Misuse when a number lies outside low to high."""
    if not isinstance(given, int) or not low <= given <= high:
        raise Misuse(f"data.{option}={given!r}: expected a number from {low} to {high}")


def sequence_spec(
    source_width: int, target_width: int, source_size: int, target_size: int, joint: bool = False
) -> Spec:
    """Tokens padded to a width, with the lengths; the sizes are those of the vocabularies, which are one where `joint`."""
    number = jax.ShapeDtypeStruct((), np.int32)
    example = {
        "source": jax.ShapeDtypeStruct((source_width,), np.int32), "source_length": number,
        "target": jax.ShapeDtypeStruct((target_width,), np.int32), "target_length": number,
    }  # fmt: skip
    return Spec(example, {"source_size": source_size, "target_size": target_size, "joint": joint})


def sequence_data(
    name: str, spec: Spec, splits: Mapping[str, Texts], source: Tokeniser, target: Tokeniser, *, buckets: Sequence[int] = (),
    facts: Mapping[str, Any] = {},
) -> Data:  # fmt: skip
    """Data of text pairs: pairs that do not fit the widths leave `train` and are cut short in the other splits.

    `buckets` are the widths that train batches are padded to, beside the spec's own. The info holds both tokenisers and the texts of
    the other splits. Raises Misuse for a vocabulary larger than the spec's and for sides of unequal length.
    """
    for side, tokeniser in (("source", source), ("target", target)):
        if len(tokeniser.vocabulary) > spec.info[f"{side}_size"]:
            size, most = len(tokeniser.vocabulary), spec.info[f"{side}_size"]
            raise Misuse(f"the {side} vocabulary of data set {name!r} has {size} tokens: expected at most {most}")
    columns, left_out, cut = {}, 0, 0
    for split, texts in splits.items():
        if len(texts.source) != len(texts.target):
            raise Misuse(f"data set {name!r}, {split}: {len(texts.source)} source and {len(texts.target)} target lines")
        rows = [_closed(source, texts.source), _closed(target, texts.target)]
        widths = [spec.example[side].shape[0] for side in ("source", "target")]
        fits = [
            all(len(row) <= width for row, width in zip(pair, widths, strict=True)) for pair in zip(*rows, strict=True)
        ]
        if split == "train":
            rows = [[row for row, kept in zip(side, fits, strict=True) if kept] for side in rows]
            left_out = fits.count(False)
        else:
            cut += fits.count(False)
        columns[split] = _columns(rows, widths)
    if not len(columns["train"]["source"]):
        raise Misuse(f"data set {name!r}: no pair fits {widths[0]} source and {widths[1]} target tokens")
    examples = {split: len(found["source"]) for split, found in columns.items()}
    train = columns.pop("train")
    return Data(
        train=Bucketed(train, tuple(buckets), name), splits={split: Examples(c, name) for split, c in columns.items()},
        facts={"data": name, "examples": examples, "left_out": left_out, "cut": cut, **facts},
        info={
            **spec.info, "examples": examples, "source_tokeniser": source, "target_tokeniser": target,
            "texts": {split: texts for split, texts in splits.items() if split != "train"},
        },
    )  # fmt: skip


def kept_byte_pairs(name: str, key: Sequence[Any], texts: Sequence[str], size: int) -> BytePairs:
    """Byte pairs of texts, learnt once and kept in the cache under their `name` and a digest of all that decides them, the `key`.

    Raises Misuse where the cache cannot be written.
    """
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    file = cache_dir() / "byte_pairs" / f"{name}-{size}-{digest}.json"
    if file.exists():
        return load_byte_pairs(file)
    learnt = byte_pairs(texts, size)
    with caching():
        learnt.save(file)
    return learnt


def _closed(tokeniser: Tokeniser, texts: Sequence[str]) -> list[np.ndarray]:
    return [np.append(tokeniser.encode(text), np.int32(END)) for text in texts]


def _columns(rows: Sequence[Sequence[np.ndarray]], widths: Sequence[int]) -> dict[str, np.ndarray]:
    found = {}
    for side, lines, width in zip(("source", "target"), rows, widths, strict=True):
        found[side], found[f"{side}_length"] = padded([line[:width] for line in lines], width)
    return found
