"""A corpus for masked language modelling: rows of consecutive sentences, or pairs that may follow each other.

`corpus`: prose and python are embedded; ptb, war_and_peace, reviews, captions and english (all four) are read from their published files; a
path is a text file or a folder of .txt files. With `pairs` each row is a sentence and, in half of the rows, its true successor.
"""

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
    limit: int | None = None,
) -> Spec:
    """At most `width` tokens a row; the tokeniser has `size` tokens and the mask, or is that of a checkpoint's folder."""
    del corpus, limit
    more = (
        {"segments": jax.ShapeDtypeStruct((width,), np.int32), "next": jax.ShapeDtypeStruct((), np.int32)}
        if pairs
        else {}
    )
    return row_spec(tokeniser, size, width, **more)


def load(
    *, data_dir: str | None = None, corpus: str = "prose", tokeniser: str = "byte_pair", size: int = 2000, width: int = 64,
    pairs: bool = False, limit: int | None = None,
) -> Data:  # fmt: skip
    """Train and valid, of each the first `limit` sentences. Raises Misuse for files that are missing or damaged."""
    chosen = spec(tokeniser=tokeniser, size=size, width=width, pairs=pairs)
    texts, found = sentences(corpus, data_dir), reader(tokeniser, corpus, size, data_dir)
    made = paired if pairs else passages
    splits = {split: made(encoded(found, lines[:limit]), width, found) for split, lines in texts.splits.items()}
    return row_data("passages", chosen, found, splits, {"corpus": corpus, **texts.facts})
