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


def with_leaf(variables, name: str, change):
    """The variables with a leaf of the first layer changed."""
    model = dict(variables.params["model"])
    layer = dict(model["recurrent"]["layer_0"])
    layer[name] = change(layer[name])
    return variables.replace(params={"model": {**model, "recurrent": {"layer_0": layer}}})


def test_layer_norm_takes_the_scale_of_the_weights_away():
    tokens = jnp.asarray(np.random.default_rng(0).integers(0, 96, (2, 13)), jnp.int32)
    for layer_norm in (False, True):
        task = task_of(layer_norm=layer_norm)
        variables, predict = begun(task), jax.jit(task.predict)
        larger = with_leaf(variables, "recurrent_kernel", lambda kernel: 5 * kernel)
        one, other = (predict(v, {"tokens": tokens}, jax.random.key(0))["nats"] for v in (variables, larger))
        assert np.allclose(one, other, atol=1e-2) == layer_norm


def test_a_learned_carry_begins_the_rows_that_begin():
    """It changes what is read from nothing and not what goes on, as many rows as are set back; it is trained where one begins."""
    task = task_of(cell="gru", learned_carry=True, reset=0.5)
    tokens = jnp.asarray(np.random.default_rng(0).integers(0, 96, (2, 13)), jnp.int32)
    variables, predict = begun(task), jax.jit(task.predict)
    moved = with_leaf(variables, "first_carry", lambda first: first + 0.5)
    one, other = (predict(v, {"tokens": tokens}, jax.random.key(0)) for v in (variables, moved))
    assert (np.abs(one["nats"] - other["nats"])[:, 0] > 1e-4).all()
    one, other = (
        predict(v.replace(carry=one["carry"]), {"tokens": tokens}, jax.random.key(0)) for v in (variables, moved)
    )
    np.testing.assert_array_equal(one["nats"], other["nats"])

    def first_gradient(key, carry):
        (player,) = task.players

        def loss(params):
            return player.loss(params, {}, carry, {"tokens": tokens}, key, 0)[0].value

        return jax.grad(loss)(variables.params)["model"]["recurrent"]["layer_0"]["first_carry"]

    gradient = jax.jit(first_gradient)
    assert np.abs(gradient(jax.random.key(0), variables.carry)).min() > 0
    found = [np.abs(gradient(jax.random.key(seed), one["carry"])).max() > 0 for seed in range(16)]
    assert 0 < sum(found) < 16  # at a quarter of the batches no row begins


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
    with pytest.raises(Misuse, match=r"gru|layers"):
        task_of(**wrong)
