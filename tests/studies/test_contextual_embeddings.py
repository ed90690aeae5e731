"""Nearest neighbours by sense: equal vectors can only guess, and the word is found where it stands."""

import numpy as np
import pytest

from dlcv.engine.writers import spread
from dlcv.errors import Misuse
from dlcv.language.marked import plain, with_mask
from dlcv.language.tokenisers import learnt
from dlcv.language.two_senses import SENTENCES
from dlcv.studies.contextual_embeddings import as_table, occurring, same_sense, with_mean

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


def test_the_spread_of_the_mean_is_that_of_each_seeds_mean_over_the_words():
    """Words that err against each other: each spreads by 0.2 over two seeds, their mean not at all."""
    found = with_mean({"bank": [{"last": 0.4}, {"last": 0.6}], "plant": [{"last": 0.8}, {"last": 0.6}]})
    assert found["bank/last"] == [0.4, 0.6] and found["plant/last"] == [0.8, 0.6]
    np.testing.assert_allclose(found["mean/last"], [0.6, 0.6])
    assert spread(found["bank/last"])["std"] > 0.1 and spread(found["mean/last"])["std"] < 1e-12


@pytest.mark.parametrize("word, names", [("apple", ("fruit", "company")), ("bass", ("music", "fish"))])
def test_the_lectures_words_stand_in_every_sentence_of_their_senses(word, names):
    texts = {name: [plain(text) for text in SENTENCES[name]] for name in names}
    reader = with_mask(learnt("word", [line for lines in texts.values() for line in lines], 500), 500)
    rows, here, senses = occurring(word, texts, reader, 100, 24)
    assert [senses.count(name) for name in names] == [20, 20] and (here.sum(1) == 1).all()
    assert len({tuple(row) for row in rows["tokens"].tolist()}) == 40


def test_one_seed_has_no_spread():
    by_seed = {f"{word}/lexical": [0.5, 0.7] for word in ("bass", "mean")}
    assert as_table(by_seed, ["bass"], ["lexical"]).splitlines()[2] == "| bass | 60.0 ± 14.1 |"
    alone = {name: values[:1] for name, values in by_seed.items()}
    assert as_table(alone, ["bass"], ["lexical"]).splitlines()[2] == "| bass | 50.0 |"
