"""Text to numbers and back: by characters, by words with an unknown, by byte pairs."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from jaxtyping import Int32

from dlcv.disk import write_text
from dlcv.errors import Misuse, unknown
from dlcv.language.vocabulary import SPECIALS, Vocabulary, counted, of_tokens

SPACE = "▁"  # U+2581 marks in byte pairs where a word begins
WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
KINDS = ("character", "word", "byte_pair")


class Tokeniser(Protocol):
    """`decode` ends at END and leaves out padding and START; `encode` adds neither START nor END."""

    vocabulary: Vocabulary

    def encode(self, text: str) -> Int32[np.ndarray, "N"]: ...
    def decode(self, numbers: Iterable[int]) -> str: ...


@dataclass(frozen=True)
class Characters:
    """A character a token."""

    vocabulary: Vocabulary

    def encode(self, text: str) -> Int32[np.ndarray, "N"]:
        return self.vocabulary.encode(text)

    def decode(self, numbers: Iterable[int]) -> str:
        return "".join(self.vocabulary.decode(numbers))


@dataclass(frozen=True)
class Words:
    """A word or a punctuation mark a token; `decode` writes marks beside the word before them, opening ones before the next."""

    vocabulary: Vocabulary

    def encode(self, text: str) -> Int32[np.ndarray, "N"]:
        return self.vocabulary.encode(WORD.findall(text))

    def decode(self, numbers: Iterable[int]) -> str:
        text = " ".join(self.vocabulary.decode(numbers))
        return re.sub(r"([(\[¿¡]) ", r"\1", re.sub(r" ([.,;:!?)\]%])", r"\1", text))


@dataclass(frozen=True)
class BytePairs:
    """Pieces of words joined by byte-pair merges, in their order; `▁` begins a word, punctuation stands apart.

    Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016.
    """

    vocabulary: Vocabulary
    merges: tuple[tuple[str, str], ...]

    @cached_property
    def _rules(self) -> Any:
        from tokenizers import Tokenizer, models

        model = models.BPE(vocab=self.vocabulary.numbers, merges=list(self.merges), unk_token=SPECIALS[3])
        rules = Tokenizer(model)
        rules.pre_tokenizer = _words()
        return rules

    def encode(self, text: str) -> Int32[np.ndarray, "N"]:
        return np.array(self._rules.encode(text, add_special_tokens=False).ids, np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        return "".join(self.vocabulary.decode(numbers)).replace(SPACE, " ").strip()

    def save(self, path: Path) -> None:
        """Writes tokens and merges as JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({"tokens": self.vocabulary.tokens, "merges": self.merges}, ensure_ascii=False))


def _words() -> Any:
    """Where byte pairs never join: at the start of a word and around punctuation."""
    from tokenizers import pre_tokenizers

    return pre_tokenizers.Sequence([pre_tokenizers.Metaspace(replacement=SPACE), pre_tokenizers.Punctuation()])


def byte_pairs(texts: Iterable[str], size: int) -> BytePairs:
    """Byte pairs learnt from texts, `size` tokens in all (fewer where the texts have no more pairs)."""
    from tokenizers import Tokenizer, models, trainers

    rules = Tokenizer(models.BPE(unk_token=SPECIALS[3]))
    rules.pre_tokenizer = _words()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(SPECIALS), show_progress=False, min_frequency=2)
    rules.train_from_iterator(texts, trainer)
    found = json.loads(rules.to_str())["model"]
    tokens = sorted(found["vocab"], key=found["vocab"].get)
    return BytePairs(Vocabulary(tuple(tokens)), tuple(tuple(merge) for merge in found["merges"]))


def load_byte_pairs(path: Path) -> BytePairs:
    """What `BytePairs.save` wrote; raises Misuse for a file that is missing or holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return BytePairs(Vocabulary(tuple(content["tokens"])), tuple(tuple(merge) for merge in content["merges"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Misuse(f"byte-pair file {path}: expected JSON with tokens and merges ({error})") from error


def learnt(kind: str, texts: Sequence[str], size: int) -> Tokeniser:
    """A tokeniser of one of `KINDS` for these texts, of at most `size` tokens. Raises Misuse for another kind."""
    if kind == "character":
        return Characters(of_tokens(sorted(set().union(*texts))))
    if kind == "word":
        return Words(counted((word for text in texts for word in WORD.findall(text)), size))
    if kind == "byte_pair":
        return byte_pairs(texts, size)
    raise unknown("tokeniser", kind, KINDS)
