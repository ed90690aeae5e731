"""What is left when a run ends: result.json and pictures."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax
import numpy as np

from dlcv.engine import config as configs
from dlcv.engine import sharding
from dlcv.engine.task import Task, View
from dlcv.engine.writers import spread
from dlcv.ops.paths import map_named

PACKAGES = ("dlcv", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy")


def versions() -> dict[str, str]:
    """Of Python and of what decides the numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def devices() -> dict[str, Any]:
    """What this process computes on."""
    return {"platform": jax.default_backend(), "kind": jax.devices()[0].device_kind, "count": jax.device_count()}


def params_sha256(states: Sequence[Any]) -> str:
    """One digest over names and bytes of all trained parameters, seed after seed."""
    return digest([state.variables.params for state in states])


def digest(trees: Sequence[Any]) -> str:
    """One sha256 over the names and bytes of the leaves of several trees."""
    found = hashlib.sha256()

    def take(name, leaf):
        found.update(name.encode())
        found.update(np.ascontiguousarray(leaf).tobytes())

    for tree in trees:
        map_named(take, sharding.fetch(tree))
    return found.hexdigest()


def over_seeds(by_seed: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """{name: {"mean", "std"}} of what every seed has: a score that the best evaluation of some did not make has no mean here."""
    names = [name for name in (by_seed[0] if by_seed else ()) if all(name in metrics for metrics in by_seed)]
    return {name: spread([metrics[name] for metrics in by_seed]) for name in names}


def result(experiment, record, step: int, seeds: Sequence[int], states, mesh: Mapping[str, int]) -> dict[str, Any]:
    """The content of `result.json`: last and best evaluation over the seeds that stayed finite, and all it takes to run it again."""
    finite = [seed for seed in seeds if str(seed) not in record.diverged]
    best = [record.best[str(seed)] for seed in finite if str(seed) in record.best]
    return {
        "experiment": experiment.name, "rung": experiment.rung, "step": step, "seeds": list(seeds),
        "metrics": over_seeds([record.last[str(seed)] for seed in finite if str(seed) in record.last]),
        "best": over_seeds([found["metrics"] for found in best]),
        "best_step": {str(seed): record.best[str(seed)]["step"] for seed in finite if str(seed) in record.best},
        "by_seed": {str(seed): record.last.get(str(seed), {}) if seed in finite else {} for seed in seeds}, "diverged": record.diverged,
        "reference": configs.resolved(experiment.config)["reference"], "seconds": record.seconds,
        "devices": devices() | {"mesh": dict(mesh)},
        "versions": versions(), "data": dict(experiment.data.facts), "weights": "average" if experiment.config.ema.decay else "last step",
        "parameters": sum(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(states[0].variables.params)),
        "params_sha256": params_sha256(states),
    }  # fmt: skip


def draw(task: Task, view: View, folder: Path, seed: int) -> None:
    """The task's figures of one evaluation as PNG files."""
    from dlcv import figures

    for name, function in task.figures.items():
        figure = function(view)
        figures.draw(figure.kind, folder / f"{name}.png", seed=seed, **figure.arrays)


def closing_figures(task: Task, folder: Path) -> None:
    """Curves over the run, and the pictures of all evaluations that are worth seeing side by side."""
    from dlcv import figures

    figures.draw("curves", folder / "figures" / "curves.png", metrics=folder / "metrics.jsonl")
    for name in task.figures:
        if name in task.over_time:
            figures.draw(
                "over_time", folder / "figures" / f"{name}_over_time.png", folder=folder / "figures", name=name
            )
