"""A corpus for masked language modelling: rows of consecutive sentences, or pairs that may follow each other.

`corpus`: prose and python are embedded; ptb, war_and_peace, reviews, captions and english (all four) are read from their published files,
imdb from a package; a path is a text file or a folder of .txt files. `texts` names the corpora to read where these are others than the one
that the vocabulary is learnt from. With `pairs` each row is a sentence and, in half of the rows, its true successor.
"""

from collections.abc import Sequence

import jax
import numpy as np

from dlcv.data.marked_rows import encoded, passages, reader, row_data, row_spec
from dlcv.data.marked_rows import pairs as paired
from dlcv.data.sentences import sentences
from dlcv.data.source import Data, Spec


def spec(
    *,
    corpus: str = "prose",
    tokeniser: str = "byte_pair",
    size: int = 2000,
    width: int = 64,
    pairs: bool = False,
    texts: Sequence[str] = (),
    limit: int | None = None,
) -> Spec:
    """At most `width` tokens a row; the tokeniser has `size` tokens and the mask, or is that of a checkpoint's folder."""
    del corpus, texts, limit
    more = (
        {"segments": jax.ShapeDtypeStruct((width,), np.int32), "next": jax.ShapeDtypeStruct((), np.int32)}
        if pairs
        else {}
    )
    return row_spec(tokeniser, size, width, **more)


def load(
    *, data_dir: str | None = None, corpus: str = "prose", tokeniser: str = "byte_pair", size: int = 2000, width: int = 64,
    pairs: bool = False, texts: Sequence[str] = (), limit: int | None = None,
) -> Data:  # fmt: skip
    """Train and valid, of each the first `limit` sentences. Raises Misuse for files that are missing or damaged."""
    chosen = spec(tokeniser=tokeniser, size=size, width=width, pairs=pairs)
    found, made = reader(tokeniser, corpus, size, data_dir), paired if pairs else passages
    read = {name: sentences(name, data_dir) for name in texts or (corpus,)}
    lines = {split: [line for part in read.values() for line in part.splits[split]] for split in ("train", "valid")}
    splits = {split: made(encoded(found, some[:limit]), width, found) for split, some in lines.items()}
    facts = {name: part.facts for name, part in read.items()} if texts else read[corpus].facts
    return row_data("passages", chosen, found, splits, {"corpus": corpus, **facts})
