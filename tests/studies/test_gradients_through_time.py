"""The cliff against its formula, what clipping does on it, the comparison table, and the chain of products."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.studies import cliff, gradients_through_time
from dlcv.studies.sequence_processing import longest_chain


def test_the_cliff_s_loss_is_the_loop_written_out():
    h = 0.5
    for _ in range(50):
        h = 4.6 / (1 + np.exp(-h)) - 2.0
    expected = (1 / (1 + np.exp(-h)) - 0.7) ** 2
    assert float(jax.jit(cliff.loss)(jnp.array([4.6, -2.0]))) == pytest.approx(expected, rel=1e-4)


def test_only_without_clipping_the_cliff_throws_far():
    paths = cliff.descents(60)
    longest = {label: cliff.longest_step(path) for label, path in paths.items()}
    assert longest["no clipping"] > 2 and longest["clipped to the norm 0.1"] == pytest.approx(0.1, abs=1e-5)
    assert (
        0.1 < longest["the lecture's rule"] <= 0.1**0.5 + 1e-5
    )  # the squared norm passes up to the root of the threshold
    losses = {label: float(cliff.loss(jnp.asarray(path[-1]))) for label, path in paths.items()}
    assert losses["clipped to the norm 0.1"] < 0.2 * losses["no clipping"]


def test_the_table_counts_what_the_layers_hold():
    norms = {name: {"mean": 1.0, "std": 0.0} for name in ("RNN", "LSTM", "GRU")}
    rows = [line.split(" | ") for line in gradients_through_time.as_table(5, norms, 60).splitlines()[2:5]]
    # Gates x (D H + H H) + biases x H with D = H = 5; torch counts a second bias for each gate.
    assert [row[:4] for row in rows] == [
        ["| rnn_tanh", "no", "0", "55"], ["| lstm", "yes", "3", "220"], ["| gru", "no", "2", "170"],
    ]  # fmt: skip


def test_a_chain_counts_products_that_wait_for_one_another():
    w = jnp.ones((3, 3))

    def loop(x):
        return jax.lax.scan(lambda h, _: (jnp.tanh(h @ w), None), x, length=7)[0]

    def chain(f):
        return longest_chain(jax.make_jaxpr(f)(jnp.ones(3)).jaxpr)

    assert chain(loop) == 7 and chain(lambda x: x @ w + x @ w) == 1
    assert chain(lambda x: jax.jit(loop)(x @ w) @ w) == 9
