"""Attention against the lecture's worked example, torch, and its own invariants; position tables against the slides."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.attention import attention, attention_weights
from dlcv.ops.positions import sinusoidal_positions


def random_qkv(queries=5, keys=7, width=8, dtype=jnp.float32):
    shapes = [(2, queries, 3, width), (2, keys, 3, width), (2, keys, 3, width)]
    return [jax.random.normal(jax.random.key(i), shape, dtype) for i, shape in enumerate(shapes)]


def test_worked_example():
    """Scores 112 and 96, divided by sqrt(64) = 8: weights 0.88 and 0.12 (Alammar, "The Illustrated Transformer")."""
    q = jnp.zeros((1, 1, 1, 64)).at[..., 0].set(16.0)
    k = jnp.zeros((1, 2, 1, 64)).at[0, 0, 0, 0].set(7.0).at[0, 1, 0, 0].set(6.0)
    v = jnp.array([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)
    out, weights = attention(q, k, v, return_weights=True)
    np.testing.assert_allclose(weights.ravel(), [0.88, 0.12], atol=5e-3)
    np.testing.assert_allclose(out.ravel(), weights.ravel(), atol=1e-6)


@pytest.mark.parametrize("masked", [False, True])
def test_equals_torch_forward_and_backward(masked):
    torch = pytest.importorskip("torch")
    qkv = random_qkv()
    target = np.random.default_rng(3).normal(size=(2, 5, 3, 8)).astype(np.float32)
    mask = np.random.default_rng(4).random((2, 1, 5, 7)) < 0.6 if masked else None
    if masked:
        mask[..., 0] = True

    def loss(q, k, v):
        return jnp.sum(attention(q, k, v, mask=None if mask is None else jnp.asarray(mask))[0] * target)

    value, gradients = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))(*qkv)
    theirs = [torch.tensor(np.array(x), requires_grad=True) for x in qkv]
    out = torch.nn.functional.scaled_dot_product_attention(
        *(x.transpose(1, 2) for x in theirs), attn_mask=None if mask is None else torch.tensor(mask)
    )
    total = (out.transpose(1, 2) * torch.tensor(target)).sum()
    total.backward()
    np.testing.assert_allclose(value, total.item(), rtol=1e-5)
    for ours, x in zip(gradients, theirs, strict=True):
        np.testing.assert_allclose(ours, x.grad.numpy(), atol=1e-5)


def test_permuting_keys_changes_nothing_and_permuting_queries_permutes_the_output():
    q, k, v = random_qkv()
    out, _ = attention(q, k, v)
    order = jnp.array([3, 1, 6, 0, 2, 5, 4])
    np.testing.assert_allclose(attention(q, k[:, order], v[:, order])[0], out, atol=1e-6)
    np.testing.assert_allclose(attention(q[:, ::-1], k, v)[0], out[:, ::-1], atol=1e-6)


def test_masked_keys_get_no_weight_and_an_exactly_zero_gradient():
    q, k, v = random_qkv(queries=7)
    causal = jnp.tril(jnp.ones((7, 7), bool))[None, None]
    _, weights = attention(q, k, v, mask=causal, return_weights=True)
    np.testing.assert_array_equal(jnp.triu(weights, 1), 0)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    past = jax.grad(lambda v: attention(q, k, v, mask=causal)[0][:, 2].sum())(v)
    np.testing.assert_array_equal(past[:, 3:], 0)
    assert jnp.abs(past[:, :3]).min() > 0


def test_a_query_without_keys_is_finite():
    q, k, v = random_qkv()
    gradient = jax.grad(lambda k: attention(q, k, v, mask=jnp.zeros((1, 1, 1, 7), bool))[0].sum())(k)
    assert jnp.isfinite(gradient).all()


def test_half_precision_keeps_a_float32_softmax():
    q, k, v = random_qkv(dtype=jnp.bfloat16)
    out, weights = attention(q, k, v, return_weights=True)
    assert out.dtype == jnp.bfloat16 and weights.dtype == jnp.float32
    exact = attention_weights(q.astype(jnp.float32), k.astype(jnp.float32), scale=8**-0.5)
    np.testing.assert_allclose(weights, exact, atol=0.02)


def test_position_table_with_n_100_and_width_4():
    """The lecture's table, frequencies counted from 0, two digits."""
    expected = [[0, 1, 0, 1], [0.84, 0.54, 0.10, 1.0], [0.91, -0.42, 0.20, 0.98], [0.14, -0.99, 0.30, 0.96]]
    np.testing.assert_allclose(sinusoidal_positions(4, 4, n=100), expected, atol=6e-3)


def test_frequencies_counted_from_1_are_the_other_lectures():
    k = np.arange(1, 4)
    angles = np.arange(5)[:, None] / 10_000 ** (2 * k / 6)
    table = sinusoidal_positions(5, 6, first=1)
    np.testing.assert_allclose(table[:, 0::2], np.sin(angles), atol=1e-6)
    np.testing.assert_allclose(table[:, 1::2], np.cos(angles), atol=1e-6)


def test_a_shift_of_position_is_a_rotation_that_does_not_depend_on_the_position():
    table = sinusoidal_positions(12, 8).reshape(12, 4, 2)
    moved = sinusoidal_positions(15, 8).reshape(15, 4, 2)[3:]
    w = 3 * 10_000.0 ** (-2 * np.arange(4) / 8)
    rotation = np.stack([np.stack([np.cos(w), np.sin(w)], -1), np.stack([-np.sin(w), np.cos(w)], -1)], -2)
    np.testing.assert_allclose(np.einsum("kij,lkj->lki", rotation, table), moved, atol=1e-5)


def test_an_odd_width_is_named():
    with pytest.raises(ValueError, match="width 5 of a sinusoidal table is odd"):
        sinusoidal_positions(4, 5)
