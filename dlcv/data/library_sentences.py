"""Which package of Python's standard library a sentence of its docstrings comes from: eight packages, embedded, no download.

About 3,300 sentences train, a fifth are `valid`; those that several of the packages have are left out. They differ between Python versions:
`Data.facts` holds the version.
"""

import platform
from collections import Counter

from dlcv.data.docstrings import docstrings, held_out
from dlcv.data.marked_rows import labelled_set
from dlcv.data.treebank import Labelled

CLASSES = ("asyncio", "email", "http", "importlib", "logging", "typing", "unittest", "xml")


def _read(data_dir: str | None) -> tuple[dict[str, str], dict[str, Labelled]]:
    """What is `valid` here is in no training text of the corpus "python"."""
    del data_dir
    by_package = [docstrings(package) for package in CLASSES]
    known = Counter(sentence for sentences in by_package for sentence in sentences)
    rows = [(text, label) for label, texts in enumerate(by_package) for text in texts if known[text] == 1]
    splits = {}
    for split in ("train", "valid"):
        here = [row for row in rows if held_out(row[0]) == (split == "valid")]
        splits[split] = Labelled(tuple(text for text, _ in here), tuple(label for _, label in here))
    return {"python": platform.python_version()}, splits


spec, load = labelled_set("library_sentences", CLASSES, _read, corpus="python", size=2000, width=48)
