"""Helper of word streams: sentences, each closed by END, become one long row of tokens a split."""

from collections.abc import Iterable, Sequence
from itertools import chain

import jax
import numpy as np
from jaxtyping import Int32

from dlcv.data.source import Data, Spec, Stream
from dlcv.data.word_corpora import Corpus
from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, SPECIALS, Vocabulary


def word_spec(size: int, length: int, vocabulary: Sequence[str] | None = None) -> Spec:
    """Rows of `length` + 1 words of a vocabulary of `size`; its words where they are known without the data."""
    if not isinstance(length, int) or length < 1:
        raise Misuse(f"data.length={length!r}: expected a number of words, such as 35")
    info = {"size": size, "separator": " "} | ({"vocabulary": tuple(vocabulary)} if vocabulary else {})
    return Spec({"tokens": jax.ShapeDtypeStruct((length + 1,), np.int32)}, info)


def stream(sentences: Iterable[Sequence[str]], vocabulary: Vocabulary) -> Int32[np.ndarray, "N"]:
    """The sentences' words, END behind each of them."""
    return vocabulary.encode(chain.from_iterable((*sentence, SPECIALS[END]) for sentence in sentences))


def word_data(name: str, found: Corpus, spec: Spec, vocabulary: Vocabulary) -> Data:
    """A stream a split; facts tell the words of each and the share outside the vocabulary."""
    tokens = {split: stream(sentences, vocabulary) for split, sentences in found.splits.items()}
    length = spec.example["tokens"].shape[0] - 1
    for split, row in tokens.items():
        if len(row) < length + 1:
            raise Misuse(f"data set {name!r}, {split}, has {len(row)} words: data.length={length} needs {length + 1}")
    sources = {split: Stream({"tokens": row}, length) for split, row in tokens.items()}
    counts = {split: len(row) for split, row in tokens.items()}
    return Data(
        train=sources.pop("train"), splits=sources,
        facts={"data": name, "tokens": counts, "vocabulary": len(vocabulary), **found.facts},
        info={**spec.info, "vocabulary": vocabulary.tokens, "tokens": counts},
    )  # fmt: skip
