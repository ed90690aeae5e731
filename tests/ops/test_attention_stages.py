"""Each stage of the attention layer from the one before, against loops, and against what the models compute with."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.models.aligned import Alignment, Memory
from dlcv.models.transformer import Attention
from dlcv.ops import attention_stages as stages
from dlcv.ops import masks
from dlcv.ops.attention import attention

B, L, M, D, K, V, H = 2, 3, 5, 6, 4, 7, 2


def normal(seed, *shape):
    return jax.random.normal(jax.random.key(seed), shape)


X, MEMORY = normal(0, B, L, D), normal(1, B, M, D)
W = stages.Projections(normal(2, D, K), normal(3, D, K), normal(4, D, V))
HEADS = stages.Heads(normal(5, D, H, K), normal(6, D, H, K), normal(7, D, H, V), normal(8, H, V, D))
SEEN = masks.padding(jnp.array([5, 2]), M)[:, 0]


def by_hand(scores_LM, values_MV):
    """One example, one query after the other, in float64."""
    out = []
    for scores in np.asarray(scores_LM, np.float64):
        weights = np.exp(scores - scores.max())
        out.append(np.average(values_MV, axis=0, weights=weights))
    return np.array(out)


def test_additive_and_dot_stages_are_means_of_the_inputs_by_their_scores():
    q_BLQ, w_QA, u_DA, v_A = normal(9, B, L, 3), normal(10, 3, 8), normal(11, D, 8), normal(12, 8)
    out, _ = stages.additive_attention(q_BLQ, MEMORY, w_QA, u_DA, v_A)
    scores = [[v_A @ np.tanh(w_QA.T @ q + u_DA.T @ x) for x in MEMORY[1]] for q in q_BLQ[1]]
    np.testing.assert_allclose(out[1], by_hand(scores, MEMORY[1]), atol=1e-5)
    out, _ = stages.dot_attention(X, MEMORY)
    np.testing.assert_allclose(out[1], by_hand(X[1] @ MEMORY[1].T, MEMORY[1]), atol=1e-5)


def test_scaling_divides_the_scores_by_the_root_of_the_width():
    scaled, weights = stages.scaled_dot_attention(X * D**0.5, MEMORY, MEMORY)
    plain, same = stages.dot_attention(X, MEMORY)
    np.testing.assert_allclose(scaled, plain, atol=1e-5)
    np.testing.assert_allclose(weights, same, atol=1e-6)


def test_the_lectures_example_in_one_query():
    """Scores 112 and 96, divided by 8: weights 0.88 and 0.12."""
    q, k = jnp.zeros((1, 1, 64)).at[0, 0, 0].set(16.0), jnp.zeros((1, 2, 64)).at[0, :, 0].set(jnp.array([7.0, 6.0]))
    _, weights = stages.scaled_dot_attention(q, k, k)
    assert np.round(weights[0, 0], 2).tolist() == pytest.approx([0.88, 0.12])


def test_self_attention_is_cross_attention_to_oneself_and_neither_is_symmetric():
    out, weights = stages.self_attention(X, W)
    np.testing.assert_array_equal(out, stages.cross_attention(X, X, W)[0])
    assert out.shape == (B, L, V)  # values may be wider than keys
    assert jnp.abs(weights - weights.swapaxes(1, 2)).max() > 0.1


def test_one_query_does_not_change_when_the_set_is_reordered_and_self_attention_is_reordered_with_it():
    order, among = jnp.array([3, 1, 4, 0, 2]), jnp.array([2, 0, 1])
    query = X[:, :1]
    for stage in (stages.dot_attention, partial(stages.cross_attention, w=W)):
        np.testing.assert_allclose(stage(query, MEMORY[:, order])[0], stage(query, MEMORY)[0], atol=1e-5)
    np.testing.assert_allclose(
        stages.self_attention(X[:, among], W)[0], stages.self_attention(X, W)[0][:, among], atol=1e-5
    )


def test_masked_self_attention_has_exactly_zero_gradient_from_what_comes_later():
    gradient = jax.jacobian(lambda x: stages.masked_self_attention(x, W)[0].sum((0, 2)))(X)  # L B L D
    for place in range(L):
        np.testing.assert_array_equal(gradient[place, :, place + 1 :], 0)
        assert (jnp.abs(gradient[place, :, : place + 1]).max(-1) > 0).all()


def test_many_heads_are_the_sum_of_each_alone_and_one_is_cross_attention():
    out, weights = stages.multi_head_attention(X, MEMORY, HEADS, SEEN)
    total = 0.0
    for head in range(H):
        w = stages.Projections(HEADS.query_DHK[:, head], HEADS.key_DHK[:, head], HEADS.value_DHV[:, head])
        alone, seen = stages.cross_attention(X, MEMORY, w, SEEN)
        np.testing.assert_allclose(weights[:, head], seen, atol=1e-6)
        total += alone @ HEADS.out_HVD[head]
    np.testing.assert_allclose(out, total, atol=1e-4)


def test_the_models_layer_is_the_last_stage():
    model = Attention(D, H)

    def attend(module, x, memory):
        return module(x, module.keys_values(memory), SEEN[:, None], return_attention=True)

    kernels = normal(13, 3, D, H, D // H), normal(14, H, D // H, D)
    named = dict(zip(("query", "key", "value"), kernels[0], strict=True)) | {"out": kernels[1]}
    biases = dict.fromkeys(("query", "key", "value"), jnp.zeros((H, D // H))) | {"out": jnp.zeros(D)}
    params = {name: {"kernel": kernel, "bias": biases[name]} for name, kernel in named.items()}
    out, weights = model.apply({"params": params}, X, MEMORY, method=attend)
    expected, seen = stages.multi_head_attention(X, MEMORY, stages.Heads(*kernels[0], kernels[1]), SEEN)
    np.testing.assert_allclose(out, expected, atol=1e-5)
    np.testing.assert_allclose(weights, seen, atol=1e-6)


def test_the_recurrent_decoders_global_attention_is_attention_of_its_state_to_the_encoders():
    lengths = jnp.array([5, 2])
    memory = Memory(MEMORY, MEMORY, MEMORY[:, -1], lengths)
    recurrent, seen = Alignment("scaled_dot").apply({}, X, memory, jnp.zeros((B, L)))
    out, weights = stages.scaled_dot_attention(X, MEMORY, MEMORY, SEEN)
    np.testing.assert_allclose(out, recurrent, atol=1e-6)
    np.testing.assert_allclose(weights, seen, atol=1e-6)
    one_head, _ = attention(X[:, :, None], MEMORY[:, :, None], MEMORY[:, :, None], mask=SEEN[:, None])
    np.testing.assert_allclose(one_head[:, :, 0], recurrent, atol=1e-5)


def test_equal_scores_are_average_pooling_under_a_mask_too():
    np.testing.assert_allclose(stages.average_pooling(MEMORY), MEMORY.mean(1), atol=1e-6)
    pooled = stages.average_pooling(MEMORY, SEEN[:, 0])
    np.testing.assert_allclose(pooled[1], MEMORY[1, :2].mean(0), atol=1e-6)
    out, _ = attention(jnp.zeros((B, 1, 1, D)), MEMORY[:, :, None], MEMORY[:, :, None])
    np.testing.assert_allclose(out[:, 0, 0], MEMORY.mean(1), atol=1e-6)


def test_one_hot_rows_times_a_matrix_look_its_rows_up_and_sharp_attention_does_so_too():
    table, chosen = normal(15, 9, D), jnp.array([4, 0, 4, 8])
    one_hot = jax.nn.one_hot(chosen, 9)
    np.testing.assert_array_equal(one_hot @ table, table[chosen])
    keys = jnp.eye(9)[None]
    found, _ = stages.dot_attention(200 * one_hot[None], keys)
    np.testing.assert_allclose(stages.attend(200 * one_hot[None], table[None])[0][0], table[chosen], atol=1e-5)
    np.testing.assert_allclose(found[0], one_hot, atol=1e-6)
