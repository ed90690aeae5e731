"""Filters of logits against the definition by loops, and against transformers' own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.sampling import draw, tempered, top_k, top_p

LOGITS = jnp.asarray(np.random.default_rng(0).normal(size=(3, 2, 11)) * 2, jnp.float32)


def nucleus(logits: np.ndarray, p: float) -> set[int]:
    """The smallest set of the most likely tokens whose probability reaches p, one token after the other."""
    probabilities = np.exp(logits - logits.max())
    probabilities = probabilities / probabilities.sum()
    kept, total = set(), 0.0
    for token in np.argsort(-logits):
        kept.add(int(token))
        total += probabilities[token]
        if total >= p:
            return kept
    return kept


def kept(logits) -> list[set[int]]:
    return [set(np.flatnonzero(np.isfinite(row)).tolist()) for row in np.asarray(logits).reshape(-1, 11)]


@pytest.mark.parametrize("p", [0.0, 0.3, 0.9, 0.999])
def test_the_nucleus_is_the_smallest_set_that_reaches_p(p):
    found = top_p(LOGITS, p)
    assert kept(found) == [nucleus(row, p) for row in np.asarray(LOGITS).reshape(-1, 11)]
    np.testing.assert_array_equal(jnp.where(jnp.isfinite(found), found, LOGITS), LOGITS)


@pytest.mark.parametrize("k", [1, 4])
def test_top_k_keeps_the_k_most_likely(k):
    assert kept(top_k(LOGITS, k)) == [set(np.argsort(-row)[:k].tolist()) for row in np.asarray(LOGITS).reshape(-1, 11)]


def test_filters_that_let_all_through_change_nothing():
    for same in (top_k(LOGITS, 0), top_k(LOGITS, 11), top_p(LOGITS, 1.0), tempered(LOGITS, 1.0)):
        np.testing.assert_array_equal(same, LOGITS)


@pytest.mark.peers
def test_filters_equal_transformers_own():
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    rows = torch.tensor(np.asarray(LOGITS).reshape(-1, 11))
    peers = [transformers.TopKLogitsWarper(3)(None, rows), transformers.TopPLogitsWarper(0.8)(None, rows)]
    for ours, peer in zip((top_k(LOGITS, 3), top_p(LOGITS, 0.8)), peers, strict=True):
        np.testing.assert_allclose(ours.reshape(-1, 11), peer.numpy(), atol=1e-6)


def test_draws_have_the_filtered_distribution():
    logits = jnp.broadcast_to(LOGITS[0, 0], (20_000, 11))
    drawn = np.bincount(draw(jax.random.key(0), logits, 0.7, 5, 0.9), minlength=11) / 20_000
    expected = jax.nn.softmax(top_p(top_k(LOGITS[0, 0] / 0.7, 5), 0.9))
    np.testing.assert_allclose(drawn, expected, atol=0.015)
    assert ((drawn == 0) == (np.asarray(expected) == 0)).all()
    np.testing.assert_array_equal(draw(jax.random.key(0), LOGITS, 0.0), LOGITS.argmax(-1))
