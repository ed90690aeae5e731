"""Trained weights back from a workdir: for evaluation, for sampling, and as the start of another run."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from dlcv.engine import workdir as workdirs
from dlcv.engine import wrappers
from dlcv.engine.checkpoint import Checkpoints
from dlcv.engine.execution import Execution
from dlcv.engine.experiment import Experiment
from dlcv.engine.task import Variables
from dlcv.errors import Misuse, unknown
from dlcv.ops.paths import map_named


def weights(experiment: Experiment, folder: str | Path, which: str = "last") -> tuple[int, list[Variables]]:
    """(step, the variables of each seed) of a run, its EMA in place where it keeps one; `which` is "last" or "best".

    Raises Misuse when the folder holds no intact checkpoint.
    """
    if which not in ("last", "best"):
        raise unknown("checkpoint", which, ("last", "best"))
    folder, config = Path(folder), experiment.config
    shapes = Execution.shapes_of(experiment.task, config, experiment.mesh)
    names = [f"seed_{config.seed + index}" for index in range(config.seeds)]
    if which == "best":
        found, step = [], 0
        for name in names:
            kept = _newest(folder / "best" / name, {"variables": shapes.variables})
            step, variables = max(step, kept[0]), kept[1]["variables"]
            found.append(variables)
        return step, found
    step, states, _ = _newest(folder / "checkpoints", dict.fromkeys(names, shapes))
    return step, [wrappers.with_average(states[name].variables, states[name].average) for name in names]


def open_run(folder: str | Path, data_dir: str | None, which: str = "last") -> tuple[Experiment, int, list[Variables]]:
    """(experiment, step, variables of each seed) of a workdir."""
    experiment = Experiment(workdirs.held_config(folder), data_dir)
    return experiment, *weights(experiment, folder, which)


def _newest(folder: Path, shapes):
    found = None
    if folder.is_dir():
        checkpoints = Checkpoints(folder)
        found = checkpoints.newest(shapes)
        checkpoints.close()
    if found is None:
        raise Misuse(f"no intact checkpoint in {folder}")
    return found


def _source(config, data_dir: str | None, folder: Path) -> tuple[Experiment, Path]:
    """What `config.start.source` names and where its run lies: a workdir, or an experiment to be trained into `folder`."""
    source = config.start.source
    if ".py" in source:
        from dlcv.engine import catalogue

        return catalogue.experiment(source, data_dir), folder
    return Experiment(workdirs.held_config(source), data_dir), Path(source)


def check_start(experiment: Experiment, folder: Path) -> None:
    """Raises Misuse unless the rules of `config.start` carry its source's weights over: from shapes, before any training."""
    config = experiment.config
    source, where = _source(config, experiment.data_dir, folder)
    target, origin = (Execution.shapes_of(e.task, e.config, e.mesh).variables for e in (experiment, source))
    filled = _matched(target, with_seeds([origin] * source.config.seeds, 0), config.start.rules)
    _check_frozen(experiment.task, target, filled)
    if where == folder and not (folder / "result.json").exists():
        _ = source.data  # it must be there when the training begins
        if source.config.start.source:
            check_start(source, folder / "start")


def start_weights(config, folder: Path, data_dir: str | None, seeds: int, quiet: bool = False) -> list[Variables]:
    """The variables, one a seed, of what `config.start.source` names; an experiment is trained on demand into `folder`."""
    experiment, where = _source(config, data_dir, folder)
    if where == folder:
        from dlcv.engine import loop

        loop.train(experiment, folder, quiet=quiet)
    _, found = weights(experiment, where, config.start.which)
    return [with_seeds(found, index) for index in range(seeds)]


def with_seeds(found: Sequence[Variables], index: int) -> Variables:
    """What a target of that index may start from: the source's seed in turn and, below `seed_0`, `seed_1` ..., each of its seeds."""
    own = found[index % len(found)]
    return own.replace(**{
        collection: getattr(own, collection) | {f"seed_{seed}": getattr(one, collection) for seed, one in enumerate(found)}
        for collection in ("params", "stats")
    })  # fmt: skip


def _check_frozen(task, target: Variables, filled) -> None:
    """Raises Misuse where rules fill a part of a frozen subtree alone: the rest would stay at random."""
    touched = {path.split("/")[0] for _, path in filled} & set(task.frozen)

    def check(collection: str, name: str):
        if name.split("/")[0] in touched and (collection, name) not in filled:
            raise Misuse(f"config.start leaves {name} of the frozen subtree {name.split('/')[0]!r} at random")

    for collection in ("params", "stats"):
        map_named(lambda name, leaf, c=collection: check(c, name), getattr(target, collection))


def transplant(target: Variables, source: Variables, rules: Sequence[tuple[str, str]]) -> Variables:
    """The target with the leaves that rules (regex over source paths -> target path) fill; a source may fill several targets.

    Raises Misuse for a rule that fills nothing, a target that is not there and a leaf of another shape.
    """
    filled = _matched(target, source, rules)

    def take(collection: str, name: str, leaf):
        if (collection, name) not in filled:
            return leaf
        new = jax.device_put(filled[collection, name].astype(leaf.dtype), leaf.sharding)
        return jnp.copy(new)  # an alias could not be donated

    return target.replace(**{
        collection: map_named(lambda name, leaf, c=collection: take(c, name, leaf), getattr(target, collection))
        for collection in ("params", "stats")
    })  # fmt: skip


def _matched(target: Variables, source: Variables, rules: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """(collection, path in the target) -> leaf of the source, arrays or shapes; raises Misuse as `transplant` does."""
    filled: dict[tuple[str, str], Any] = {}
    used = set()

    def offer(collection: str, name: str, leaf):
        for pattern, template in rules:
            try:
                match = re.fullmatch(pattern, name)
                path = match and match.expand(template)
            except re.error as problem:
                raise Misuse(
                    f"config.start.rules: {(pattern, template)!r} is no regular expression: {problem}"
                ) from None
            if match:
                filled[collection, path] = leaf
                used.add(pattern)

    places: dict[tuple[str, str], Any] = {}
    for collection in ("params", "stats"):
        map_named(lambda name, leaf, c=collection: offer(c, name, leaf), getattr(source, collection))
        map_named(lambda name, leaf, c=collection: places.setdefault((c, name), leaf), getattr(target, collection))
    if unused := [pattern for pattern, _ in rules if pattern not in used]:
        raise Misuse(f"config.start.rules: {unused[0]!r} matches no weight of the source")
    for place, leaf in filled.items():
        if place not in places:
            raise unknown("target of config.start.rules", place[1], [name for _, name in places])
        if leaf.shape != places[place].shape:
            raise Misuse(
                f"config.start: {place[1]} is {list(leaf.shape)} in the source, {list(places[place].shape)} here"
            )
    return filled
