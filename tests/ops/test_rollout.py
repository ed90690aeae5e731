"""Attention rollout: shares that sum to 1, nothing moved by identity, a layer by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.rollout import rollout, rollout_with_memory


def weights(seed, *shape):
    return jax.nn.softmax(2 * jax.random.normal(jax.random.key(seed), shape), axis=-1)


def test_one_layer_by_hand():
    heads_HLL = jnp.array([[[1.0, 0.0], [0.4, 0.6]], [[0.6, 0.4], [0.2, 0.8]]])
    np.testing.assert_allclose(rollout(heads_HLL[None]), [[[0.9, 0.1], [0.15, 0.85]]], rtol=1e-6)


def test_layers_multiply_the_later_from_the_left():
    own = weights(0, 3, 4, 6, 6)
    mixed = [np.asarray(layer.mean(0)) / 2 + np.eye(6) / 2 for layer in own]
    np.testing.assert_allclose(rollout(own)[-1], np.linalg.multi_dot(mixed[::-1]), rtol=1e-5)
    np.testing.assert_allclose(rollout(own)[1], mixed[1] @ mixed[0], rtol=1e-5)


def test_rows_sum_to_one_and_identity_moves_nothing():
    np.testing.assert_allclose(rollout(weights(1, 5, 2, 7, 7)).sum(-1), 1, rtol=1e-5)
    same = jnp.broadcast_to(jnp.eye(7), (5, 2, 7, 7))
    np.testing.assert_array_equal(rollout(same)[-1], np.eye(7))


def test_a_causal_model_takes_nothing_from_later_inputs():
    causal = jnp.tril(weights(2, 4, 2, 6, 6))
    assert (np.asarray(rollout(causal / causal.sum(-1, keepdims=True)))[:, *np.triu_indices(6, 1)] == 0).all()


def test_with_a_memory_both_shares_sum_to_one():
    own, cross, memory = weights(3, 3, 2, 4, 4), weights(4, 3, 2, 4, 6), weights(5, 6, 6)
    shares_NLL, shares_NLM = rollout_with_memory(own, cross, memory)
    assert shares_NLL.shape == (3, 4, 4) and shares_NLM.shape == (3, 4, 6)
    np.testing.assert_allclose(shares_NLL.sum(-1) + shares_NLM.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(shares_NLM.sum(-1)[-1], 1 - 0.5**3, rtol=1e-5)  # each layer takes half from the memory


def test_with_a_memory_one_layer_by_hand():
    own, cross, memory = weights(6, 1, 1, 2, 2), weights(7, 1, 1, 2, 3), weights(8, 3, 3)
    shares_NLL, shares_NLM = rollout_with_memory(own, cross, memory)
    np.testing.assert_allclose(shares_NLL[0], own[0, 0] / 4 + np.eye(2) / 4, rtol=1e-5)
    np.testing.assert_allclose(shares_NLM[0], cross[0, 0] @ memory / 2, rtol=1e-5)
