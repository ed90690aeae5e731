"""N-grams against their definitions over dictionaries, and against the published perplexity of Penn Treebank."""

import gzip
from collections import Counter
from itertools import product

import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.language import ngrams

START, END, WORDS = 5, 4, 6  # of a vocabulary of 4 letters, END and START


def sentences(count: int, seed: int) -> list[list[int]]:
    """A text of letters from frequent to rare, which follow each other."""
    rng = np.random.default_rng(seed)
    return [
        [int(np.cumsum(rng.geometric(0.6, i + 1))[-1] % 4) for i in range(rng.integers(1, 7))] for _ in range(count)
    ]


def text(found) -> np.ndarray:
    return np.array([token for sentence in found for token in (START, *sentence, END)])


TRAIN, TEST = text(sentences(60, 0)), text(sentences(20, 1))


def grams(tokens, order: int) -> Counter:
    """Counts of n-grams, each with the whole of its sentence before it or `order` words."""
    found, sentence = Counter(), ()
    for token in tokens.tolist():
        sentence = (token,) if token == START else (*sentence, token)
        if token != START and len(sentence) >= order:
            found[sentence[-order:]] += 1
    return found


def by_definition(order: int, discounts: int):
    """Chen and Goodman's formulas, word by word: p(word, context)."""
    counts = {}
    for n in range(1, order + 1):
        raw, longer = grams(TRAIN, n), grams(TRAIN, n + 1)
        counts[n] = {
            gram: raw[gram]
            if n == order or gram[0] == START
            else len({other[0] for other in longer if other[1:] == gram})
            for gram in raw
        }
    amounts = {}
    for n, found in counts.items():
        of = [sum(count == c for count in found.values()) for c in range(5)]
        if min(of[1:]) == 0:
            amounts[n] = (0.0, 0.5, 1.0, 1.5) if discounts == 3 else (0.0, 0.5, 0.5, 0.5)
        else:
            y = of[1] / (of[1] + 2 * of[2])
            modified = (0.0, 1 - 2 * y * of[2] / of[1], 2 - 3 * y * of[3] / of[2], 3 - 4 * y * of[4] / of[3])
            amounts[n] = tuple(max(d, 0.0) for d in modified) if discounts == 3 else (0.0, y, y, y)

    def p(word, context):
        n = len(context) + 1
        behind = {gram: count for gram, count in counts[n].items() if gram[:-1] == context}
        below = p(word, context[1:]) if context else 1 / (WORDS - 1)
        total = sum(behind.values())
        if not total:
            return below
        taken = {gram: amounts[n][min(count, 3)] for gram, count in behind.items()}
        gram = (*context, word)
        return (behind.get(gram, 0) - taken.get(gram, 0)) / total + sum(taken.values()) / total * below

    return p


def contexts(order: int) -> list[tuple[int, ...]]:
    """Every context of at most `order` - 1 words, at a sentence's start and within it, also those never seen."""
    inside = [c for n in range(order) for c in product(range(4), repeat=n)]
    return inside + [(START, *c) for c in inside if len(c) < order - 1]


@pytest.mark.parametrize("discounts", [1, 3])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_kneser_ney_is_its_definition(order, discounts):
    model = ngrams.kneser_ney(TRAIN, order, WORDS, START, discounts)
    p = by_definition(order, discounts)
    for context in contexts(order):
        expected = [p(word, context) for word in range(WORDS - 1)] + [0.0]
        np.testing.assert_allclose(ngrams.distribution(model, np.array(context, int)), expected, atol=2e-6)


def test_a_text_large_enough_uses_estimated_discounts():
    """Else the test above would compare fall-backs alone."""
    for order in (3, 4):
        counts = np.array(list(grams(TRAIN, order).values()))
        assert min((counts == c).sum() for c in (1, 2, 3, 4)) > 0


@pytest.mark.parametrize("k", [0.1, 1.0])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_add_k_is_its_definition(order, k):
    model = ngrams.add_k(TRAIN, order, WORDS, START, k)
    for context in contexts(order):
        if len(context) < order - 1 and context[:1] != (START,):
            continue  # shorter contexts occur at a sentence's start alone
        counts = np.array([grams(TRAIN, len(context) + 1)[(*context, word)] for word in range(WORDS - 1)])
        expected = (counts + k) / (counts.sum() + k * (WORDS - 1))
        np.testing.assert_allclose(ngrams.distribution(model, np.array(context, int))[:-1], expected, atol=1e-6)


def fitted():
    """Models with sentences and of one stream."""
    stream = TRAIN[TRAIN != START]
    yield ngrams.add_k(TRAIN, 3, WORDS, START, 0.5)
    for discounts in (1, 3):
        yield ngrams.kneser_ney(TRAIN, 4, WORDS, START, discounts)
        yield ngrams.kneser_ney(stream, 4, WORDS - 1, discounts=discounts)


def test_every_distribution_sums_to_one_and_leaves_no_word_out():
    for model in fitted():
        for context in contexts(5) if model.start >= 0 else product(range(5), repeat=4):
            p_V = ngrams.distribution(model, np.array(context, int))
            assert p_V.sum() == pytest.approx(1, abs=2e-6)
            assert (p_V[: WORDS - 1] > 0).all()


def test_nats_of_a_text_are_those_of_its_contexts():
    for model in fitted():
        tokens = TEST if model.start >= 0 else TEST[TEST != START]
        found = ngrams.nats(model, tokens)
        for i, token in enumerate(tokens):
            expected = 0 if token == model.start else -np.log(ngrams.distribution(model, tokens[:i])[token])
            assert found[i] == pytest.approx(expected, abs=1e-5)
        predicted = tokens != model.start
        assert ngrams.perplexity(model, tokens) == pytest.approx(np.exp(found[predicted].mean()))


def test_rows_are_texts_of_their_own():
    rows = TEST[: len(TEST) // 5 * 5].reshape(-1, 5)
    model = ngrams.kneser_ney(TRAIN, 4, WORDS, START)
    np.testing.assert_allclose(ngrams.nats(model, rows), [ngrams.nats(model, row) for row in rows])


def test_start_is_put_before_each_sentence():
    np.testing.assert_array_equal(ngrams.begun(TRAIN[TRAIN != START], START, END), TRAIN)


def test_a_saved_model_is_the_same(tmp_path):
    model = ngrams.kneser_ney(TRAIN, 4, WORDS, START)
    size = model.save(tmp_path / "model.npz")
    assert size == (tmp_path / "model.npz").stat().st_size
    loaded = ngrams.Ngrams.load(tmp_path / "model.npz")
    assert (len(loaded.levels), loaded.vocabulary, loaded.start) == (4, WORDS, START)
    np.testing.assert_array_equal(ngrams.nats(loaded, TEST), ngrams.nats(model, TEST))


def test_misuse_says_what_was_given():
    with pytest.raises(Misuse, match="order=0: expected"):
        ngrams.kneser_ney(TRAIN, 0, WORDS)
    with pytest.raises(Misuse, match="discounts=2: expected 1"):
        ngrams.kneser_ney(TRAIN, 2, WORDS, discounts=2)
    with pytest.raises(Misuse, match="k=0: expected a positive"):
        ngrams.add_k(TRAIN, 2, WORDS, k=0)
    with pytest.raises(Misuse, match="expected 0 to 4"):
        ngrams.kneser_ney(TRAIN, 2, 5)


def test_penn_treebank_has_the_published_perplexity(data_dir):
    """Mikolov and Zweig, "Context Dependent Recurrent Neural Network Language Model", 2012: 148.3 of order 3, 141.2 of order 5."""

    def read(split):
        return gzip.decompress((data_dir / "ptb" / f"ptb.{split}.txt.gz").read_bytes()).decode().splitlines()

    train = [line.split() for line in read("train")]
    number = {word: i for i, word in enumerate(sorted({word for line in train for word in line}))}
    end, start = len(number), len(number) + 1

    def encoded(lines):
        return np.array([token for line in lines for token in (start, *(number[word] for word in line), end)])

    tokens, test = encoded(train), encoded(line.split() for line in read("test"))
    model = ngrams.kneser_ney(tokens, 5, start + 1, start)
    assert (test != start).sum() == 82_430
    assert ngrams.perplexity(model, test) == pytest.approx(141.2, abs=0.1)
