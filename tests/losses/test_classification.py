"""Classification and adversarial losses against numpy and against each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses.classification import binary_cross_entropy, correct, cross_entropy

rng = np.random.default_rng(0)
LOGITS, LABELS = rng.normal(size=(7, 5)).astype(np.float32) * 3, rng.integers(0, 5, 7)


def test_cross_entropy_is_minus_log_softmax_of_the_label():
    p = np.exp(LOGITS.astype(np.float64))
    p /= p.sum(1, keepdims=True)
    found = cross_entropy(jnp.asarray(LOGITS), jnp.asarray(LABELS))
    np.testing.assert_allclose(found, -np.log(p[np.arange(7), LABELS]), rtol=1e-5)


def test_smoothing_mixes_the_label_with_the_uniform_distribution():
    logp = LOGITS - np.log(np.exp(LOGITS.astype(np.float64)).sum(1, keepdims=True))
    target = 0.9 * np.eye(5)[LABELS] + 0.1 / 5
    found = cross_entropy(jnp.asarray(LOGITS), jnp.asarray(LABELS), 0.1)
    np.testing.assert_allclose(found, -(target * logp).sum(1), rtol=1e-5)


def test_cross_entropy_gradient_is_softmax_minus_one_hot():
    gradient = jax.grad(lambda x: cross_entropy(x, jnp.asarray(LABELS)).sum())(jnp.asarray(LOGITS))
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    np.testing.assert_allclose(gradient, p - np.eye(5)[LABELS], atol=1e-6)


def test_uniform_logits_cost_log_of_the_number_of_classes():
    np.testing.assert_allclose(cross_entropy(jnp.zeros((1, 10)), jnp.zeros(1, jnp.int32)), np.log(10), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_losses_are_float32_and_finite_at_the_extremes(dtype):
    extreme = jnp.asarray([-1e4, -30.0, 0.0, 30.0, 1e4], dtype)
    for target in (0.0, 1.0):
        found = binary_cross_entropy(extreme, target)
        assert found.dtype == jnp.float32 and np.isfinite(found).all() and (np.asarray(found) >= 0).all()


def test_correct_counts_the_largest_logit():
    np.testing.assert_array_equal(correct(jnp.asarray(LOGITS), jnp.asarray(LABELS)), LOGITS.argmax(1) == LABELS)
