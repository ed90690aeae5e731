"""Peepholes and layer normalisation against their formulas in numpy, and padding by length."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from dlcv.ops.recurrence import GRU, LSTM, GruCarry, LstmCarry, inside, last_inside, reverse
from dlcv.ops.recurrence.lstm import peephole_cell
from dlcv.ops.recurrence.normalised import Norms, normalise, normalised

B, H = 2, 5
rng = np.random.default_rng(0)


def draws(*shape):
    return rng.normal(size=shape).astype(np.float32)


def standard(z):
    """Rows of mean 0 and variance 1, written out."""
    flat = z.reshape(len(z), -1)
    return ((flat - flat.mean(1, keepdims=True)) / np.sqrt(flat.var(1, keepdims=True) + 1e-5)).reshape(z.shape)


def test_peepholes_show_the_old_memory_to_two_gates_and_the_new_one_to_the_third():
    c, h, p, zx, zh = draws(B, H), draws(B, H), draws(3, H), draws(B, 4, H), draws(B, 4, H)
    z = zx + zh
    i, f, g = expit(z[:, 0] + p[0] * c), expit(z[:, 1] + p[1] * c), np.tanh(z[:, 2])
    new = f * c + i * g
    o = expit(z[:, 3] + p[2] * new)
    carry, gates = peephole_cell(
        *map(jnp.asarray, (p,)), LstmCarry(jnp.asarray(c), jnp.asarray(h)), jnp.asarray(zx), jnp.asarray(zh)
    )
    np.testing.assert_allclose(carry.c_BH, new, atol=1e-6)
    np.testing.assert_allclose(carry.h_BH, o * np.tanh(new), atol=1e-6)
    np.testing.assert_allclose(gates, np.stack([i, f, g, o], 1), atol=1e-6)


def test_a_normalised_lstm_is_the_formula():
    c, zx, zh, gain_x, gain_h = draws(B, H), draws(B, 4, H), draws(B, 4, H), draws(4, H), draws(4, H)
    bias, memory = draws(4, H), draws(2, H)
    z = standard(zx) * gain_x + standard(zh) * gain_h + bias
    new = expit(z[:, 1]) * c + expit(z[:, 0]) * np.tanh(z[:, 2])
    cell = normalised(LSTM.forward, Norms(*map(jnp.asarray, (gain_x, gain_h, bias, memory))))
    carry, _ = cell(LstmCarry(jnp.asarray(c), jnp.zeros((B, H))), jnp.asarray(zx), jnp.asarray(zh))
    np.testing.assert_allclose(carry.c_BH, new, atol=1e-5)
    np.testing.assert_allclose(carry.h_BH, expit(z[:, 3]) * np.tanh(standard(new) * memory[0] + memory[1]), atol=1e-5)


def test_a_normalised_gru_is_the_formula():
    """The fourth row of the bias joins the candidate's recurrent sum, under the reset gate."""
    h, zx, zh, gain_x, gain_h, bias = (
        draws(B, H),
        *(draws(B, 3, H) for _ in range(2)),
        draws(3, H),
        draws(3, H),
        draws(4, H),
    )
    a, b = standard(zx) * gain_x + bias[:3], standard(zh) * gain_h
    r, z = expit(a[:, 0] + b[:, 0]), expit(a[:, 1] + b[:, 1])
    n = np.tanh(a[:, 2] + r * (b[:, 2] + bias[3]))
    cell = normalised(GRU.forward, Norms(*map(jnp.asarray, (gain_x, gain_h, bias))))
    carry, _ = cell(GruCarry(jnp.asarray(h)), jnp.asarray(zx), jnp.asarray(zh))
    np.testing.assert_allclose(carry.h_BH, (1 - z) * n + z * h, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 7), (2, 4, 5)])
def test_normalise_takes_a_whole_row(shape):
    z = draws(*shape)
    np.testing.assert_allclose(normalise(jnp.asarray(z)), standard(z), atol=1e-5)


def test_reversal_and_the_last_step_go_by_length():
    x_BT = jnp.array([[1, 2, 3, 4], [1, 2, 0, 0], [0, 0, 0, 0]])
    lengths_B = jnp.array([4, 2, 0])
    np.testing.assert_array_equal(reverse(x_BT, lengths_B), [[4, 3, 2, 1], [2, 1, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(reverse(reverse(x_BT, lengths_B), lengths_B), x_BT)
    np.testing.assert_array_equal(last_inside(x_BT, lengths_B), [4, 2, 0])
    np.testing.assert_array_equal(last_inside(x_BT), [4, 0, 0])
    np.testing.assert_array_equal(inside(lengths_B, 4).sum(1), lengths_B)
