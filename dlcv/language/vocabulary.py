"""Tokens and their numbers; the first four stand for padding, start, end and the unknown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int32

from dlcv.errors import Misuse

PAD, START, END, UNK = range(4)
SPECIALS = ("<pad>", "<s>", "</s>", "<unk>")


@dataclass(frozen=True)
class Vocabulary:
    """Distinct tokens, number by number, the four of `SPECIALS` first; raises Misuse for others."""

    tokens: tuple[str, ...]

    def __post_init__(self):
        if self.tokens[: len(SPECIALS)] != SPECIALS or len(set(self.tokens)) < len(self.tokens):
            raise Misuse(f"a vocabulary holds distinct tokens and begins with {' '.join(SPECIALS)}")

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each token."""
        return {token: number for number, token in enumerate(self.tokens)}

    def encode(self, tokens: Iterable[str]) -> Int32[np.ndarray, "N"]:
        """The tokens' numbers, UNK for those outside."""
        return np.array([self.numbers.get(token, UNK) for token in tokens], np.int32)

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens before the first END, without padding and START."""
        tokens = []
        for number in numbers:
            if number == END:
                break
            if number not in (PAD, START):
                tokens.append(self.tokens[number])
        return tokens


def of_tokens(tokens: Iterable[str]) -> Vocabulary:
    """The special tokens, then the given ones in their order; a special one among them keeps its own number."""
    return Vocabulary(SPECIALS + tuple(token for token in tokens if token not in SPECIALS))


def counted(tokens: Iterable[str], size: int | None = None, minimum: int = 1) -> Vocabulary:
    """The tokens that occur at least `minimum` times, the most frequent first (equals by name), at most `size` with the special ones."""
    counts = Counter(tokens)
    for special in SPECIALS:
        counts.pop(special, None)
    ordered = sorted((token for token in counts if counts[token] >= minimum), key=lambda token: (-counts[token], token))
    return of_tokens(ordered[: None if size is None else max(size - len(SPECIALS), 0)])


def padded(
    rows: Sequence[Sequence[int]], width: int | None = None
) -> tuple[Int32[np.ndarray, "N T"], Int32[np.ndarray, "N"]]:
    """Rows of numbers as one array padded with PAD to `width` (of the longest when not given), and their lengths.

    Raises Misuse for a row that is longer than `width`.
    """
    lengths = np.array([len(row) for row in rows], np.int32)
    longest = int(lengths.max(initial=0))
    if width is not None and longest > width:
        raise Misuse(f"a row of {longest} tokens does not fit the width {width}: cut it, or give a larger width")
    table = np.full((len(rows), longest if width is None else width), PAD, np.int32)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table, lengths
