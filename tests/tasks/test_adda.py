"""ADDA's two players: who changes what, what the discriminator sees, and that the target's encoder gives way to it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from two_domains import BATCH, make, value

from dlcv.engine import catalogue, restore
from dlcv.engine.step import init_state, train_step
from dlcv.engine.task import Variables

KEY = jax.random.key(0)


def moved(before, after) -> dict[str, bool]:
    """Subtree -> whether any bit of it changed."""
    return {
        name: any(
            (np.asarray(a) != np.asarray(b)).any()
            for a, b in zip(jax.tree.leaves(before[name]), jax.tree.leaves(after[name]), strict=True)
        )
        for name in before
    }


def alone(task, name: str):
    """The task with one of its players."""
    players = tuple(player for player in task.players if player.name == name)
    frozen = tuple(other for player in task.players if player.name != name for other in player.owns)
    return type(task)(**{**vars(task), "players": players, "frozen": task.frozen + frozen})


def test_the_targets_step_leaves_everything_else_bit_identical():
    task = alone(make("adda"), "target")
    state = init_state(task, jax.random.key(1))
    after, _ = train_step(state, BATCH, KEY, task=task)
    v, w = state.variables, after.variables
    assert moved(v.params, w.params) == dict(encoder=False, classifier=False, encoder_target=True, discriminator=False)
    assert moved(v.stats, w.stats) == dict(encoder=False, encoder_target=True)


def test_the_discriminators_step_leaves_everything_else_bit_identical():
    task = alone(make("adda"), "discriminator")
    state = init_state(task, jax.random.key(1))
    after, _ = train_step(state, BATCH, KEY, task=task)
    v, w = state.variables, after.variables
    assert moved(v.params, w.params) == dict(encoder=False, classifier=False, encoder_target=False, discriminator=True)
    assert moved(v.stats, w.stats) == dict(encoder=False, encoder_target=False)


def test_the_discriminator_sees_the_source_in_running_statistics_and_the_target_in_the_batchs():
    task = make("adda")
    v = init_state(task, jax.random.key(1)).variables
    other = jax.tree.map(lambda x: x + 0.5, v.stats["encoder"])
    plain = value(task, v, BATCH, player=0)[0]
    assert value(task, v.replace(stats={**v.stats, "encoder": other}), BATCH, player=0)[0] != plain
    assert value(task, v.replace(stats={**v.stats, "encoder_target": other}), BATCH, player=0)[0] == plain


def test_the_target_climbs_towards_the_source_while_the_discriminator_stands_still():
    task = make("adda")
    state = init_state(task, jax.random.key(1))
    step = jax.jit(partial(train_step, batch=BATCH, key=KEY, task=alone(task, "discriminator")))
    for _ in range(30):
        state, metrics = step(state)
    told = float(metrics["discriminator/told"])
    step = jax.jit(partial(train_step, batch=BATCH, key=KEY, task=alone(task, "target")))
    losses = []
    for _ in range(30):
        state, metrics = step(state)
        losses.append(float(metrics["target/loss"]))
    assert told > 0.9
    assert losses[-1] < 0.5 * losses[0]


def test_the_start_fills_both_encoders_and_the_target_is_predicted_by_its_own():
    source, target = make("source_only"), make("adda")
    trained = init_state(source, jax.random.key(5)).variables
    rules = catalogue.load("experiments/adaptation/adda.py:smoke").start.rules
    v = restore.transplant(init_state(target, jax.random.key(1)).variables, trained, rules)
    for name in ("encoder", "encoder_target"):
        jax.tree.map(np.testing.assert_array_equal, v.params[name], trained.params["encoder"])
        jax.tree.map(np.testing.assert_array_equal, v.stats[name], trained.stats["encoder"])
    jax.tree.map(np.testing.assert_array_equal, v.params["classifier"], trained.params["classifier"])

    rows = {"image": BATCH["source"]["image"], "domain": jnp.asarray([0, 1] * 4, jnp.int32)}
    silent = jax.tree.map(jnp.zeros_like, v.params["encoder_target"])
    outputs = target.predict(Variables({**v.params, "encoder_target": silent}, v.stats), rows, None)
    flat = np.abs(np.asarray(outputs["features"])).max(1) == 0
    assert flat.tolist() == [False, True] * 4
