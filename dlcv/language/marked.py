"""Tokenisers for encoders that read a text both ways: our own with a mask, and WordPiece as a BERT checkpoint brings it along."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int32

from dlcv.errors import Misuse
from dlcv.language.tokenisers import SPACE, WORD, BytePairs, Tokeniser
from dlcv.language.vocabulary import END, PAD, START, UNK

MASK = "<mask>"
PIECE = "##"  # goes on within a word
NAMES = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")


def plain(text: str) -> str:
    """A text as these tokenisers are given it: words in small letters with a space between, marks beside the word before them."""
    return re.sub(r" (?=[^\w\s])", "", " ".join(WORD.findall(text.lower())))


class Marks(NamedTuple):
    """The numbers of the tokens that are no words; `start` is BERT's [CLS], `end` its [SEP]."""

    pad: int
    start: int
    end: int
    unknown: int
    mask: int


@dataclass(frozen=True)
class Marked:
    """A tokeniser, `size` rows of its vocabulary, the marks among them and how tokens are written side by side."""

    tokens: tuple[str, ...]
    size: int
    marks: Marks
    encode: Callable[[str], Int32[np.ndarray, "N"]]
    joined: Callable[[Sequence[str]], str]

    def labels(self, numbers: Sequence[int]) -> list[str]:
        """The token of each number; rows of the vocabulary that nothing was learnt for have none."""
        named = {self.marks.mask: MASK}
        return [named.get(int(number)) or self.tokens[number] for number in numbers]


def with_mask(tokeniser: Tokeniser, size: int) -> Marked:
    """One of our tokenisers, of at most `size` tokens, with the mask as token `size`. Raises Misuse where it has more."""
    tokens = tokeniser.vocabulary.tokens
    if len(tokens) > size:
        raise Misuse(f"the vocabulary has {len(tokens)} tokens: expected at most {size}")

    def joined(labels: Sequence[str]) -> str:
        if isinstance(tokeniser, BytePairs):
            return "".join(labels).replace(SPACE, " ").strip()
        return " ".join(labels)

    return Marked(tokens, size + 1, Marks(PAD, START, END, UNK, size), tokeniser.encode, joined)


def wordpieces(folder: str | Path) -> Marked:
    """The tokeniser of a checkpoint's folder: tokenizer.json, or BERT's vocab.txt (lower-cased unless tokenizer_config.json says no).

    Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1. Raises Misuse where the folder has neither, or lacks a mark.
    """
    rules = _rules(Path(folder))
    table = rules.get_vocab(with_added_tokens=True)
    if lacking := [name for name in NAMES if name not in table]:
        raise Misuse(f"the tokeniser in {folder} has no {lacking[0]}: expected one of a BERT checkpoint")
    size = max(table.values()) + 1
    tokens = [""] * size
    for token, number in table.items():
        tokens[number] = token

    def encode(text: str) -> Int32[np.ndarray, "N"]:
        return np.array(rules.encode(text, add_special_tokens=False).ids, np.int32)

    def joined(labels: Sequence[str]) -> str:
        return " ".join(labels).replace(f" {PIECE}", "")

    return Marked(tuple(tokens), size, Marks(*(table[name] for name in NAMES)), encode, joined)


def _rules(folder: Path) -> Any:
    from tokenizers import BertWordPieceTokenizer, Tokenizer

    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "vocab.txt").is_file():
            said = folder / "tokenizer_config.json"
            lower = json.loads(said.read_text()).get("do_lower_case", True) if said.is_file() else True
            return BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=lower)
    except Exception as problem:  # the library raises Exception itself
        raise Misuse(f"the tokeniser in {folder} cannot be read: {str(problem).splitlines()[0]}") from None
    raise Misuse(f"{folder} has no tokeniser: expected tokenizer.json or vocab.txt")
