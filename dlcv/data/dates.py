"""Dates as people write them, from 30/4/57 to whole sentences, and their ISO form; characters, generated, without download.

Days of the years 1930 to 2029; those of valid occur nowhere in train. Dots and slashes stand for day.month.year and month/day/year.
"""

import string
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from dlcv.data.sequences import Texts, between, sequence_data, sequence_spec
from dlcv.data.source import Data, Spec
from dlcv.language.numerals import cardinal, ordinal, ordinal_digits, year
from dlcv.language.tokenisers import Characters
from dlcv.language.vocabulary import of_tokens

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d.month}/{d.day}/{d.year}",
    lambda d: f"{d:%m/%d/%y}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day} {MONTHS[d.month - 1][:3].lower()} {d:%y}",
    lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{MONTHS[d.month - 1][:3]}. {d.day}, {d.year}",
    lambda d: f"{ordinal_digits(d.day)} of {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()][:3]} {d.day} {MONTHS[d.month - 1][:3]} {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()]}, {MONTHS[d.month - 1]} {ordinal_digits(d.day)}, {d.year}",
)
LONG: tuple[Callable[[date], str], ...] = (
    lambda d: f"the {ordinal(d.day)} of {MONTHS[d.month - 1]}, {year(d.year)}",
    lambda d: f"{WEEKDAYS[d.weekday()]}, the {ordinal(d.day)} of {MONTHS[d.month - 1]} in {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()]}, {MONTHS[d.month - 1]} the {ordinal(d.day)}, {year(d.year)}",
    lambda d: f"the {ordinal(d.day)} day of the {ordinal(d.month)} month of {d.year}",
    lambda d: f"the {ordinal(d.day)} day of {MONTHS[d.month - 1]} in the year {cardinal(d.year)}",
)
BEFORE = ("on ", "dated ", "it was on ", "moved to ", "we begin on ")
AFTER = ("", " at noon", " in the evening", ", before nine", ", if it rains")
SOURCE = Characters(of_tokens(sorted(string.ascii_letters + string.digits + " ,./-")))
TARGET = Characters(of_tokens("-0123456789"))
WIDTHS = (120, 11)
FIRST, DAYS, HELD_OUT = date(1930, 1, 1), 36525, 2000


def spec(*, train: int = 20_000, valid: int = 1000, buckets: tuple[int, ...] = (32, 72)) -> Spec:
    """Characters: a source of at most 120, a target of 11 with its END."""
    del buckets
    between("train", train, 1, 10**6)
    between("valid", valid, 1, 20_000)
    return sequence_spec(*WIDTHS, len(SOURCE.vocabulary), len(TARGET.vocabulary))


def load(
    *, data_dir: str | None = None, train: int = 20_000, valid: int = 1000, buckets: tuple[int, ...] = (32, 72)
) -> Data:
    """`train` and `valid` pairs, drawn anew from disjoint days. Reads no file."""
    del data_dir
    days = np.random.Generator(np.random.Philox(0)).permutation(DAYS)
    splits = {"train": _pairs(1, train, days[HELD_OUT:]), "valid": _pairs(2, valid, days[:HELD_OUT])}
    return sequence_data("dates", spec(train=train, valid=valid), splits, SOURCE, TARGET, buckets=buckets)


def _pairs(seed: int, count: int, days: np.ndarray) -> Texts:
    rng = np.random.Generator(np.random.Philox(seed))
    chosen = [FIRST + timedelta(days=int(day)) for day in rng.choice(days, count)]
    return Texts([written(day, rng) for day in chosen], [day.isoformat() for day in chosen])


def written(day: date, rng: np.random.Generator) -> str:
    """The day in a form drawn at random, half of them long, half of those inside a sentence."""
    if rng.random() < 0.5:
        return SHORT[rng.integers(len(SHORT))](day)
    text = LONG[rng.integers(len(LONG))](day)
    if rng.random() < 0.5:
        text = BEFORE[rng.integers(len(BEFORE))] + text + AFTER[rng.integers(len(AFTER))]
    return text
