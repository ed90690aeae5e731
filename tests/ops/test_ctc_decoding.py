"""CTC decoding against all alignments, edit distance against its recursion."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ctc_alignments import log_probabilities

from dlcv.ops import ctc_decoding
from dlcv.ops.edit_distance import edit_distance

rng = np.random.default_rng(0)
greedy = jax.jit(ctc_decoding.greedy)
prefix_beam_search = jax.jit(ctc_decoding.prefix_beam_search, static_argnums=2)
LOGITS = rng.normal(size=(3, 5, 3)).astype(np.float32) * 1.5
FRAMES = np.array([5, 4, 2])


def test_a_wide_beam_finds_every_sequence_with_its_probability():
    labels, lengths, scores = prefix_beam_search(LOGITS, FRAMES, 64)
    for row in range(3):
        expected = log_probabilities(LOGITS[row, : FRAMES[row]])
        alive = np.asarray(scores[row]) > -1e20
        found = {
            tuple(np.asarray(labels[row, w, : lengths[row, w]]).tolist()): float(scores[row, w])
            for w in np.flatnonzero(alive)
        }
        assert alive.sum() == len(found) == len(expected)
        assert found == pytest.approx(expected, abs=1e-4)
        assert (np.diff(scores[row][alive]) <= 1e-6).all()


def test_a_narrow_beam_adds_up_what_greedy_decoding_takes_apart():
    """Blanks are the best path, label 1 the best sequence: Graves et al. 2006, figure 2 in numbers."""
    logits = jnp.log(jnp.array([[[0.6, 0.4], [0.6, 0.4]]]))
    assert greedy(logits, jnp.array([2]))[1].tolist() == [0]
    labels, lengths, scores = prefix_beam_search(logits, jnp.array([2]), 2)
    assert lengths[0, 0] == 1 and labels[0, 0, 0] == 1
    assert float(jnp.exp(scores[0, 0])) == pytest.approx(0.64, abs=1e-6)


def test_greedy_merges_repeats_and_drops_blanks():
    path = np.array([[0, 1, 1, 0, 1, 2, 2, 0], [3, 3, 0, 0, 3, 1, 0, 2]])
    labels, lengths = greedy(jnp.asarray(np.eye(4)[path], jnp.float32), jnp.array([8, 6]))
    assert lengths.tolist() == [3, 3]
    assert labels[:, :3].tolist() == [[1, 1, 2], [3, 3, 1]] and not labels[:, 3:].any()


def test_batched_equals_one_by_one():
    together = prefix_beam_search(jnp.asarray(LOGITS), jnp.asarray(FRAMES), 4)
    for row in range(3):
        alone = prefix_beam_search(jnp.asarray(LOGITS[row, None]), jnp.asarray(FRAMES[row, None]), 4)
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], all_of_them[row], rtol=1e-5)


def by_recursion(a, b) -> int:
    @cache
    def distance(i, j):
        if not i or not j:
            return i + j
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    return distance(len(a), len(b))


def test_edit_distance_is_its_recursion():
    a, b = rng.integers(0, 3, (40, 7)), rng.integers(0, 3, (40, 5))
    lengths_a, lengths_b = rng.integers(0, 8, 40), rng.integers(0, 6, 40)
    found = jax.jit(edit_distance)(*map(jnp.asarray, (a, lengths_a, b, lengths_b)))
    expected = [
        by_recursion(tuple(a[i, :m]), tuple(b[i, :n]))
        for i, (m, n) in enumerate(zip(lengths_a, lengths_b, strict=True))
    ]
    assert found.tolist() == expected
