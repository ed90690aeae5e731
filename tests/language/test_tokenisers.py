"""Text comes back from its numbers; what was never seen becomes the unknown; byte pairs follow their merges."""

import pytest

from dlcv.errors import Misuse
from dlcv.language.tokenisers import BytePairs, byte_pairs, learnt, load_byte_pairs
from dlcv.language.vocabulary import END, PAD, START, UNK, of_tokens

TEXTS = ("Zwei junge Männer, im Freien.", "Ein Mann im Freien (lächelt)!", "Männer im Haus; Männer im Freien?")


@pytest.mark.parametrize("kind", ["character", "word", "byte_pair"])
def test_text_comes_back_from_its_numbers(kind):
    tokeniser = learnt(kind, TEXTS, 120)
    for text in TEXTS:
        numbers = tokeniser.encode(text)
        assert numbers.min() > UNK
        assert tokeniser.decode([START, *numbers, END, 9, PAD]) == text
    assert UNK in tokeniser.encode("漢")


def test_byte_pairs_by_hand():
    """Merges in their order: l o -> lo, lo w -> low, and ▁ joined last."""
    vocabulary = of_tokens(["▁", "l", "o", "w", "e", "lo", "low", "▁low"])
    pairs = BytePairs(vocabulary, (("l", "o"), ("lo", "w"), ("▁", "low")))
    assert [vocabulary.tokens[n] for n in pairs.encode("low lowe owl")] == [
        "▁low", "▁low", "e", "▁", "o", "w", "l",
    ]  # fmt: skip


def test_frequent_words_become_one_token_and_the_size_is_kept():
    pairs = byte_pairs(TEXTS * 3, 60)
    assert len(pairs.vocabulary) == 60
    assert [pairs.vocabulary.tokens[n] for n in pairs.encode("im Freien.")] == ["▁im", "▁Freien", "."]


def test_byte_pairs_are_the_same_after_a_file(tmp_path):
    pairs = byte_pairs(TEXTS, 70)
    pairs.save(tmp_path / "de.json")
    again = load_byte_pairs(tmp_path / "de.json")
    assert again == pairs and again.encode(TEXTS[0]).tolist() == pairs.encode(TEXTS[0]).tolist()
    (tmp_path / "de.json").write_text("[]")
    with pytest.raises(Misuse, match="expected JSON with tokens and merges"):
        load_byte_pairs(tmp_path / "de.json")


def test_an_unknown_kind_is_refused():
    with pytest.raises(Misuse, match="unknown tokeniser 'words'"):
        learnt("words", TEXTS, 10)
