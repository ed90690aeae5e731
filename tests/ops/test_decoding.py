"""Beam search against exhaustive search, one beam against greedy, a batch against its rows one by one."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.decoding import Marks, beam_search, greedy, length_penalty, repeated, sample

MARKS = Marks(start=1, end=2, pad=0)
V, T, B = 5, 4, 3
RNG = np.random.default_rng(0)
# Logits depend on the row, on the time and on the two tokens before: nothing a beam keeps may be mixed up.
TABLE = jnp.asarray(RNG.normal(0, 2, (B, T, V, V, V)), jnp.float32)


def step_of(table):
    def step(carry, token):
        row, before, time, calls = carry["row"], carry["before"], carry["time"], carry["calls"]
        carry = {"row": row, "before": token, "time": time + 1, "calls": calls + 1}
        return carry, table[row, time, before, token]

    return step


def begin(rows) -> dict:
    rows = jnp.asarray(rows)
    zeros = jnp.zeros(rows.shape, jnp.int32)
    return {"row": rows, "before": zeros, "time": zeros, "calls": jnp.int32(0)}


def logp_of(row: int, sequence) -> float:
    """Of a sequence by hand, token after token."""
    total, before, token = 0.0, 0, MARKS.start
    for time, following in enumerate(sequence):
        logits = np.asarray(TABLE[row, time, before, token], np.float64)
        total += logits[following] - np.log(np.exp(logits).sum())
        before, token = token, following
    return total


def every_sequence():
    """All that end before T, and all of T tokens."""
    for size in range(1, T + 1):
        for sequence in product(range(V), repeat=size):
            inside = MARKS.end not in sequence[:-1]
            if inside and (sequence[-1] == MARKS.end or size == T):
                yield sequence


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_wide_beam_is_exhaustive_search(alpha):
    beams = 625
    found = jax.jit(lambda: beam_search(step_of(TABLE), begin(range(B)), B, T, MARKS, beams=beams, alpha=alpha))()
    for row in range(B):
        scored = {s: logp_of(row, s) / ((5 + len(s)) / 6) ** alpha for s in every_sequence()}
        best = sorted(scored, key=scored.get, reverse=True)[:20]
        tokens = [tuple(t for t in line) for line in np.asarray(found.tokens_BKT[row, :20]).tolist()]
        assert tokens == [s + (MARKS.pad,) * (T - len(s)) for s in best]
        np.testing.assert_allclose(found.scores_BK[row, :20], [scored[s] for s in best], rtol=1e-5, atol=1e-5)


def test_a_narrow_beam_is_never_better_and_one_beam_is_greedy():
    wide = beam_search(step_of(TABLE), begin(range(B)), B, T, MARKS, beams=625).scores_BK[:, 0]
    before = None
    for beams in (1, 3):
        narrow = beam_search(step_of(TABLE), begin(range(B)), B, T, MARKS, beams=beams)
        assert (narrow.scores_BK[:, 0] <= wide + 1e-5).all()
        before = narrow if beams == 1 else before
    plain = greedy(step_of(TABLE), begin(range(B)), B, T, MARKS)
    np.testing.assert_array_equal(before.tokens_BKT[:, 0], plain.tokens_BT)
    np.testing.assert_allclose(before.scores_BK[:, 0], plain.logp_B, rtol=1e-5)
    for row, line in enumerate(np.asarray(plain.tokens_BT).tolist()):
        ended = line[: line.index(MARKS.end) + 1] if MARKS.end in line else line
        np.testing.assert_allclose(plain.logp_B[row], logp_of(row, ended), rtol=1e-5)


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_a_batch_equals_its_rows_one_by_one(alpha):
    together = beam_search(step_of(TABLE), begin(range(B)), B, T, MARKS, beams=4, alpha=alpha)
    for row in range(B):
        alone = beam_search(step_of(TABLE), begin([row]), 1, T, MARKS, beams=4, alpha=alpha)
        np.testing.assert_array_equal(alone.tokens_BKT[0], together.tokens_BKT[row])
        np.testing.assert_allclose(alone.scores_BK[0], together.scores_BK[row], rtol=1e-6)
        single = greedy(step_of(TABLE), begin([row]), 1, T, MARKS)
        np.testing.assert_array_equal(
            single.tokens_BT[0], greedy(step_of(TABLE), begin(range(B)), B, T, MARKS).tokens_BT[row]
        )


def test_a_length_penalty_favours_longer_sequences():
    """Ending at once has probability 0.4, going on for T tokens 0.6 x 0.9^3."""
    assert length_penalty(1, 2.0) == 1.0 and length_penalty(7, 1.0) == 2.0
    going = jnp.log(jnp.array([[1e-9, 1e-9, 0.4, 0.6, 1e-9], [1e-9, 0.1, 1e-9, 0.9, 1e-9]]))

    def step(carry, token):
        return carry + 1, going[jnp.minimum(carry, 1)]

    short = beam_search(step, jnp.zeros(1, jnp.int32), 1, 8, MARKS, beams=3)
    long = beam_search(step, jnp.zeros(1, jnp.int32), 1, 8, MARKS, beams=3, alpha=1.0)
    assert short.tokens_BKT[0, 0, 0] == MARKS.end and long.tokens_BKT[0, 0].tolist() == [3] * 8


def test_samples_follow_the_probabilities():
    logits = jnp.log(jnp.array([0.02, 0.03, 0.05, 0.6, 0.3]))

    def step(carry, token):
        return carry, jnp.tile(logits, (len(token), 1))

    found = sample(step, jnp.zeros(4000), jax.random.key(0), 4000, 1, MARKS)
    shares = np.bincount(np.asarray(found.tokens_BT[:, 0]), minlength=V) / 4000
    np.testing.assert_allclose(shares, [0.02, 0.03, 0.05, 0.6, 0.3], atol=0.025)
    np.testing.assert_allclose(found.logp_B, logits[found.tokens_BT[:, 0]], rtol=1e-5)
    cold = sample(step, jnp.zeros(100), jax.random.key(1), 100, 2, MARKS, temperature=0.05)
    assert (cold.tokens_BT == 3).all()


def test_rows_that_have_ended_hold_padding_and_the_loop_stops():
    calls = []

    def step(left, token):
        jax.debug.callback(lambda: calls.append(None))
        return left - 1, jax.nn.one_hot(jnp.where(left > 0, 3, MARKS.end), V) * 9

    found = greedy(step, jnp.array([0, 2]), 2, 50, MARKS)
    jax.effects_barrier()
    assert len(calls) == 3  # two tokens and END of the longer row
    assert found.tokens_BT[:, :4].tolist() == [[2, 0, 0, 0], [3, 3, 2, 0]] and not found.tokens_BT[:, 4:].any()


def test_what_a_step_reads_is_repeated_beam_by_beam():
    tree = repeated({"memory": jnp.arange(2), "index": jnp.int32(7)}, 3)
    assert tree["memory"].tolist() == [0, 0, 0, 1, 1, 1] and tree["index"] == 7
