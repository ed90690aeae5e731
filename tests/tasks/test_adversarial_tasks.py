"""The game of two players: who changes what in every task of it, what penalties and clipping do, and what a class condition moves."""

from dataclasses import replace
from functools import partial
from importlib import import_module
from inspect import signature

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import catalogue
from dlcv.engine.experiment import make_task
from dlcv.engine.step import init_state, train_step
from dlcv.engine.task import View
from dlcv.errors import Misuse
from dlcv.models.adversaries import ARCHITECTURES
from dlcv.tasks.adversarial import Seen
from dlcv.tasks.infogan import of_category, of_continuous

KEY, rng = jax.random.key(0), np.random.default_rng(0)
IMAGES = {
    "image": jnp.asarray(rng.integers(0, 255, (8, 28, 28, 1)), jnp.uint8),
    "label": jnp.arange(8, dtype=jnp.int32),
}
POINTS = {"point": jnp.asarray(rng.normal(size=(8, 2)), jnp.float32), "label": jnp.zeros(8, jnp.int32)}
WARPS = (("affine", {"shift": 2.0, "shear": 15.0}),)
GAMES = {  # name -> (experiment, changes of task_kw): every term, architecture and statistic there is
    "plain": ("dcgan", {}),
    "acgan": ("acgan", {"penalty": "r1", "norm": "none", "mode_seeking": 1.0}),
    "infogan": ("infogan", {"agreement": 1.0, "augmentation": WARPS}),
    "energy": ("ebgan", {}),
    "spectral": ("hinge_gan", {}),
    "attention": ("sagan", {}),
    "penalised": ("wgan_gp", {"discriminator_steps": 1}),
    "conditional": ("conditional_gan", {"mode_seeking": 1.0, "norm": "none", "penalty": "r1"}),
    "points": ("points_gan", {"mode_seeking": 1.0}),
    "pairs": ("pix2pix", {"codes": 2, "mode_seeking": 1.0}),
    "sentences": ("text_to_image", {"mode_seeking": 1.0}),
    "colours": ("adversarial_colourisation", {}),
}


def make(system: str, **task_kw):
    config = catalogue.load(f"experiments/generative/{system}.py:smoke").unlock()
    config.task_kw.update(task_kw)
    return make_task(config)


def batch_of(task):
    """Eight random examples of the task's kind; labels and tokens below 8."""
    if "point" in task.batch_spec:
        return POINTS
    return {
        name: jnp.asarray(rng.integers(0, 255 if leaf.dtype == np.uint8 else 8, (8, *leaf.shape[1:])), leaf.dtype)
        for name, leaf in task.batch_spec.items()
    }


def alone(task, name: str):
    """The task with one of its players."""
    chosen = next(player for player in task.players if player.name == name)
    others = tuple(owned for player in task.players if player is not chosen for owned in player.owns)
    return replace(task, players=(chosen,), frozen=task.frozen + others)


def moved(before, after) -> dict[str, bool]:
    """Subtree -> whether any bit of it changed."""
    pairs = {name: zip(jax.tree.leaves(before[name]), jax.tree.leaves(after[name]), strict=True) for name in before}
    return {name: any((np.asarray(a) != np.asarray(b)).any() for a, b in pair) for name, pair in pairs.items()}


BY_DEFAULT = (
    "infogan",
    "spectral",
    "points",
)  # heads, statistics of both kinds, points; a step takes seconds to compile


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in BY_DEFAULT else pytest.mark.all) for n in GAMES])
def test_each_players_step_leaves_the_others_parameters_and_statistics_bit_identical(name):
    system, changes = GAMES[name]
    task = make(system, **changes)
    state = jax.jit(partial(init_state, task))(jax.random.key(1))
    for player in task.players:
        one = alone(task, player.name)
        start = replace(state, optimizers={player.name: state.optimizers[player.name]})
        after, _ = jax.jit(partial(train_step, task=one))(start, batch_of(task), KEY)
        assert moved(state.variables.params, after.variables.params) == {
            subtree: subtree in player.owns for subtree in state.variables.params
        }
        assert moved(state.variables.stats, after.variables.stats) == {
            subtree: subtree in player.changes for subtree in state.variables.stats
        }


def test_every_architecture_is_among_the_games():
    played = set()
    for system, _ in GAMES.values():
        config = catalogue.load(f"experiments/generative/{system}.py:smoke")
        keywords = signature(import_module(f"dlcv.tasks.{config.task}").make).parameters
        if "architecture" in keywords:
            played.add(config.task_kw.get("architecture", keywords["architecture"].default))
    assert played == set(ARCHITECTURES)


def test_a_continuous_code_is_worth_a_sixth_of_a_nat_at_most_and_a_category_log_10():
    """The code's variance in units of the posterior's, halved: reading it exactly against not at all; c is uniform in [-1, 1]."""
    codes = {"category": jnp.eye(10), "continuous": jnp.linspace(-1, 1, 2001)[:, None]}

    blank_sight = Seen(*[None] * len(Seen._fields))

    def gain(term, blind, exact):
        known, unknown = (
            term(blank_sight._replace(told_fake={"posterior": told}, latents=codes)).mean() for told in (exact, blind)
        )
        return float(known - unknown)

    blank, means = jnp.zeros((2001, 10)), codes["continuous"]
    rows = jnp.concatenate([blank, means], 1)
    assert abs(gain(of_continuous, 0 * rows, rows) - 1 / 6) < 1e-3
    assert abs(gain(of_category, jnp.zeros((10, 11)), 100 * jnp.eye(10, 11)) - np.log(10)) < 1e-5


def test_heads_belong_to_one_player():
    owners = {name: {player.name: player.owns for player in make(name).players} for name in ("acgan", "infogan")}
    assert owners["acgan"] == {"discriminator": ("discriminator", "classifier"), "generator": ("generator",)}
    assert owners["infogan"] == {"discriminator": ("discriminator",), "generator": ("generator", "posterior")}


def test_clipping_bounds_every_weight_of_the_critic_after_every_update():
    task = make("wgan")
    state = jax.jit(partial(init_state, task))(jax.random.key(1))
    rows = jax.tree.map(lambda x: jnp.concatenate([x, x]), IMAGES)
    after, _ = jax.jit(partial(train_step, task=task))(state, rows, KEY)
    largest = {
        name: max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(after.variables.params[name]))
        for name in after.variables.params
    }
    assert largest["discriminator"] <= 0.01 * (1 + 1e-6) < 0.5 < largest["generator"]


def test_a_class_condition_changes_the_score_and_the_sample():
    task = make("conditional_gan", norm="none")
    variables = jax.jit(partial(init_state, task))(jax.random.key(1)).variables
    predict = jax.jit(lambda batch: task.predict(variables, batch, KEY))
    one, other = predict(IMAGES), predict({**IMAGES, "label": IMAGES["label"].at[3].set(9)})
    for name in ("samples", "real"):
        change = np.abs(np.asarray(one[name]) - np.asarray(other[name])).reshape(8, -1).max(1) > 0
        assert change.tolist() == [index == 3 for index in range(8)]


def test_agreement_is_asked_of_real_images_and_paid_by_the_discriminators_layers():
    """Two views that differ agree less than two that do not; the generator, which sees nothing real, has no such term."""
    nats = {}
    for name, limit in (("same", 0.0), ("varied", 3.0)):
        task = make("infogan", agreement=1.0, augmentation=(("affine", {"shift": limit, "rotate": 30 * limit}),))
        variables = jax.jit(partial(init_state, task))(jax.random.key(1)).variables
        for player in task.players:
            loss = jax.jit(player.loss)
            _, aux = loss(variables.params, variables.stats, {}, IMAGES, KEY, jnp.asarray(0))
            nats[name, player.name] = dict(aux.metrics).get("agreement_nats")
    assert nats["same", "generator"] is nats["varied", "generator"] is None
    assert 0 <= nats["varied", "discriminator"] < nats["same", "discriminator"] <= np.log(10)


def test_agreement_needs_an_augmentation():
    with pytest.raises(Misuse, match="two augmentations"):
        make("infogan", agreement=1.0)


def test_terms_are_named_and_weighted():
    batch, loss = IMAGES, {}
    for weight in (0.0, 1.0, 3.0):
        task = make("dcgan", mode_seeking=weight)
        variables = jax.jit(partial(init_state, task))(jax.random.key(1)).variables
        found, aux = jax.jit(task.players[1].loss)(variables.params, variables.stats, {}, batch, KEY, jnp.asarray(0))
        loss[weight] = float(found.value), dict(aux.metrics)
    assert loss[0.0][1] == {} and set(loss[1.0][1]) == {"mode_seeking"}
    np.testing.assert_allclose(loss[3.0][0] - loss[0.0][0], 3 * (loss[1.0][0] - loss[0.0][0]), rtol=1e-4)


@pytest.mark.parametrize(
    ("task_kw", "message"),
    [
        (dict(loss="hing"), "did you mean 'hinge'"),
        (dict(penalty="gradients", norm="none"), "did you mean 'gradient'"),
        (dict(penalty="r1"), "norm='layer'"),
        (dict(condition="classes"), "did you mean 'class'"),
        (dict(architecture="mlp"), "architecture='dcgan'"),
        (dict(loss="energy"), "scores by energies"),
        (dict(architecture="autoencoder"), "scores by energies"),
        (dict(clip=-0.01), "clip of task 'gan' must be at least 0"),
        (
            dict(penalty="gradient", norm="none", penalty_weight=-10.0),
            "penalty_weight of task 'gan' must be at least 0",
        ),
    ],
)
def test_what_cannot_be_played_is_named(task_kw, message):
    with pytest.raises(Misuse, match=message):
        make("dcgan", **task_kw)


def test_infogans_weights_are_two():
    with pytest.raises(Misuse, match="expected two, of the categorical code and of the continuous ones"):
        make("infogan", weights=(1.0,))


@pytest.mark.parametrize(("system", "label", "message"), [("acgan", 10, "0 to 9"), ("dcgan", 3, "no class")])
def test_a_class_that_cannot_be_asked_for_is_named(system, label, message):
    with pytest.raises(Misuse, match=message):
        make(system).sample(None, KEY, 4, label=label)


@pytest.mark.all
def test_an_augmentation_changes_what_both_players_learn_from_and_no_prediction():
    tasks = [make("infogan", norm="none", augmentation=recipe) for recipe in ((), (("affine", {"shift": 4.0}),))]
    variables = jax.jit(partial(init_state, tasks[0]))(jax.random.key(1)).variables
    for index in range(2):
        arguments = variables.params, variables.stats, {}, IMAGES, KEY, jnp.asarray(0)
        losses = [jax.jit(task.players[index].loss)(*arguments)[0].value for task in tasks]
        assert abs(losses[0] - losses[1]) > 1e-6
    told = [jax.jit(task.predict)(variables, IMAGES, KEY)["posterior"] for task in tasks]
    assert (told[0] == told[1]).all()


def test_a_category_weighs_in_the_generator_by_its_scale():
    def drawn(scale):
        task = make("infogan", category_scale=scale)
        variables = jax.jit(partial(init_state, task))(jax.random.key(1)).variables
        return task.figures["categories"](View(variables, {}, {}, KEY)).arrays["images"].reshape(8, 10, -1)

    spread = [np.ptp(drawn(scale), axis=1).max() for scale in (0.0, 1.0, 5.0)]  # over the categories of one noise
    assert spread[0] < 1e-6 < spread[1] < spread[2]
