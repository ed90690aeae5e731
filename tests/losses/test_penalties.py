"""Penalties on networks whose gradients are known by hand, and on samples that are alike."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses import penalties

rng = np.random.default_rng(0)
REAL, FAKE = jnp.asarray(rng.normal(size=(2, 5, 3, 2)), jnp.float32)
W = rng.normal(size=(3, 2)).astype(np.float32)
EPSILON = jnp.asarray([0.0, 0.25, 0.5, 0.75, 1.0])


def linear(w):
    """D(x) = w . x, whose gradient is w everywhere."""
    return lambda x: jnp.einsum("bij,ij->b", x, w)


def squared(w):
    """D(x) = (w . x)^2, whose gradient is 2 (w . x) w."""
    return lambda x: linear(w)(x) ** 2


def test_the_gradient_penalty_of_a_linear_critic_is_that_of_its_weights_norm():
    norm = np.sqrt((W**2).sum())
    found = penalties.gradient_penalty(linear(W), REAL, FAKE, EPSILON)
    np.testing.assert_allclose(found, np.full(5, (norm - 1) ** 2), rtol=1e-5)
    np.testing.assert_allclose(penalties.gradient_penalty(linear(W / norm), REAL, FAKE, EPSILON), 0, atol=1e-9)


def test_the_gradient_penalty_is_taken_between_real_and_fake():
    x = np.asarray(EPSILON)[:, None, None] * REAL + (1 - np.asarray(EPSILON))[:, None, None] * FAKE
    norms = np.abs(2 * np.einsum("bij,ij->b", x, W)) * np.sqrt((W**2).sum())
    found = penalties.gradient_penalty(squared(W), REAL, FAKE, EPSILON)
    np.testing.assert_allclose(found, (norms - 1) ** 2, rtol=1e-4)
    np.testing.assert_array_equal(penalties.between(REAL, FAKE, jnp.ones(5)), REAL)


def test_the_gradient_penalty_moves_the_weights_towards_norm_one():
    """d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|."""
    gradient = jax.grad(lambda w: penalties.gradient_penalty(linear(w), REAL, FAKE, EPSILON).mean())(jnp.asarray(W))
    norm = np.sqrt((W**2).sum())
    np.testing.assert_allclose(gradient, 2 * (norm - 1) * W / norm, rtol=1e-4)
    flat = jax.grad(lambda w: penalties.gradient_penalty(linear(w), REAL, FAKE, EPSILON).mean())(jnp.zeros((3, 2)))
    assert np.isfinite(flat).all()


def test_the_gradient_penalty_s_own_gradient_is_that_of_finite_differences():
    """A critic that bends: D(x) = tanh(w . x), the penalty's derivative by each weight by central differences in float64."""
    step = 1e-6
    with jax.enable_x64(True):
        real, fake, epsilon, w = (jnp.asarray(np.asarray(x, np.float64)) for x in (REAL, FAKE, EPSILON, W))

        def value(w):
            return penalties.gradient_penalty(lambda x: jnp.tanh(linear(w)(x)), real, fake, epsilon).mean()

        found, value = np.asarray(jax.grad(value)(w)), jax.jit(value)
        for place in np.ndindex(*w.shape):
            moved = jnp.zeros_like(w).at[place].set(step)
            wanted = (value(w + moved) - value(w - moved)) / (2 * step)
            np.testing.assert_allclose(found[place], wanted, rtol=1e-5, atol=1e-8)


def test_r1_is_half_the_squared_gradient_at_real_examples():
    wanted = (2 * np.einsum("bij,ij->b", REAL, W)) ** 2 * (W**2).sum() / 2
    np.testing.assert_allclose(penalties.r1(squared(W), REAL), wanted, rtol=1e-4)
    gradient = jax.grad(lambda w: penalties.r1(linear(w), REAL).mean())(jnp.asarray(W))
    np.testing.assert_allclose(gradient, W, rtol=1e-5)


def test_pull_away_is_the_mean_squared_cosine_of_different_codes():
    S = rng.normal(size=(6, 4))
    cosines = [S[i] @ S[j] / np.linalg.norm(S[i]) / np.linalg.norm(S[j]) for i in range(6) for j in range(6) if i != j]
    np.testing.assert_allclose(penalties.pull_away(jnp.asarray(S, jnp.float32)), np.mean(np.square(cosines)), rtol=1e-5)
    np.testing.assert_allclose(penalties.pull_away(3 * jnp.eye(4)), 0, atol=1e-7)
    np.testing.assert_allclose(penalties.pull_away(jnp.asarray([[1.0, 2], [2, 4], [-1, -2]])), 1, rtol=1e-5)


def test_mode_seeking_is_the_published_formula():
    z1, z2 = rng.normal(size=(2, 5, 7))
    wanted = 1 / (np.abs(FAKE - REAL).mean() / np.abs(z2 - z1).mean() + 1e-5)
    np.testing.assert_allclose(penalties.mode_seeking(REAL, FAKE, jnp.asarray(z1), jnp.asarray(z2)), wanted, rtol=1e-5)
    collapsed = penalties.mode_seeking(REAL, REAL, jnp.asarray(z1), jnp.asarray(z2))
    np.testing.assert_allclose(collapsed, 1e5, rtol=1e-5)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_mode_seeking_falls_as_samples_move_apart(scale):
    z = jnp.asarray(rng.normal(size=(2, 5, 7)))
    terms = [penalties.mode_seeking(REAL, REAL + s * (FAKE - REAL), *z) for s in (1.0, scale)]
    np.testing.assert_allclose(terms[0] / terms[1], scale, rtol=1e-4)
