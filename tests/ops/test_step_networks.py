"""Three designs of many-to-many networks: each against its loop over steps, and what each sees."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.step_networks import StepWeights, one_network_a_step, shared_with_state, shared_without_state

rng = np.random.default_rng(0)
B, T, D, H, O = 2, 4, 3, 5, 2


def weights(*lead, recurrent=False):
    shapes = [(*lead, D, H), (*lead, H), (*lead, H, O)] + [(H, H)] * recurrent
    return StepWeights(*(jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in shapes))


X_BTD = jnp.asarray(rng.normal(size=(B, T, D)), jnp.float32)


def test_each_is_its_loop_over_steps():
    shared, own, with_state, h = weights(), weights(T), weights(recurrent=True), np.zeros((B, H))
    for t in range(T):
        x = np.asarray(X_BTD[:, t])
        expected = np.tanh(x @ shared.input_DH + shared.bias_H) @ shared.output_HO
        np.testing.assert_allclose(shared_without_state(shared, X_BTD)[:, t], expected, atol=1e-5)
        expected = np.tanh(x @ own.input_DH[t] + own.bias_H[t]) @ own.output_HO[t]
        np.testing.assert_allclose(one_network_a_step(own, X_BTD)[:, t], expected, atol=1e-5)
        h = np.tanh(x @ with_state.input_DH + h @ with_state.recurrent_HH + with_state.bias_H)
        np.testing.assert_allclose(shared_with_state(with_state, X_BTD)[:, t], h @ with_state.output_HO, atol=1e-5)


def test_only_a_state_sees_the_past():
    designs = {
        shared_without_state: weights(), one_network_a_step: weights(T), shared_with_state: weights(recurrent=True),
    }  # fmt: skip
    for design, w in designs.items():
        seen = jax.grad(lambda x, design=design, w=w: design(w, x)[:, 2].sum())(X_BTD)
        assert bool(jnp.any(seen[:, 0] != 0)) == (design is shared_with_state)
        assert not jnp.any(seen[:, 3]) and jnp.all(seen[:, 2] != 0)


def test_networks_for_four_steps_take_no_fifth():
    with pytest.raises(ValueError, match="4 networks cannot take 5 steps"):
        one_network_a_step(weights(4), jnp.zeros((1, 5, D)))
