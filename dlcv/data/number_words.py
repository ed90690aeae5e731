"""Numbers in digits and in English words, 4096 and "four thousand and ninety-six"; characters, generated, without download.

Numbers of 1 to `digits` digits, as many of each length as there are; those of valid occur nowhere in train.
"""

import string

import numpy as np

from dlcv.data.images import check
from dlcv.data.sequences import Texts, between, sequence_data, sequence_spec
from dlcv.data.source import Data, Spec
from dlcv.language.numerals import cardinal
from dlcv.language.tokenisers import Characters
from dlcv.language.vocabulary import of_tokens

DIGITS = Characters(of_tokens(string.digits))
WORDS = Characters(of_tokens(" -" + string.ascii_lowercase))
DIRECTIONS = ("to_words", "to_digits")
# Characters of the longest number of so many digits, with END.
LONGEST = {
    digits: max(len(cardinal(int(("373" * 4)[-digits:]))), len(cardinal(int("7" * digits)))) + 1
    for digits in range(1, 13)
}


def spec(
    *,
    digits: int = 6,
    direction: str = "to_words",
    train: int = 20_000,
    valid: int = 1000,
    buckets: tuple[int, ...] = (),
) -> Spec:
    """Characters, each side closed by END."""
    del train, valid, buckets
    between("digits", digits, 1, 12)
    check("direction", direction, DIRECTIONS)
    widths, sizes = (digits + 1, LONGEST[digits]), (len(DIGITS.vocabulary), len(WORDS.vocabulary))
    return sequence_spec(*widths, *sizes) if direction == "to_words" else sequence_spec(*widths[::-1], *sizes[::-1])


def load(
    *, data_dir: str | None = None, digits: int = 6, direction: str = "to_words", train: int = 20_000, valid: int = 1000,
    buckets: tuple[int, ...] = (),
) -> Data:  # fmt: skip
    """At most `train` and `valid` pairs of distinct numbers; few digits have fewer numbers. Reads no file."""
    del data_dir
    chosen = spec(digits=digits, direction=direction)
    rng = np.random.Generator(np.random.Philox(0))
    highest = 10 ** rng.integers(1, digits + 1, size=4 * (train + valid))
    numbers = rng.permutation(np.unique((rng.random(len(highest)) * highest).astype(np.int64)))
    held_out = min(valid, max(1, len(numbers) // 5))
    rows = {"train": numbers[held_out : held_out + train], "valid": numbers[:held_out]}
    splits = {}
    for split, drawn in rows.items():
        sides = [str(n) for n in drawn], [cardinal(int(n)) for n in drawn]
        splits[split] = Texts(*(sides if direction == "to_words" else sides[::-1]))
    tokenisers = (DIGITS, WORDS) if direction == "to_words" else (WORDS, DIGITS)
    return sequence_data("number_words", chosen, splits, *tokenisers, buckets=buckets)
