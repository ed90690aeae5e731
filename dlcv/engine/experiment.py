"""From a config to everything a run needs: the task, the data, the mesh. Fails before anything compiles."""

import importlib
import pkgutil
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp

import dlcv.data
from dlcv.engine import config as configs
from dlcv.engine import optim
from dlcv.engine.options import check_options
from dlcv.engine.task import Setup, Task
from dlcv.errors import Misuse, unknown


def module_names(package: str) -> list[str]:
    """The files of a package, by name: the registry of tasks and of studies."""
    return [found.name for found in pkgutil.iter_modules(importlib.import_module(package).__path__)]


def load_module(package: str, name: str, what: str):
    """`<package>.<name>`; raises Misuse with the nearest name when there is none."""
    known = module_names(package)
    if name not in known:
        raise unknown(what, name, known)
    return importlib.import_module(f"{package}.{name}")


def make_task(config) -> Task:
    """The task named by the config, from the config alone (no data is read for named sets)."""
    configs.check(config)
    spec = dlcv.data.spec(config.data)
    module = load_module("dlcv.tasks", config.task, "task")
    check_options(module.make, config.task_kw, f"task {config.task!r}", own=1)
    setup = Setup(
        batch_spec=spec.batch(config.batch_size), info=spec.info, steps=config.steps, dtype=jnp.dtype(config.dtype),
        optimizer=optim.by_player(config.optimizer, config.steps),
    )  # fmt: skip
    task = module.make(setup, **config.task_kw)
    if config.accumulate > 1 and not task.decomposable:
        raise Misuse(
            f"config.accumulate={config.accumulate}: task {config.task!r} has batch statistics, which accumulation changes"
        )
    return task


def elsewhere(config, own, given: Collection[str] = ()) -> str:
    """Applies `config.elsewhere` where `config.data` has other examples or classes than the experiment's own data; says so, else "".

    Examples of another size, but as many axes and channels, are no others. Fields whose paths are `given` stay as they are. Raises Misuse
    as `dlcv.data.spec` does.
    """
    if not config.elsewhere.changes or config.data.to_dict() == own.to_dict():
        return ""
    here, there = (_kind(dlcv.data.spec(data)) for data in (config.data, own))
    if here == there:
        return ""
    changes = {path: value for path, value in config.elsewhere.changes if path not in given}
    with config.unlocked():
        config.update_from_flattened_dict(changes)
    return f"data set {config.data.name!r} has other examples or classes than {own.name!r}: {config.elsewhere.told}"


def follow(config, given: Collection[str] = ()) -> str:
    """Sets the fields that `config.start.follow` names to the start's folder where that is another library's checkpoint; says so, else "".

    Such are the size of the model and the tokeniser of the data, which that folder tells. Fields whose paths are `given` stay.
    """
    from dlcv.pretrained import is_checkpoint

    paths = [path for path in config.start.get("follow", ()) if path not in given]
    if not paths or not is_checkpoint(config.start.source):
        return ""
    with config.unlocked():
        config.update_from_flattened_dict(dict.fromkeys(paths, config.start.source))
    return f"{config.start.source} is a checkpoint: {', '.join(f'config.{path}' for path in paths)} as it says"


def _kind(spec):
    """What makes examples comparable: their fields, axes, channels and classes."""
    fields = {name: (len(leaf.shape), leaf.shape[-1:], leaf.dtype) for name, leaf in spec.example.items()}
    return fields, tuple(spec.info.get("classes", ()))


@dataclass(frozen=True)
class Experiment:
    """A config made real; data is read when it is first asked for."""

    config: Any
    data_dir: str | None
    name: str = ""  # "adaptation/dann"
    rung: str = ""

    @cached_property
    def task(self) -> Task:
        return make_task(self.config)

    @cached_property
    def data(self) -> dlcv.data.Data:
        return dlcv.data.load(self.config.data, self.data_dir)

    @cached_property
    def mesh(self):
        from dlcv.engine import sharding

        return sharding.make_mesh(self.config.mesh)
