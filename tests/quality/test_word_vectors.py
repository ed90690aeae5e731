"""Judgements of word vectors against scipy and against vectors made to solve them."""

import numpy as np
import pytest
from scipy import stats

from dlcv.quality import word_vectors

rng = np.random.default_rng(0)
NAMES = ("king", "queen", "man", "woman", "paris", "france", "rome", "italy", "apple", "pear")
WORDS = {word: number for number, word in enumerate(NAMES)}


def test_spearman_is_scipys_with_ties():
    x, y = rng.integers(0, 5, 40).astype(float), rng.integers(0, 5, 40).astype(float)
    assert word_vectors.spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_similarities_are_rank_correlations_of_cosines_over_known_pairs():
    vectors, names = rng.normal(size=(10, 4)), NAMES
    pairs = [(names[i], names[j], float(rng.random())) for i in range(5) for j in range(5, 8)]
    found = word_vectors.similarities(vectors, WORDS, {"all": [*pairs, ("king", "unheard", 1.0)], "few": pairs[:9]})
    cosines = [
        vectors[WORDS[a]] @ vectors[WORDS[b]] / np.linalg.norm(vectors[WORDS[a]]) / np.linalg.norm(vectors[WORDS[b]])
        for a, b, _ in pairs
    ]
    assert set(found) == {"all"} and found["all"][1] == 15
    assert found["all"][0] == pytest.approx(stats.spearmanr(cosines, [s for *_, s in pairs]).statistic)


def test_analogies_are_solved_by_vectors_that_add_up():
    royal, gender, country, sex = np.eye(6)[:4]
    vectors = np.zeros((10, 6))
    vectors[WORDS["king"]], vectors[WORDS["queen"]] = royal + gender, royal + sex
    vectors[WORDS["man"]], vectors[WORDS["woman"]] = gender, sex
    vectors[WORDS["paris"]], vectors[WORDS["france"]] = np.eye(6)[4], np.eye(6)[4] + country
    vectors[WORDS["rome"]], vectors[WORDS["italy"]] = np.eye(6)[5], -country
    sections = {
        "family": [("man", "king", "woman", "queen"), ("man", "king", "woman", "unheard")],
        "capitals": [("paris", "france", "rome", "italy"), ("king", "man", "queen", "woman")],
        "none": [("a", "b", "c", "d")],
    }
    assert word_vectors.analogies(vectors, WORDS, sections) == {"family": (1.0, 1), "capitals": (0.5, 2)}


def test_neighbours_leave_out_the_word_itself_and_words_without_a_vector():
    vectors = np.array([[1.0, 0], [0.9, 0.1], [0, 1], [0, 0], [-1, 0]])
    found = word_vectors.neighbours(vectors, 0, 3)
    assert [word for word, _ in found] == [1, 2, 4]
    assert found[0][1] == pytest.approx(0.9 / np.hypot(0.9, 0.1))
