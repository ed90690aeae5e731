"""Trained weights back from a workdir, or from another library's checkpoint: for evaluation, for sampling, as the start of another run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from dlcv import pretrained
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


def finite_weights(experiment: Experiment, folder: str | Path, result: Mapping[str, Any]) -> dict[str, Variables]:
    """The final variables of each seed of a run that stayed finite, by its name in `result["by_seed"]`."""
    _, found = weights(experiment, folder)
    names = map(str, result["seeds"])
    return {name: variables for name, variables in zip(names, found, strict=True) if result["by_seed"][name]}


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


class Origin(Protocol):
    """Where the weights of a start come from."""

    def shapes(self) -> list[Variables]: ...  # of each of its seeds
    def check(self) -> None: ...  # raises Misuse where a training that it still needs could not begin
    def weights(self, quiet: bool) -> list[Variables]: ...  # of each of its seeds


@dataclass(frozen=True)
class Trained:
    """A run in its folder, or an experiment that is trained into the folder on demand."""

    experiment: Experiment
    folder: Path
    which: str
    on_demand: bool

    def shapes(self) -> list[Variables]:
        found = Execution.shapes_of(self.experiment.task, self.experiment.config, self.experiment.mesh)
        return [found.variables] * self.experiment.config.seeds

    def check(self) -> None:
        if self.on_demand and not (self.folder / "result.json").exists():
            _ = self.experiment.data  # it must be there when the training begins
            if self.experiment.config.start.source:
                check_start(self.experiment, self.folder / "start")

    def weights(self, quiet: bool) -> list[Variables]:
        if self.on_demand:
            from dlcv.engine import loop

            loop.train(self.experiment, self.folder, quiet=quiet)
        return weights(self.experiment, self.folder, self.which)[1]


@dataclass(frozen=True)
class Foreign:
    """Another library's checkpoint: one seed, whose weights are the subtree `model`."""

    checkpoint: pretrained.Checkpoint

    def shapes(self) -> list[Variables]:
        return [Variables({"model": self.checkpoint.shapes()})]

    def check(self) -> None:
        """It is there."""

    def weights(self, quiet: bool) -> list[Variables]:
        return [Variables({"model": self.checkpoint.params()})]


def _origin(config, data_dir: str | None, folder: Path) -> Origin:
    """What `config.start.source` names: a workdir, another library's checkpoint, or an experiment to be trained into `folder`."""
    source = config.start.source
    if pretrained.is_checkpoint(source):
        return Foreign(pretrained.opened(source))
    if ".py" in source:
        from dlcv.engine import catalogue

        return Trained(catalogue.experiment(source, data_dir), folder, config.start.which, on_demand=True)
    return Trained(
        Experiment(workdirs.held_config(source), data_dir), Path(source), config.start.which, on_demand=False
    )


def check_start(experiment: Experiment, folder: Path) -> None:
    """Raises Misuse unless the rules of `config.start` carry its source's weights over: from shapes, before any training."""
    config = experiment.config
    source = _origin(config, experiment.data_dir, folder)
    target = Execution.shapes_of(experiment.task, config, experiment.mesh).variables
    filled = _matched(target, with_seeds(source.shapes(), 0), config.start.rules)
    _check_frozen(experiment.task, target, filled)
    source.check()


def start_weights(config, folder: Path, data_dir: str | None, seeds: int, quiet: bool = False) -> list[Variables]:
    """The variables, one a seed, of what `config.start.source` names; an experiment is trained on demand into `folder`."""
    found = _origin(config, data_dir, folder).weights(quiet)
    return [with_seeds(found, index) for index in range(seeds)]


def with_seeds(found: Sequence[Variables], index: int) -> Variables:
    """What a target of that index may start from: the source's seed in turn and, below `seed_0`, `seed_1` ..., each of its seeds."""
    own = found[index % len(found)]
    return own.replace(**{
        collection: getattr(own, collection) | {f"seed_{seed}": getattr(one, collection) for seed, one in enumerate(found)}
        for collection in ("params", "stats")
    })  # fmt: skip


def _check_frozen(task, target: Variables, filled) -> None:
    """Raises Misuse where rules leave a part of a frozen subtree as it is: it would stay at random."""

    def check(collection: str, name: str):
        if name.split("/")[0] in task.frozen and (collection, name) not in filled:
            raise Misuse(f"config.start leaves {name} of the frozen subtree {name.split('/')[0]!r} at random")

    for collection in ("params", "stats"):
        map_named(lambda name, leaf, c=collection: check(c, name), getattr(target, collection))


def transplant(target: Variables, source: Variables, rules: Sequence[tuple[str, str]]) -> Variables:
    """The target with the leaves that rules (regex over source paths -> target path) fill; a source may fill several targets.

    Without rules every weight fills the one of its own path; of what lies side by side, such as the blocks of a stack, all or nothing.
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
    if not rules:
        filled = _by_name(source, places)
    for place, leaf in filled.items():
        if place not in places:
            raise unknown("target of config.start.rules", place[1], [name for _, name in places])
        if leaf.shape != places[place].shape:
            raise Misuse(
                f"config.start: {place[1]} is {list(leaf.shape)} in the source, {list(places[place].shape)} here"
            )
    return filled


def _by_name(source: Variables, places: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """The source's leaves whose paths the target has; raises Misuse where a part of two names, "model/stack", has other leaves here."""
    given: dict[tuple[str, str], Any] = {}
    for collection in ("params", "stats"):
        map_named(lambda name, leaf, c=collection: given.setdefault((c, name), leaf), getattr(source, collection))
    parts = {_part(place) for place in given} & {_part(place) for place in places}
    if not parts:
        raise Misuse("config.start: no weight of the source has the name of one here; give config.start.rules")
    for one, other, where in ((given, places, "here"), (places, given, "in the source")):
        if lacking := [place for place in one if _part(place) in parts and place not in other]:
            raise Misuse(
                f"config.start: {lacking[0][1]} is not there {where}: give the model the source's size, or rules"
            )
    return {place: leaf for place, leaf in given.items() if _part(place) in parts}


def _part(place: tuple[str, str]) -> tuple[str, ...]:
    return place[0], *place[1].split("/")[:2]
