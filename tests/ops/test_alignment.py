"""Scores against loops of plain numpy; weights sum to 1 and are exactly 0 on padding; local windows by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops import alignment

B, L, M, Q, A, K = 2, 3, 6, 4, 5, 7
RNG = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


def by_loop(score, q, k):
    return np.array(
        [[[score(np.asarray(q[b, l]), np.asarray(k[b, m])) for m in range(M)] for l in range(L)] for b in range(B)]
    )


def test_scores_equal_their_formulas_one_pair_at_a_time():
    q, k, keys = normal(B, L, Q), normal(B, M, K), normal(B, M, Q)
    w_QA, u_KA, v_A, w_QK = (np.asarray(normal(*shape)) for shape in ((Q, A), (K, A), (A,), (Q, K)))
    pairs = {
        "additive": (alignment.additive_scores(q @ w_QA, k @ u_KA, jnp.asarray(v_A)),
                     by_loop(lambda s, h: v_A @ np.tanh(w_QA.T @ s + u_KA.T @ h), q, k)),
        "dot": (alignment.dot_scores(q, keys), by_loop(lambda s, h: s @ h, q, keys)),
        "scaled_dot": (alignment.scaled_dot_scores(q, keys), by_loop(lambda s, h: s @ h / 2.0, q, keys)),
        "general": (alignment.general_scores(q, k, jnp.asarray(w_QK)), by_loop(lambda s, h: s @ w_QK @ h, q, k)),
    }  # fmt: skip
    for name, (found, expected) in pairs.items():
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5, err_msg=name)


def test_location_scores_see_the_place_alone():
    q, w_QW = normal(B, L, Q), normal(Q, 9)
    found = alignment.location_scores(q, w_QW, M)
    np.testing.assert_allclose(found[1, 2], (np.asarray(q[1, 2]) @ np.asarray(w_QW))[:M], rtol=1e-5)
    with pytest.raises(ValueError, match="10 places, but the location scores were made for 9"):
        alignment.location_scores(q, w_QW, 10)


def test_weights_sum_to_one_and_are_exactly_zero_on_padding():
    scores = 30 * normal(B, L, M)
    mask = jnp.arange(M) < jnp.array([[6], [2]])
    weights = np.asarray(alignment.alignment_weights(scores, mask[:, None]))
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)
    assert (weights[1, :, 2:] == 0).all()
    short = alignment.alignment_weights(scores[1:, :, :2], mask[1:, None, :2])
    np.testing.assert_allclose(weights[1, :, :2], short[0], rtol=1e-6)
    gradient = jax.grad(lambda s: alignment.alignment_weights(s, mask[:, None])[..., 0].sum())(scores)
    assert np.isfinite(gradient).all() and (gradient[1, :, 2:] == 0).all()
    assert not alignment.alignment_weights(scores, jnp.zeros((B, 1, M), bool)).any()


def test_local_windows_and_their_centres():
    lengths = jnp.array([6, 3])
    centre = alignment.monotonic_centre(jnp.array([[0, 3], [0, 3]]), lengths)
    assert centre.tolist() == [[0, 3], [0, 2]]
    window = alignment.window(centre, M, 1)
    assert window[0].astype(int).tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0]]
    weights = alignment.alignment_weights(normal(B, 2, M), window & (jnp.arange(M) < lengths[:, None])[:, None])
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)
    assert weights[1, 1].nonzero()[0].tolist() == [1, 2]


def test_the_predicted_centre_lies_inside_the_source_and_is_favoured():
    q, w_QA, v_A = 5 * normal(B, L, Q), normal(Q, A), normal(A)
    lengths = jnp.array([6, 3])
    centre = np.asarray(alignment.predictive_centre(q, w_QA, v_A, lengths))
    gate = 1 / (1 + np.exp(-np.tanh(np.asarray(q) @ np.asarray(w_QA)) @ np.asarray(v_A)))
    np.testing.assert_allclose(centre, np.array([[5], [2]]) * gate, rtol=1e-4)
    even = jnp.full((1, 1, M), 1 / M)
    found = np.asarray(alignment.favoured(even, jnp.array([[2.0]]), 4))[0, 0] * M
    np.testing.assert_allclose(found, np.exp(-((np.arange(M) - 2.0) ** 2) / 8), rtol=1e-5)


def test_the_context_is_the_weighted_mean():
    memory = normal(B, M, K)
    weights = alignment.alignment_weights(normal(B, L, M), jnp.ones((B, 1, M), bool))
    expected = np.average(np.asarray(memory[1]), axis=0, weights=np.asarray(weights[1, 2]))
    np.testing.assert_allclose(alignment.context(weights, memory)[1, 2], expected, rtol=1e-4, atol=1e-6)
