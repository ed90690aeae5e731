"""Nearest neighbours by sense: equal vectors can only guess, and the word is found where it stands."""

import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.language.marked import with_mask
from dlcv.language.tokenisers import learnt
from dlcv.studies.contextual_embeddings import occurring, same_sense

LABELS = np.array([0, 0, 0, 1, 1])


def test_equal_vectors_guess_and_separate_ones_know():
    share = np.mean([2 / 4, 2 / 4, 2 / 4, 1 / 4, 1 / 4])  # of the others, those with the same label
    assert same_sense(np.ones((5, 3)), LABELS) == pytest.approx(share)
    apart = np.eye(2)[LABELS] + 0.01 * np.random.default_rng(0).random((5, 2))
    assert same_sense(apart, LABELS) == 1.0
    assert same_sense(np.eye(5), np.arange(5)) == 0.0


def test_a_word_is_found_in_each_of_its_senses():
    texts = {
        "river": ["the bank of mud", "a bank", "no money"],
        "money": ["my bank", "the big bank lends", "the bank is rich"],
    }
    reader = with_mask(learnt("word", [line for lines in texts.values() for line in lines], 30), 30)
    rows, here, senses = occurring("bank", texts, reader, 2, 8)
    assert senses == ["river", "river", "money", "money"] and (here.sum(1) == 1).all()
    assert reader.labels(rows["tokens"][here]) == ["bank"] * 4
    with pytest.raises(Misuse, match="'river' has 'lends' less than twice"):
        occurring("lends", texts, reader, 2, 8)
