"""The train step: who may change what, which rows and keys a player gets, and what the wrappers leave equal."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import tiny

from dlcv.engine import wrappers
from dlcv.engine.execution import Execution
from dlcv.engine.step import check_ownership, init_state, plain_gradients, slice_batch, train_step
from dlcv.engine.task import Aux, Loss, Player

KEY = jax.random.key(0)
ZERO = optax.set_to_zero()


def stepped(task, batch, count: int = 1, **more):
    """(states after each step, metrics of each step), the first state being the fresh one."""
    step = jax.jit(partial(train_step, task=task, **more))
    states, metrics = [init_state(task, KEY)], []
    for _ in range(count):
        state, found = step(states[-1], batch, KEY)
        states.append(state)
        metrics.append(found)
    return states, metrics


def changed(before, after) -> set[str]:
    return {
        name
        for name in before
        if not all(
            np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, (before[name], after[name])), strict=True)
        )
    }


@pytest.mark.parametrize(
    ("owns", "frozen", "message"),
    [
        ((("critic",), ("critic",)), (), r"params\['critic'\] has 2 owners"),
        ((("critic",), ()), (), r"params\['maker'\] has 0 owners"),
        ((("critic",), ("maker",)), ("maker",), r"params\['maker'\] has 2 owners"),
        ((("critic",), ("maker", "judge")), (), r"\['judge'\], which init did not make"),
    ],
)
def test_every_subtree_has_exactly_one_owner(owns, frozen, message):
    task = tiny.duel()
    players = tuple(replace(player, owns=mine) for player, mine in zip(task.players, owns, strict=True))
    with pytest.raises(ValueError, match=message):
        init_state(replace(task, players=players, frozen=frozen), KEY)


def test_statistics_that_nobody_updates_are_refused():
    task = tiny.duel(updates=())
    with pytest.raises(ValueError, match=r"stats \['critic'\] are updated by no player"):
        check_ownership(task, task.init(KEY, task.batch_spec))


def test_a_player_changes_only_what_it_owns():
    task = tiny.duel()
    frozen = replace(task, players=task.players[:1], frozen=("maker",))
    (before, after), _ = stepped(frozen, tiny.batch())
    assert changed(before.variables.params, after.variables.params) == {"critic"}
    assert changed(before.variables.stats, after.variables.stats) == {"critic"}
    assert set(after.optimizers) == {"critic"}


def test_the_makers_step_leaves_critic_parameters_and_statistics_bit_identical():
    task = tiny.duel(first=ZERO, updates=())
    task = replace(task, frozen=("critic",), players=(replace(task.players[0], owns=()), task.players[1]))
    (before, _, after), _ = stepped(task, tiny.batch(), 2)
    tiny.same(before.variables.params["critic"], after.variables.params["critic"])
    tiny.same(before.variables.stats["critic"], after.variables.stats["critic"])
    assert changed(before.variables.params, after.variables.params) == {"maker"}


def test_a_zeroed_optimizer_leaves_its_parameters_bit_identical():
    (before, after), _ = stepped(tiny.duel(first=ZERO), tiny.batch())
    tiny.same(before.variables.params["critic"], after.variables.params["critic"])
    assert after.variables.stats["critic"]["count"] == 1  # its own loss ran once, the maker's did not count


def test_later_players_see_fresh_parameters():
    (before, after), (metrics,) = stepped(tiny.duel(), tiny.batch())
    assert metrics["critic/critic"] == pytest.approx(float(before.variables.params["critic"]["w"].sum()), rel=1e-6)
    assert metrics["maker/critic"] == pytest.approx(float(after.variables.params["critic"]["w"].sum()), rel=1e-6)


def test_each_update_takes_its_own_rows_and_key():
    rows, keys, batch = [], [], tiny.batch(16)

    def spy(player, variables, batch, key, step):
        if player.name == "critic":
            rows.append(np.asarray(batch["x"]))
            keys.append(jax.random.key_data(key).tobytes())
        return plain_gradients(player, variables, batch, key, step)

    task = tiny.duel(steps=2)
    state, _ = train_step(init_state(task, KEY), batch, KEY, task=task, gradients=spy)
    train_step(state, batch, KEY, task=task, gradients=spy)
    np.testing.assert_array_equal(np.stack(rows[:2], 1).reshape(16, -1), batch["x"])  # interleaved, nothing twice
    assert len(set(keys)) == 4


def test_a_player_with_two_updates_equals_two_updates_by_hand():
    task, batch = tiny.duel(steps=2), tiny.batch(16)
    (before, after), _ = stepped(task, batch)
    variables, optimizer = before.variables, before.optimizers["critic"]
    for part in range(2):
        gradients, _, _ = plain_gradients(task.players[0], variables, slice_batch(batch, 2, part), KEY, 0)
        updates, optimizer = task.players[0].optimizer.update(gradients, optimizer, variables.params)
        variables = variables.replace(
            params={**variables.params, **optax.apply_updates({"critic": variables.params["critic"]}, updates)}
        )
    tiny.close(after.variables.params["critic"], variables.params["critic"])
    assert after.variables.stats["critic"]["count"] == 2
    assert after.variables.stats["maker"]["count"] == 1


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_slices_partition_the_rows(parts):
    tree = {"a": jnp.arange(8), "b": {"c": jnp.arange(16).reshape(8, 2)}}
    slices = [slice_batch(tree, parts, part) for part in range(parts)]
    assert all(part["a"].shape == (8 // parts,) and part["b"]["c"].shape == (8 // parts, 2) for part in slices)
    assert sorted(np.concatenate([part["a"] for part in slices])) == list(range(8))
    for part in slices:
        np.testing.assert_array_equal(part["b"]["c"][:, 0], 2 * part["a"])


def test_accumulation_of_unequally_weighted_parts_equals_the_whole_batch():
    task = tiny.regression(weights=lambda batch: 1 + jnp.arange(len(batch["y"])) * 0.0 + 3 * (batch["y"] > 0))
    variables, batch = task.init(KEY, task.batch_spec), jax.tree.map(jnp.asarray, tiny.batch())
    whole, loss, aux = plain_gradients(task.players[0], variables, batch, KEY, 0)
    parts, summed, summed_aux = wrappers.accumulated_gradients(4)(task.players[0], variables, batch, KEY, 0)
    weights = [float((1 + 3 * (slice_batch(batch, 4, part)["y"] > 0)).sum()) for part in range(4)]
    assert len(set(weights)) > 1  # else the test could not fail
    tiny.close(parts, whole)
    tiny.close((summed.value, summed.weight, summed_aux.metrics), (loss.value, loss.weight, aux.metrics))
    assert summed_aux.stats["model"]["seen"] == 4  # statistics pass through the parts in turn


def test_accumulation_keeps_the_rows_of_the_carry_in_order():
    task = tiny.walker(rows=8)
    variables = task.init(KEY, task.batch_spec).replace(carry={"model": jnp.arange(8.0)})
    batch = {"tokens": jnp.asarray(np.random.default_rng(0).integers(0, 9, (8, 6)))}
    whole, _, aux = plain_gradients(task.players[0], variables, batch, KEY, 0)
    parts, _, parted = wrappers.accumulated_gradients(4)(task.players[0], variables, batch, KEY, 0)
    tiny.close(parted.carry, aux.carry)
    tiny.close(parts, whole)


def test_the_average_follows_its_formula_with_statistics():
    task, decay = tiny.duel(), 0.2
    states, _ = stepped(task, tiny.batch(), 3)
    state = wrappers.begin_average(states[0], ("maker",))
    expected = {
        "params": {"maker": states[0].variables.params["maker"]},
        "stats": {"maker": states[0].variables.stats["maker"]},
    }
    for number, later in enumerate(states[1:], 1):
        state = wrappers.update_average(later.replace(average=state.average), decay, ("maker",))
        d = min(decay, (1 + number) / (10 + number))
        now = {"params": {"maker": later.variables.params["maker"]}, "stats": {"maker": later.variables.stats["maker"]}}
        expected = jax.tree.map(lambda old, new, d=d: d * old + (1 - d) * new, expected, now)
    tiny.close(state.average, expected)
    assert 2 / 11 < decay < 3 / 12  # both branches of the minimum were taken
    shown = wrappers.with_average(state.variables, state.average)
    tiny.same(shown.params["maker"], state.average["params"]["maker"])
    tiny.same(shown.stats["maker"], state.average["stats"]["maker"])
    tiny.same(shown.params["critic"], state.variables.params["critic"])


def test_a_loss_sees_the_step_it_is_at():
    def loss(params, stats, carry, batch, key, step):
        return Loss((1 + step) * params["model"]["kernel"].sum(), 1), Aux(metrics={"step": step})

    task = tiny.regression()
    task = replace(task, players=(Player("model", ("model",), loss, optax.sgd(1.0), updates=("model",)),))
    states, metrics = stepped(task, tiny.batch(), 3)
    kernels = [np.asarray(state.variables.params["model"]["kernel"]) for state in states]
    np.testing.assert_allclose(np.diff(kernels, axis=0), -np.array([[1], [2], [3]]) * np.ones(tiny.WIDTH), rtol=1e-5)
    assert [int(found["model/step"]) for found in metrics] == [0, 1, 2]


def run(config, calls: int, **more):
    """(states, metrics [seed][step]) after some calls."""
    made = tiny.Tiny(config, noise=0.1)
    execution = Execution(made.task, config, made.data.train, made.mesh, **more)
    execution.load(execution.initial())
    metrics = [[] for _ in execution.seeds]
    for call in range(calls):
        out = execution.advance(execution.feed(call * config.steps_per_call), [True] * config.seeds)
        for mine, found in zip(metrics, execution.by_seed(jax.device_get(out)), strict=True):
            mine.append(found["model/loss"])
    return execution.states(), [np.concatenate(mine) for mine in metrics]


def test_four_steps_a_call_equal_four_calls():
    single, losses = run(tiny.config(ema=dict(decay=0.9, subtrees=())), 4)
    together, same_losses = run(tiny.config(ema=dict(decay=0.9, subtrees=()), steps_per_call=4), 1)
    tiny.close(single, together)
    np.testing.assert_allclose(losses, same_losses, rtol=1e-6)


def test_accumulating_runs_take_the_same_steps():
    made = tiny.Tiny(tiny.config())
    losses = []
    for accumulate in (1, 4):
        execution = Execution(made.task, tiny.config(accumulate=accumulate), made.data.train, made.mesh)
        execution.load(execution.initial())
        losses.append(
            [jax.device_get(execution.advance(execution.feed(step), [True]))[0]["model/loss"] for step in range(3)]
        )
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def test_vectorised_seeds_equal_seeds_in_turn():
    turns, losses = run(tiny.config(seeds=3), 4)
    stack, same_losses = run(tiny.config(seeds=3), 4, vectorised=True)
    for one, other in zip(turns, stack, strict=True):
        tiny.close(one, other, 1e-5)
    np.testing.assert_allclose(losses, same_losses, rtol=1e-5)
    assert len({float(mine[0]) for mine in losses}) == 3  # each with its own initialisation and order


def test_seeds_of_one_run_equal_single_runs():
    together, losses = run(tiny.config(seed=4, seeds=3), 4)
    for index in range(3):
        (alone,), (own,) = run(tiny.config(seed=4 + index), 4)
        tiny.same(alone, together[index])
        np.testing.assert_array_equal(own, losses[index])
