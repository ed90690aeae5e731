"""Windows of word2vec: sub-sampling and noise by their formulas, pairs by brute force."""

from collections import Counter
from itertools import pairwise

import numpy as np

from dlcv.data.word_windows import Windows
from dlcv.language import windows
from dlcv.language.vocabulary import END, PAD, UNK

TEXT = np.array([4, 5, UNK, 6, 7, 8, END, 5, 4, END, 9, 6, 4, 5, 7, END])


def test_frequent_words_stay_less_often():
    counts = np.array([1, 10, 100, 100_000])
    f, t = counts / counts.sum(), 1e-3
    np.testing.assert_allclose(windows.kept(counts, t), np.minimum(1, np.sqrt(t / f) + t / f))
    assert (windows.kept(counts, 0) == 1).all()
    kept = np.array([1, 1, 1, 1, 0.3])
    words, _ = windows.thinned(np.full(20_000, 4), kept, np.random.default_rng(1))
    assert abs(len(words) / 20_000 - 0.3) < 0.02


def test_noise_words_are_drawn_by_their_counts_to_three_quarters():
    counts = windows.occurrences(TEXT, 10)
    assert counts.tolist() == [0, 0, 0, 0, 3, 3, 2, 2, 1, 1]
    weights = counts**0.75
    np.testing.assert_allclose(np.diff(windows.noise(counts), prepend=0), weights / weights.sum(), atol=1e-12)
    source = Windows(TEXT, np.ones(10), windows.noise(counts), "skip_gram", 2, 5)
    drawn = np.concatenate([source.indices(0, step, 400)["negatives"].ravel() for step in range(10)])
    np.testing.assert_allclose(np.bincount(drawn, minlength=10) / len(drawn), weights / weights.sum(), atol=0.01)


def sentences() -> list[list[int]]:
    """Without the unknown word, which leaves no gap."""
    return [[4, 5, 6, 7, 8], [5, 4], [9, 6, 4, 5, 7]]


def test_each_word_looks_as_far_as_it_drew():
    words, places = windows.thinned(TEXT, np.ones(10), np.random.default_rng(0))
    assert words.tolist() == [word for sentence in sentences() for word in sentence]
    rng = np.random.default_rng(3)
    reach = np.random.default_rng(3).integers(1, 4, len(words))
    found = Counter(zip(*(column.tolist() for column in windows.contexts(places, 3, rng)), strict=True))
    expected = Counter(
        (i, j)
        for i in range(len(words))
        for j in range(len(words))
        if i != j and places[i] == places[j] and abs(i - j) <= reach[i]
    )
    assert found == expected


def test_bags_are_the_pairs_of_each_word():
    pairs = windows.skip_grams(TEXT, np.ones(10), 3, np.random.default_rng(5))
    words, bags = windows.bags(TEXT, np.ones(10), 3, np.random.default_rng(5))
    from_bags = Counter((word, other) for word, row in zip(words, bags, strict=True) for other in row if other != PAD)
    assert from_bags == Counter(zip(pairs[0].tolist(), pairs[1][:, 0].tolist(), strict=True))


def source() -> Windows:
    counts = windows.occurrences(TEXT, 10)
    return Windows(TEXT, np.full(10, 0.8), windows.noise(counts), "skip_gram", 2, 5)


def test_a_batch_depends_on_seed_and_step_alone():
    """Over several passes, of unequal lengths, whatever was read before."""
    one, other = source(), source()
    in_order = [one.indices(1, step, 16) for step in range(12)]
    assert len({len(windows.skip_grams(TEXT, one.kept_V, 2, np.random.default_rng(i))[0]) for i in range(5)}) > 1
    for step in reversed(range(12)):
        for name, array in other.indices(1, step, 16).items():
            np.testing.assert_array_equal(array, in_order[step][name])
    assert any((one.indices(2, 0, 16)[name] != in_order[0][name]).any() for name in in_order[0])


def test_every_pair_of_a_pass_occurs_once():
    one = Windows(TEXT, np.ones(10), windows.noise(windows.occurrences(TEXT, 10)), "skip_gram", 1, 2)
    pairs = 2 * (4 + 1 + 4)
    batch = one.indices(0, 0, pairs)
    expected = Counter(pair for s in sentences() for a, b in pairwise(s) for pair in ((a, b), (b, a)))
    assert Counter(zip(batch["word"].tolist(), batch["context"][:, 0].tolist(), strict=True)) == expected
