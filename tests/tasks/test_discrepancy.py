"""A divergence beside the label loss: where it acts, how much it weighs, and that it goes down when trained on."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from two_domains import BATCH, make, value

from dlcv.engine.step import init_state
from dlcv.losses.divergence import DIVERGENCES


def gradients(task, v, step: int = 0):
    def loss(params):
        return task.players[0].loss(params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(step))[0].value

    return jax.grad(loss)(v.params)


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_the_loss_is_labels_plus_weight_times_the_sum_over_layers(divergence):
    task = make("ddc", divergence=divergence, layers=("hidden_1", "logits"), weight=3.0)
    v = init_state(task, jax.random.key(1)).variables
    total, aux = value(task, v, BATCH)
    parts = [aux.metrics[f"{divergence}_{layer}"] for layer in ("hidden_1", "logits")]
    np.testing.assert_allclose(total, aux.metrics["label_loss"] + 3 * sum(parts), rtol=1e-5)
    assert all(float(part) != 0 for part in parts)


def test_a_layer_below_leaves_the_layers_above_alone():
    """Compared at the encoder's features, the label head feels its labels only; compared at the logits, all of it moves."""
    plain, below, above = (
        make("ddc", weight=weight, layers=layers)
        for weight, layers in ((0.0, ("logits",)), (5.0, ("features",)), (5.0, ("logits",)))
    )
    v = init_state(plain, jax.random.key(1)).variables
    found = [gradients(task, v) for task in (plain, below, above)]
    gap = lambda i, name: max(  # noqa: E731
        float(np.abs(a - b).max())
        for a, b in zip(jax.tree.leaves(found[0][name]), jax.tree.leaves(found[i][name]), strict=True)
    )
    assert gap(1, "classifier") < 1e-6 < 1e-3 < gap(1, "encoder")
    assert min(gap(2, "classifier"), gap(2, "encoder")) > 1e-3


def test_a_growing_weight_begins_at_nothing():
    growing, plain = make("ddc", schedule="growing", weight=2.0), make("ddc", weight=0.0)
    v = init_state(plain, jax.random.key(1)).variables
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-7), gradients(growing, v), gradients(plain, v))
    late = [
        jax.tree.leaves(gradients(task, v, step=10**6)["encoder"])[0] for task in (growing, make("ddc", weight=2.0))
    ]
    np.testing.assert_allclose(*late, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("divergence", ["linear_mmd", "mmd_unbiased", "coral"])
def test_descent_brings_the_domains_together(divergence):
    task = make("ddc", divergence=divergence, layers=("hidden_1",), weight=1.0)
    v = init_state(task, jax.random.key(1)).variables
    optimizer = optax.adam(1e-3)
    name, loss = f"{divergence}_hidden_1", task.players[0].loss

    @jax.jit
    def descend(params, state):
        def only(params):
            aux = loss(params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(0))[1]
            return aux.metrics[name]

        apart, found = jax.value_and_grad(only)(params)
        updates, state = optimizer.update(found, state)
        return optax.apply_updates(params, updates), state, apart

    params, state, values = v.params, optimizer.init(v.params), []
    for _ in range(20):
        params, state, apart = descend(params, state)
        values.append(float(apart))
    assert values[-1] < 0.5 * values[0]
