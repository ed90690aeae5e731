"""A closed list of tokens, characters or words: what is not in it is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int32

from dlcv.errors import Misuse


@dataclass(frozen=True)
class Alphabet:
    """`tokens` by number; between words stands a `separator`, between characters nothing."""

    tokens: tuple[str, ...]
    separator: str = ""

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    def encode(self, text: str) -> Int32[np.ndarray, "N"]:
        """The numbers of a text; raises Misuse for tokens that are not in the list."""
        parts = text.split(self.separator) if self.separator else list(text)
        if unknown := sorted(set(parts) - set(self._numbers)):
            raise Misuse(f"a prefix or text has tokens outside the vocabulary: {self.separator.join(unknown)!r}")
        return np.array([self._numbers[part] for part in parts], np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of some numbers."""
        return self.separator.join(self.tokens[number] for number in numbers)

    def written(self, number: int) -> str:
        """One token as it reads, for labels."""
        return self.tokens[number]
