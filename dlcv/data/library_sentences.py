"""Which package of Python's standard library a sentence of its docstrings comes from: eight packages, embedded, no download.

About 3,300 sentences train, a fifth are `valid`; those that several of the packages have are left out. They differ between Python versions:
`Data.facts` holds the version.
"""

import platform
from collections import Counter

from dlcv.data.docstrings import docstrings, held_out
from dlcv.data.marked_rows import labelled_data, labelled_spec
from dlcv.data.source import Data, Spec
from dlcv.data.treebank import Labelled

CLASSES = ("asyncio", "email", "http", "importlib", "logging", "typing", "unittest", "xml")


def spec(
    *,
    tokeniser: str = "byte_pair",
    corpus: str = "python",
    size: int = 2000,
    width: int = 48,
    labelled: int | None = None,
) -> Spec:
    """A sentence of at most `width` tokens and its package; the tokeniser is that of `passages` on the corpus."""
    del corpus, labelled
    return labelled_spec(tokeniser, size, width, CLASSES)


def load(
    *, data_dir: str | None = None, tokeniser: str = "byte_pair", corpus: str = "python", size: int = 2000, width: int = 48,
    labelled: int | None = None,
) -> Data:  # fmt: skip
    """With `labelled` the first so many of each package train. What is `valid` here is in no training text of the corpus "python"."""
    by_package = [docstrings(package) for package in CLASSES]
    known = Counter(sentence for sentences in by_package for sentence in sentences)
    rows = [(text, label) for label, texts in enumerate(by_package) for text in texts if known[text] == 1]
    splits = {}
    for split in ("train", "valid"):
        here = [row for row in rows if held_out(row[0]) == (split == "valid")]
        splits[split] = Labelled(tuple(text for text, _ in here), tuple(label for _, label in here))
    chosen = spec(tokeniser=tokeniser, size=size, width=width)
    facts = {"python": platform.python_version()}
    return labelled_data("library_sentences", chosen, splits, (tokeniser, corpus, size, data_dir), facts, labelled)
