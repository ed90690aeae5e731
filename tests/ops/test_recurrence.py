"""The LSTM against torch, its own step, automatic differentiation, and itself cut in two."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.recurrence import LstmCarry, Weights, lstm_scan, lstm_scan_with_states, lstm_step

B, T, D, H = 3, 11, 5, 6


def random_inputs(dtype=jnp.float32):
    keys = jax.random.split(jax.random.key(0), 6)
    weights = Weights(
        jax.random.normal(keys[0], (D, 4, H)) * 0.5,
        jax.random.normal(keys[1], (H, 4, H)) * 0.5,
        jax.random.normal(keys[2], (4, H)) * 0.5,
    )
    carry = LstmCarry(jax.random.normal(keys[3], (B, H)), jnp.tanh(jax.random.normal(keys[4], (B, H))))
    return jax.random.normal(keys[5], (B, T, D), dtype), carry, weights


run, run_with_states = jax.jit(lstm_scan), jax.jit(lstm_scan_with_states)


def gradients_of(scan):
    return jax.jit(jax.grad(weighted_sum(scan)[0], argnums=(0, 1, 2)))


def weighted_sum(scan):
    """A scalar that depends on every output differently."""
    factors = np.random.default_rng(1).normal(size=(T + 2, B, H)).astype(np.float32)

    def loss(x, carry, weights):
        h_BTH, last, *_ = scan(x, carry, weights)
        return (
            jnp.sum(h_BTH.swapaxes(0, 1) * factors[:T])
            + jnp.sum(last.c_BH * factors[T])
            + jnp.sum(last.h_BH * factors[T + 1])
        )

    return loss, factors


def test_step_is_the_formula_by_hand():
    """One unit, one input: i = f = o = sigmoid(1), g = tanh(1), c' = f c + i g."""
    ones = Weights(jnp.ones((1, 4, 1)), jnp.ones((1, 4, 1)), jnp.zeros((4, 1)))
    carry, gates = lstm_step(LstmCarry(jnp.array([[2.0]]), jnp.array([[0.25]])), jnp.array([[0.75]]), ones)
    gate, candidate = 1 / (1 + np.exp(-1)), np.tanh(1)
    np.testing.assert_allclose(gates[0, :, 0], [gate, gate, candidate, gate], rtol=1e-6)
    np.testing.assert_allclose(carry.c_BH, [[gate * 2 + gate * candidate]], rtol=1e-6)
    np.testing.assert_allclose(carry.h_BH, gate * np.tanh(carry.c_BH), rtol=1e-6)


def test_scan_is_the_step_repeated():
    x, carry, weights = random_inputs()
    h_BTH, last, states = run_with_states(x, carry, weights)
    fast_BTH, fast_last = run(x, carry, weights)
    step = jax.jit(lstm_step)
    for t in range(T):
        carry, gates = step(carry, x[:, t], weights)
        np.testing.assert_allclose(h_BTH[:, t], carry.h_BH, atol=1e-6)
        np.testing.assert_allclose(fast_BTH[:, t], carry.h_BH, atol=1e-6)
        np.testing.assert_allclose(states["gates"][:, t], gates, atol=1e-6)
    for end in (last, fast_last):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), end, carry)


def test_equals_torch_forward_and_backward():
    torch = pytest.importorskip("torch")
    x, carry, weights = random_inputs()
    loss, factors = weighted_sum(lstm_scan)
    value, (dx, dcarry, dweights) = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))(x, carry, weights)

    peer = torch.nn.LSTM(D, H, batch_first=True)
    peer.weight_ih_l0.data = torch.tensor(np.array(weights.input_DGH).reshape(D, 4 * H).T.copy())
    peer.weight_hh_l0.data = torch.tensor(np.array(weights.recurrent_KGH).reshape(H, 4 * H).T.copy())
    peer.bias_ih_l0.data = torch.tensor(np.array(weights.bias_RH).ravel())
    peer.bias_hh_l0.data.zero_()
    tx, tc, th = (torch.tensor(np.array(a), requires_grad=True) for a in (x, *carry))
    out, (last_h, last_c) = peer(tx, (th[None], tc[None]))
    np.testing.assert_allclose(run(x, carry, weights)[0], out.detach().numpy(), atol=1e-5)
    f = torch.tensor(factors)
    total = (out.transpose(0, 1) * f[:T]).sum() + (last_c[0] * f[T]).sum() + (last_h[0] * f[T + 1]).sum()
    total.backward()
    np.testing.assert_allclose(value, total.item(), rtol=1e-5)
    pairs = [
        (dx, tx.grad),
        (dcarry.c_BH, tc.grad),
        (dcarry.h_BH, th.grad),
        (dweights.input_DGH.reshape(D, -1), peer.weight_ih_l0.grad.T),
        (dweights.recurrent_KGH.reshape(H, -1), peer.weight_hh_l0.grad.T),
        (dweights.bias_RH.reshape(-1), peer.bias_ih_l0.grad),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-4, rtol=1e-4)


def test_written_gradient_equals_automatic_differentiation():
    inputs = random_inputs()
    fast, plain = (gradients_of(scan)(*inputs) for scan in (lstm_scan, lstm_scan_with_states))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5, rtol=1e-5), fast, plain)


def test_second_derivatives_survive_the_written_gradient():
    x, carry, weights = random_inputs()

    def penalty(scan, x):
        return jnp.sum(jax.grad(weighted_sum(scan)[0])(x, carry, weights) ** 2)

    fast, plain = (jax.jit(jax.grad(partial(penalty, scan)))(x) for scan in (lstm_scan, lstm_scan_with_states))
    np.testing.assert_allclose(fast, plain, rtol=1e-3, atol=1e-4)


def test_two_halves_with_the_carry_handed_on_equal_the_whole():
    x, carry, weights = random_inputs()
    whole, last = run(x, carry, weights)
    first, middle = run(x[:, :4], carry, weights)
    second, end = run(x[:, 4:], middle, weights)
    np.testing.assert_allclose(jnp.concatenate([first, second], axis=1), whole, atol=1e-6)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), end, last)


def test_the_past_does_not_depend_on_the_future():
    x, carry, weights = random_inputs()
    gradient = jax.jit(jax.grad(lambda x: lstm_scan(x, carry, weights)[0][:, 4].sum()))(x)
    np.testing.assert_array_equal(gradient[:, 5:], 0)
    assert jnp.abs(gradient[:, :5]).max(axis=-1).min() > 0


def test_half_precision_rounds_h_and_keeps_c_and_gradients_of_weights_float32():
    x, carry, weights = random_inputs(jnp.bfloat16)
    h_BTH, last = run(x, carry, weights)
    assert h_BTH.dtype == jnp.bfloat16 and last.c_BH.dtype == last.h_BH.dtype == jnp.float32
    exact, _ = run(x.astype(jnp.float32), carry, weights)
    np.testing.assert_allclose(h_BTH.astype(jnp.float32), exact, atol=0.03)
    gradients, plain = (gradients_of(scan)(x, carry, weights) for scan in (lstm_scan, lstm_scan_with_states))
    assert jax.tree.map(lambda g: g.dtype, gradients) == jax.tree.map(lambda g: g.dtype, plain)
    for ours, automatic in zip(jax.tree.leaves(gradients), jax.tree.leaves(plain), strict=True):
        ours, automatic = ours.astype(jnp.float32), automatic.astype(jnp.float32)
        assert jnp.linalg.norm(ours - automatic) < 0.03 * jnp.linalg.norm(automatic)
