"""Byte pairs over bytes: every text has tokens and comes back as it was; the files are GPT-2's.

Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.2; Sennrich, Haddow and Birch, "Neural Machine
Translation of Rare Words with Subword Units", 2016.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int32

from dlcv.disk import write_text
from dlcv.errors import Misuse

END = "<|endoftext|>"  # stands behind every document
VOCABULARY, MERGES = "vocab.json", "merges.txt"


@dataclass(frozen=True)
class ByteLevel:
    """Tokens are byte strings, written in GPT-2's alphabet of 256 printable characters; `tokens` lie by number."""

    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def end(self) -> int:
        """The number of the token behind every document."""
        return self._rules.token_to_id(END)

    @cached_property
    def _rules(self) -> Any:
        from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

        numbers = {token: number for number, token in enumerate(self.tokens)}
        rules = Tokenizer(models.BPE(vocab=numbers, merges=list(self.merges)))
        rules.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        rules.decoder = decoders.ByteLevel()
        rules.add_special_tokens([AddedToken(END)])
        return rules

    def encode(self, text: str) -> Int32[np.ndarray, "N"]:
        """The numbers of a text, without the token behind it."""
        return np.array(self._rules.encode(text, add_special_tokens=False).ids, np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text, its end tokens written out; bytes that are no UTF-8 become replacement characters."""
        return self._rules.decode([int(number) for number in numbers], skip_special_tokens=False)

    def written(self, number: int) -> str:
        """One token as it reads, for labels."""
        return self.decode([number])

    def save(self, folder: Path) -> None:
        """Writes vocab.json and merges.txt, the latter last: a folder that has it is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        numbers = {token: number for number, token in enumerate(self.tokens)}
        lines = ["#version: 0.2", *(" ".join(pair) for pair in self.merges)]
        for name, content in ((VOCABULARY, json.dumps(numbers, ensure_ascii=False)), (MERGES, "\n".join(lines) + "\n")):
            write_text(folder / name, content)


def learnt(texts: Iterable[str], size: int) -> ByteLevel:
    """Byte pairs learnt from texts: the end token, the 256 bytes and merges, `size` tokens in all (fewer where there are no more pairs)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    rules = Tokenizer(models.BPE())
    rules.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False, min_frequency=2
    )
    rules.train_from_iterator(texts, trainer)
    found = json.loads(rules.to_str())["model"]
    tokens = tuple(sorted(found["vocab"], key=found["vocab"].get))
    return ByteLevel(tokens, tuple(tuple(merge) for merge in found["merges"]))


def load(folder: Path) -> ByteLevel:
    """The tokeniser of a folder with vocab.json and merges.txt, ours or GPT-2's. Raises Misuse for files that are missing or others."""
    try:
        numbers = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        lines = (folder / MERGES).read_text(encoding="utf-8").split("\n")
        merges = tuple(tuple(line.split(" ")) for line in lines if line and not line.startswith("#version"))
        if (
            sorted(numbers.values()) != list(range(len(numbers)))
            or END not in numbers
            or {len(m) for m in merges} - {2}
        ):
            raise ValueError(f"numbers without gaps, {END} and pairs were expected")
        return ByteLevel(tuple(sorted(numbers, key=numbers.get)), merges)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Misuse(f"{folder}: expected GPT-2's {VOCABULARY} and {MERGES} ({error})") from error
