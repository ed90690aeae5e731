"""Hidden words: how many, which kinds, never marks; an example is hidden alike whatever stands beside it."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.masking import hidden, keys_of_rows

ROWS, LENGTH, MASK, VOCABULARY = 512, 64, 99, 100


def made(seed=0, length=LENGTH, **how):
    tokens = jax.random.randint(jax.random.key(7), (ROWS, LENGTH), 4, 99)
    words = jnp.broadcast_to((jnp.arange(LENGTH) > 0) & (jnp.arange(LENGTH) < length), tokens.shape)
    keys = jax.random.split(jax.random.key(seed), ROWS)
    return tokens, words, hidden(keys, tokens, words, MASK, VOCABULARY, **how)


def test_15_per_cent_of_the_words_are_chosen_80_10_10():
    _, _, found = made()
    chosen = np.asarray(found.chosen_BK)
    assert (chosen.sum(1) == round(0.15 * 63)).all()
    shown = np.take_along_axis(np.asarray(found.shown_BL), np.asarray(found.places_BK), 1)[chosen]
    truth = np.asarray(found.tokens_BK)[chosen]
    kinds = np.array([(shown == MASK).mean(), ((shown != MASK) & (shown != truth)).mean(), (shown == truth).mean()])
    few = 1 / VOCABULARY  # of the random tokens one in a hundred is the mask, and one the truth
    expected = [0.8 + 0.1 * few, 0.1 - 0.2 * few, 0.1 + 0.1 * few]
    bound = 4 * np.sqrt(0.8 * 0.2 / len(truth))  # four standard errors of the largest
    np.testing.assert_allclose(kinds, expected, atol=bound)
    swapped = shown[(shown != MASK) & (shown != truth)]
    assert len(np.unique(swapped)) > 90 and swapped.min() < 4  # drawn from the whole vocabulary


def test_every_word_is_chosen_equally_often_and_nothing_else_ever():
    tokens, _, found = made()
    places = np.asarray(found.places_BK)[np.asarray(found.chosen_BK)]
    counts = np.bincount(places, minlength=LENGTH)
    assert counts[0] == 0
    expected = len(places) / 63
    assert abs(counts[1:] - expected).max() < 5 * np.sqrt(expected)
    untouched = np.ones((ROWS, LENGTH), bool)
    rows = np.repeat(np.arange(ROWS), found.chosen_BK.sum(1))
    untouched[rows, places] = False
    assert (np.asarray(found.shown_BL)[untouched] == np.asarray(tokens)[untouched]).all()
    assert all(
        len(set(row[chosen])) == chosen.sum()
        for row, chosen in zip(np.asarray(found.places_BK), np.asarray(found.chosen_BK), strict=True)
    )


def test_short_rows_have_one_hidden_word_and_empty_rows_none():
    for length, expected in ((1, 0), (2, 1), (4, 1), (21, 3)):
        _, words, found = made(length=length)
        assert (found.chosen_BK.sum(1) == expected).all()
        assert np.take_along_axis(np.asarray(words), np.asarray(found.places_BK), 1)[np.asarray(found.chosen_BK)].all()


def test_a_row_is_hidden_alike_in_every_batch():
    tokens, words, _ = made()

    def shown(rows):
        keys = keys_of_rows(jax.random.key(0), tokens[rows])
        return np.asarray(hidden(keys, tokens[rows], words[rows], MASK, VOCABULARY).shown_BL)

    order = np.random.default_rng(0).permutation(ROWS)
    np.testing.assert_array_equal(shown(order), shown(np.arange(ROWS))[order])
    np.testing.assert_array_equal(shown(np.arange(3, 4)), shown(np.arange(ROWS))[3:4])
    assert (
        len({row.tobytes() for row in np.asarray(jax.random.key_data(keys_of_rows(jax.random.key(0), tokens)))}) == ROWS
    )


def test_spans_hide_as_many_words_side_by_side():
    """Half of 63 words in spans of 8: four or five runs (two more where the last span is cut and where one touches the mark), at any place."""
    _, _, found = made(rate=0.5, span=8)
    chosen, runs, starts = np.asarray(found.chosen_BK), [], []
    assert (chosen.sum(1) == 32).all()
    for places in np.asarray(found.places_BK):
        edges = np.flatnonzero(np.diff(np.sort(places)) > 1)
        runs.append(len(edges) + 1)
        starts.extend(np.sort(places)[edges + 1] % 8)
    assert max(runs) <= 6 and len(set(starts)) == 8
    _, _, alone = made(rate=0.5)
    assert np.median([np.sum(np.diff(np.sort(places)) > 1) for places in np.asarray(alone.places_BK)]) > 12
