"""Numbers of tokens, their order by frequency, padding."""

import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, PAD, SPECIALS, START, UNK, Vocabulary, counted, of_tokens, padded

WORDS = ["b", "a", "c", "a", "b", "a", "<unk>", "d", "<unk>", "<unk>", "<unk>"]


def test_tokens_come_back_and_strangers_are_unknown():
    vocabulary = of_tokens("abc")
    assert vocabulary.tokens == (*SPECIALS, "a", "b", "c") and len(vocabulary) == 7
    numbers = vocabulary.encode("cab?")
    assert numbers.dtype == np.int32 and numbers.tolist() == [6, 4, 5, UNK]
    assert vocabulary.decode([START, *numbers, PAD, END, 4]) == ["c", "a", "b", "<unk>"]


def test_the_most_frequent_come_first_and_equals_by_name():
    assert counted(WORDS).tokens[4:] == ("a", "b", "c", "d")  # the file's own <unk> is UNK, not a word
    assert counted(WORDS, minimum=2).tokens[4:] == ("a", "b")
    assert counted(WORDS, size=5).tokens[4:] == ("a",)
    assert counted(WORDS).encode(["<unk>"]).tolist() == [UNK]


def test_what_is_no_vocabulary_is_refused():
    for tokens in (("a", "b"), (*SPECIALS, "a", "a")):
        with pytest.raises(Misuse, match="distinct tokens"):
            Vocabulary(tokens)


def test_rows_are_padded_at_their_end():
    table, lengths = padded([[4, 5], [], [6, 7, 8]])
    assert table.tolist() == [[4, 5, PAD], [PAD] * 3, [6, 7, 8]] and lengths.tolist() == [2, 0, 3]
    assert padded([[4]], width=3)[0].tolist() == [[4, PAD, PAD]]
    with pytest.raises(Misuse, match="3 tokens does not fit the width 2"):
        padded([[4, 5, 6]], width=2)
