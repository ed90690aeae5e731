"""Numbers in English words, against forms written by hand, and told apart."""

import pytest

from dlcv.errors import Misuse
from dlcv.language.numerals import cardinal, ordinal, ordinal_digits, year


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"), (13, "thirteen"), (40, "forty"), (99, "ninety-nine"), (100, "one hundred"), (4096, "four thousand and ninety-six"),
        (1998, "one thousand nine hundred and ninety-eight"), (10**6, "one million"), (20_000_007, "twenty million and seven"),
        (123_456_789, "one hundred and twenty-three million four hundred and fifty-six thousand seven hundred and eighty-nine"),
    ],
)  # fmt: skip
def test_cardinals(number, words):
    assert cardinal(number) == words


def test_ordinals_and_years():
    assert [ordinal(n) for n in (1, 2, 3, 5, 8, 12, 20, 21, 30)] == (
        ["first", "second", "third", "fifth", "eighth", "twelfth", "twentieth", "twenty-first", "thirtieth"]
    )
    assert [ordinal_digits(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 111)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "111th"]
    )
    found = [year(n) for n in (1900, 1905, 1998, 2000, 2009, 2010)]
    assert found == ["nineteen hundred", "nineteen oh five", "nineteen ninety-eight", "two thousand",
                     "two thousand and nine", "twenty ten"]  # fmt: skip


def test_different_numbers_have_different_words():
    assert len({cardinal(n) for n in range(5000)}) == 5000
    assert len({year(n) for n in range(1930, 2030)}) == 100
    for number in (-1, 10**12):
        with pytest.raises(Misuse, match="expected 0 to"):
            cardinal(number)
