"""Sentences as rows of tokens that an encoder reads whole: [start] words [end] more words [end] padding."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax
import numpy as np

from dlcv.data.images import check
from dlcv.data.sentences import sentences
from dlcv.data.sequences import between, kept_byte_pairs
from dlcv.data.source import Data, Examples, Spec
from dlcv.data.treebank import Labelled
from dlcv.language.marked import Marked, plain, with_mask, wordpieces
from dlcv.language.tokenisers import learnt
from dlcv.language.vocabulary import END, PAD, START, UNK

KINDS = ("byte_pair", "word")


def row_spec(tokeniser: str, size: int, width: int, **more: Any) -> Spec:
    """`tokens` [width] with their number `length`, and `more` leaves; the info tells the vocabulary's rows and its marks.

    `tokeniser` is one of `KINDS`, of `size` tokens and the mask, or the folder of a checkpoint that brings its own.
    """
    between("width", width, 4, 4096)
    if tokeniser in KINDS or not Path(tokeniser).is_dir():
        check("tokeniser (nor is it a folder)", tokeniser, KINDS)
        between("size", size, 10, 100_000)
        info = {"size": size + 1, "marks": (PAD, START, END, UNK, size)}
    else:
        found = wordpieces(tokeniser)
        info = {"size": found.size, "marks": tuple(found.marks)}
    example = {"tokens": jax.ShapeDtypeStruct((width,), np.int32), "length": jax.ShapeDtypeStruct((), np.int32)}
    return Spec({**example, **more}, info)


@lru_cache(maxsize=4)
def reader(tokeniser: str, corpus: str, size: int, data_dir: str | None) -> Marked:
    """The tokeniser learnt from the training text of a corpus (byte pairs are kept in the cache), or that of a folder."""
    if tokeniser not in KINDS:
        return wordpieces(tokeniser)
    texts = sentences(corpus, data_dir).splits["train"]
    if tokeniser == "word":
        return with_mask(learnt("word", texts, size), size)
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return with_mask(kept_byte_pairs(f"sentences-{Path(corpus).name}", [size, digest], texts, size), size)


def encoded(found: Marked, texts: Sequence[str]) -> list[np.ndarray]:
    """The tokens of each text, without marks."""
    return [found.encode(text) for text in texts]


def passages(rows: Sequence[np.ndarray], width: int, found: Marked) -> dict[str, np.ndarray]:
    """Consecutive sentences, each closed by its end, as many as fit a row; a longer one is cut."""
    made, row = [], [found.marks.start]
    for tokens in rows:
        sentence = [*tokens[: width - 2], found.marks.end]
        if len(row) + len(sentence) > width:
            made.append(row)
            row = [found.marks.start]
        row = [*row, *sentence]
    return filled([*made, row], width, found.marks.pad)


def pairs(rows: Sequence[np.ndarray], width: int, found: Marked, seed: int = 0) -> dict[str, np.ndarray]:
    """Each sentence but the last with its successor (`next` 0) or, for half of them, with another at random (1); `segments` 0 and 1.

    A random one is never the successor itself. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
    Understanding", 2019, section 3.1, task 2.
    """
    rng, count, half = np.random.Generator(np.random.Philox(seed)), len(rows) - 1, (width - 3) // 2
    apart = rng.random(count) < 0.5
    moved = (np.arange(count) + 1 + rng.integers(1, max(count, 2), count)) % (
        count + 1
    )  # 1 to count - 1 beyond the successor
    second = np.where(apart, moved, np.arange(count) + 1)
    made, segments = [], np.zeros((count, width), np.int32)
    for place in range(count):
        first = [found.marks.start, *rows[place][:half], found.marks.end]
        made.append([*first, *rows[second[place]][:half], found.marks.end])
        segments[place, len(first) : len(made[-1])] = 1
    return {**filled(made, width, found.marks.pad), "segments": segments, "next": apart.astype(np.int32)}


def single(rows: Sequence[np.ndarray], width: int, found: Marked) -> dict[str, np.ndarray]:
    """A sentence a row, cut where it is too long."""
    return filled([[found.marks.start, *row[: width - 2], found.marks.end] for row in rows], width, found.marks.pad)


def filled(rows: Sequence[Sequence[int]], width: int, pad: int) -> dict[str, np.ndarray]:
    """Rows padded to the width, and their lengths."""
    table = np.full((len(rows), width), pad, np.int32)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return {"tokens": table, "length": np.array([len(row) for row in rows], np.int32)}


def row_data(
    name: str, spec: Spec, found: Marked, splits: Mapping[str, Mapping[str, np.ndarray]], facts: Mapping[str, Any]
) -> Data:
    """Data of rows; the info holds the tokeniser as `reader`."""
    sources = {split: Examples(columns, name) for split, columns in splits.items()}
    examples = {split: len(source) for split, source in sources.items()}
    return Data(
        train=sources.pop("train"), splits=sources, facts={"data": name, "examples": examples, "vocabulary": len(found.tokens), **facts},
        info={**spec.info, "examples": examples, "reader": found},
    )  # fmt: skip


def labelled_set(
    name: str, classes: Sequence[str], read: Callable[[str | None], tuple[Mapping[str, Any], Mapping[str, Labelled]]], *, corpus: str,
    size: int = 8000, width: int = 64,
) -> tuple[Callable[..., Spec], Callable[..., Data]]:  # fmt: skip
    """`spec` and `load` of a set of labelled sentences: `read`(data_dir) gives its facts and splits, the rest are its defaults."""

    def spec(
        *, tokeniser: str = "byte_pair", corpus: str = corpus, size: int = size, width: int = width, labelled: int | None = None,
    ) -> Spec:  # fmt: skip
        """A sentence of at most `width` tokens and its `label`; the tokeniser is that of `passages` on the corpus."""
        del corpus, labelled
        found = row_spec(tokeniser, size, width, label=jax.ShapeDtypeStruct((), np.int32))
        return found._replace(info={**found.info, "classes": tuple(classes)})

    def load(
        *, data_dir: str | None = None, tokeniser: str = "byte_pair", corpus: str = corpus, size: int = size, width: int = width,
        labelled: int | None = None,
    ) -> Data:  # fmt: skip
        """With `labelled` the first so many of each class train. Raises Misuse where a class has fewer, and for missing or damaged files."""
        facts, splits = read(data_dir)
        found, columns = reader(tokeniser, corpus, size, data_dir), {}
        for split, (texts, labels) in splits.items():
            rows = single(encoded(found, [plain(text) for text in texts]), width, found)
            columns[split] = {**rows, "label": np.array(labels, np.int32)}
        if labelled is not None:
            columns["train"] = few_of_each(columns["train"], labelled, len(classes))
        return row_data(name, spec(tokeniser=tokeniser, size=size, width=width), found, columns, facts)

    return spec, load


def few_of_each(columns: Mapping[str, np.ndarray], labelled: int, classes: int) -> dict[str, np.ndarray]:
    """The first `labelled` rows of each class, in their order. Raises Misuse where a class has fewer."""
    label = columns["label"]
    between("labelled", labelled, 1, int(np.bincount(label, minlength=classes).min()))
    rows = np.sort(np.concatenate([np.flatnonzero(label == number)[:labelled] for number in range(classes)]))
    return {key: column[rows] for key, column in columns.items()}
