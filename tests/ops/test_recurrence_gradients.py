"""Back-propagation through time against finite differences in float64, the LSTM's additive path, and products of Jacobians."""

from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.recurrence import GRU, LSTM, RNN, GruCarry, LstmCarry, RnnCarry, Weights, lstm_scan, scan
from dlcv.ops.recurrence.jacobians import jacobian_norms, with_singular_values

B, T, D, H = 2, 5, 3, 3
CELLS = {"rnn": (RNN["tanh"], RnnCarry, 1, 1), "lstm": (LSTM, LstmCarry, 4, 4), "gru": (GRU, GruCarry, 3, 4)}


@pytest.mark.parametrize("lengths", [None, (5, 2)], ids=["whole", "by length"])
@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_is_that_of_finite_differences(name, lengths, monkeypatch):
    """Every weight, input and first state, to 1e-8 in float64, in spans of two steps and a rest of one."""
    monkeypatch.setattr(import_module(scan.__module__), "SPAN", 2)
    cell, carry, gates, biases = CELLS[name]
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        lengths_B = None if lengths is None else jnp.asarray(lengths)
        shapes = [(B, T, D), (D, gates, H), (H, gates, H), (biases, H), *[(B, H)] * len(carry._fields)]
        sizes = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        factors = jnp.asarray(rng.normal(size=(B, T, H)))

        def loss(flat):
            x, *arrays = (part.reshape(shape) for part, shape in zip(jnp.split(flat, sizes), shapes, strict=True))
            h_BTH, last = scan(cell, x, carry(*arrays[3:]), Weights(*arrays[:3]), lengths_B)
            return jnp.sum(h_BTH * factors) + sum(jnp.sum(state**2) for state in last)

        point = jnp.asarray(rng.normal(size=sum(np.prod(shape) for shape in shapes)) * 0.5)
        assert point.dtype == jnp.float64
        nudges = 1e-5 * jnp.eye(len(point))
        many = jax.jit(jax.vmap(loss))
        numeric = (many(point + nudges) - many(point - nudges)) / 2e-5
        np.testing.assert_allclose(jax.jit(jax.grad(loss))(point), numeric, atol=1e-8)


def test_with_the_forget_gate_open_and_the_input_gate_shut_memory_passes_unchanged():
    """f = 1 and i = 0: d c_T / d c_0 is exactly 1, however long the way; with f = 1/2 it is 2^-T."""
    steps, shut, free = 200, -1e4, 1e4
    x_BTD, carry = jnp.ones((1, steps, D)), LstmCarry(jnp.full((1, H), 0.3), jnp.zeros((1, H)))

    def passed(forget, steps):
        bias_GH = jnp.array([shut, forget, 0.0, 0.0])[:, None] * jnp.ones(H)
        weights = Weights(jnp.zeros((D, 4, H)), jnp.zeros((H, 4, H)), bias_GH)
        last = lambda c: lstm_scan(x_BTD[:, :steps], carry._replace(c_BH=c), weights)[1].c_BH[0]  # noqa: E731
        return jax.jit(jax.jacobian(last))(carry.c_BH)[:, 0]

    np.testing.assert_array_equal(passed(free, steps), np.eye(H))
    np.testing.assert_allclose(passed(0.0, 10), np.eye(H) / 2**10, rtol=1e-6)


@pytest.mark.parametrize("value", [0.5, 1.0, 1.5])
def test_of_a_linear_network_the_norm_is_the_singular_value_to_the_distance(value):
    """W s times an orthogonal matrix: |d h_T / d h_t| / sqrt(H) = s^(T - t)."""
    recurrent_HH = with_singular_values(jax.random.key(0), 6, value)
    np.testing.assert_allclose(jnp.linalg.svd(recurrent_HH)[1], value, rtol=1e-5)
    norms = jax.jit(lambda x: jacobian_norms(lambda h, x: x + h @ recurrent_HH, jnp.zeros(6), x))(jnp.ones((7, 6)))
    np.testing.assert_allclose(norms, value ** np.arange(1, 8), rtol=1e-5)


def test_norms_are_those_of_the_whole_derivative():
    """Against automatic differentiation of the last state by each earlier one, of a tanh network."""
    rng = np.random.default_rng(0)
    w_HH, x_TH = jnp.asarray(rng.normal(size=(4, 4)), jnp.float32), jnp.asarray(rng.normal(size=(5, 4)), jnp.float32)
    step = lambda h, x: jnp.tanh(x + h @ w_HH)  # noqa: E731
    states = [jnp.zeros(4)]
    for x in x_TH:
        states.append(step(states[-1], x))
    expected = []
    for distance in range(1, 6):

        def last(h, distance=distance):
            for x in x_TH[5 - distance :]:
                h = step(h, x)
            return h

        expected.append(jnp.linalg.norm(jax.jacobian(last)(states[5 - distance])) / 2)
    np.testing.assert_allclose(jacobian_norms(step, states[0], x_TH), jnp.stack(expected), rtol=1e-5)


def test_norms_too_small_to_be_squared_are_still_told():
    shrink = jax.jit(lambda x: jacobian_norms(lambda h, x: 1e-6 * h, jnp.ones(2), x))(jnp.ones((5, 2)))
    np.testing.assert_allclose(shrink, 1e-6 ** np.arange(1, 6), rtol=1e-4)
