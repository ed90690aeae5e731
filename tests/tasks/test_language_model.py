"""The character model of any cell: what it costs, what its state carries on, what is drawn from it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.errors import Misuse

PROSE = dict(name="prose", length=12)


def task_of(**task_kw):
    kw = dict(size="tiny", **task_kw)
    return make_task(configs.experiment(task="language_model", task_kw=kw, batch_size=2, data=PROSE))


def begun(task):
    return jax.jit(lambda key: task.init(key, task.batch_spec))(jax.random.key(0))


@pytest.mark.parametrize(("cell", "gates", "biases"), [("lstm", 4, 4), ("gru", 3, 4), ("rnn_tanh", 1, 1)])
def test_every_cell_has_its_parameters_and_its_state_goes_on(cell, gates, biases):
    task = task_of(cell=cell, layers=2)
    variables = begun(task)
    inputs = 96 + 128
    count = sum(leaf.size for leaf in jax.tree.leaves(variables.params))
    assert count == gates * 128 * (inputs + 2 * 128) + 2 * biases * 128 + 129 * 96

    tokens = jnp.asarray(np.random.default_rng(0).integers(0, 96, (2, 13)), jnp.int32)
    predict = jax.jit(task.predict)
    whole = predict(variables, {"tokens": tokens}, jax.random.key(0))
    first = predict(variables, {"tokens": tokens[:, :6]}, jax.random.key(0))
    second = predict(variables.replace(carry=first["carry"]), {"tokens": tokens[:, 5:]}, jax.random.key(0))
    np.testing.assert_allclose(jnp.concatenate([first["nats"], second["nats"]], 1), whole["nats"], atol=1e-5)
    bits = task.metrics["bits"]
    assert bits.final(float(bits.value(whole, {}).mean())) == pytest.approx(float(whole["nats"].mean()) / np.log(2))


def test_text_is_drawn_from_a_prefix_under_filters():
    task = task_of(cell="gru")
    variables = begun(task)

    def text(count=1, **options):
        return task.sample(variables, jax.random.key(1), count, length=20, prefix="The ", **options)["text"]

    greedy = text(temperature=0.0)
    assert greedy.startswith("The ") and len(greedy) == 24
    assert text(k=1) == greedy == text(p=1e-6)  # what leaves one token leaves the most likely
    assert text(temperature=5.0) != greedy and text(temperature=5.0, k=1) == greedy
    assert len(text(count=3).split("-" * 40)) == 3


@pytest.mark.parametrize(
    "options", [dict(k=-1), dict(p=0.0), dict(temperature=-1.0), dict(prefix="é"), dict(prefix="")]
)
def test_what_cannot_be_drawn_is_named(options):
    task = task_of()
    (name,) = options
    with pytest.raises(Misuse, match=name):
        task.sample(begun(task), jax.random.key(0), 1, **options)


@pytest.mark.parametrize("wrong", [dict(cell="gruu"), dict(layers=0)])
def test_an_unknown_cell_and_too_few_layers_are_named(wrong):
    with pytest.raises(Misuse, match=r"gru|layers=0"):
        task_of(**wrong)
