"""What the generator learns from a discriminator that gets ever better: gradient norms by loss, the generator held still."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import optax

from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import weights
from dlcv.engine.step import init_state, plain_gradients, train_step
from dlcv.engine.study import cell
from dlcv.engine.task import Task, Variables
from dlcv.engine.writers import spread
from dlcv.ops.keys import named
from dlcv.studies.comparison import changed, distinct, folder_name

HELD, TRAINED = "generator", "discriminator"


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, rung: str, updates: Sequence[int],
    changes: Sequence[tuple[str, Any]],
    arms: Sequence[tuple[str, Mapping[str, Any]]],
) -> dict[str, Any]:  # fmt: skip
    """Trains the game of `source` with `changes`, then, for each arm (label, changes), a fresh discriminator against its generator.

    After each number of `updates` the generator's gradient is taken under the arm's loss, and how often the discriminator tells real
    from fake. Each arm and seed is a cell of its own: interrupted, the study goes on where it was.
    """
    distinct(arms=[label for label, _ in arms])
    common = {**dict(changes), "seed": config.seed, "seeds": config.seeds}
    origin = changed(f"{source}:{rung}", data_dir, common)
    loop.train(origin, folder / HELD, quiet=quiet)
    _, trained = weights(origin, folder / HELD)
    found: dict[str, dict[str, list]] = {"gradient_norm": {}, "told": {}}
    for label, own in arms:
        arm = changed(f"{source}:{rung}", data_dir, {**common, **own})
        if not quiet:
            print(f"{label}: a fresh discriminator over {max(updates)} updates, {config.seeds} seeds", flush=True)
        for seed, variables in enumerate(trained, start=config.seed):
            place = folder / folder_name(label) / f"seed_{seed}.json"
            for name, values in cell(place, partial(strengthened, arm, variables, tuple(updates), seed)).items():
                found[name].setdefault(label, []).append(values)
    figures.draw("strength", folder / "figures" / "vanishing_gradients.png", updates=list(updates), **found)
    return summary(found, list(updates), range(config.seed, config.seed + config.seeds))


def strengthened(arm: Experiment, trained: Variables, updates: Sequence[int], seed: int) -> dict[str, list[float]]:
    """The norm of the generator's gradient and the share of pairs told right, after each number of the discriminator's updates."""
    task, config, train = arm.task, arm.config, arm.data.train
    alone = only_discriminator(task)
    state = jax.jit(partial(init_state, alone))(named(jax.random.key(seed), "strength"))
    state = state.replace(variables=holding(state.variables, trained))
    batch_at = lambda step, rows: train.gather(arrays, train.indices(seed, step, rows))  # noqa: E731
    arrays = {name: jnp.asarray(array) for name, array in train.arrays.items()}
    key, probed = jax.random.key(seed), batch_at(0, config.eval_batch_size)
    advance, probe = jax.jit(partial(train_step, task=alone)), jax.jit(partial(gradient_norm, task))
    found: dict[str, list[float]] = {"gradient_norm": [], "told": []}
    for step in range(max(updates) + 1):
        if step in updates:
            for name, value in probe(state.variables, probed, named(key, "probe")).items():
                found[name].append(float(value))
        state, _ = advance(state, batch_at(step, config.batch_size), key)
    return found


def only_discriminator(task: Task) -> Task:
    """The task in which the generator is trained by nobody."""
    players = {player.name: player for player in task.players}
    return replace(task, players=(players[TRAINED],), frozen=(*task.frozen, *players[HELD].owns))


def holding(fresh: Variables, trained: Variables) -> Variables:
    """Fresh variables with the trained generator's."""
    stats = {HELD: trained.stats[HELD]} if HELD in trained.stats else {}
    return Variables({**fresh.params, HELD: trained.params[HELD]}, {**fresh.stats, **stats})


def gradient_norm(task: Task, variables: Variables, batch, key) -> dict[str, jax.Array]:
    """Of the generator's loss by its parameters, and the share of pairs that the discriminator tells right, on one batch."""
    generator = next(player for player in task.players if player.name == HELD)
    gradients, _, _ = plain_gradients(generator, variables, batch, key, jnp.zeros((), jnp.int32))
    told = task.metrics["told"].value(task.predict(variables, batch, key), batch)
    return {"gradient_norm": optax.tree.norm(gradients), "told": told.mean()}


def summary(found: Mapping[str, Mapping[str, list]], updates: list[int], seeds: Sequence[int]) -> dict[str, Any]:
    """Every curve by seed; as metrics each arm's last gradient norm over its first, and how well its discriminator tells."""
    metrics = {}
    for label, curves in found["gradient_norm"].items():
        metrics[f"{label}/gradient_left"] = spread([curve[-1] / curve[0] for curve in curves])
        metrics[f"{label}/told"] = spread([curve[-1] for curve in found["told"][label]])
    return {"metrics": metrics, "updates": updates, "by_seed": found, "seeds": list(seeds), "step": max(updates)}
