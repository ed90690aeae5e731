"""The fields every experiment has, under the same names, and the checks that need no device."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ml_collections import ConfigDict

from dlcv.errors import Misuse, unknown

RUNGS = ("smoke", "default", "small", "paper")


def check_rung(rung: str, known: Iterable[str] = RUNGS) -> None:
    """Raises Misuse for a rung that the experiment does not have."""
    if rung not in known:
        raise unknown("rung", rung, known)


def optimizer(name: str = "adam", learning_rate: float = 1e-3, **changes) -> ConfigDict:
    """An optimiser of optax by name, its schedule, decay and clipping; `options` are the optimiser's own keywords.

    `rules` are ordered (regex over parameter paths, "learning_rate" | "weight_decay" | "frozen", factor): the first match counts.
    """
    fields = ConfigDict(dict(
        name=name, learning_rate=learning_rate, schedule="constant", warmup=0, weight_decay=0.0, clip_norm=0.0,
        rules=(("(bias|scale)$", "weight_decay", 0.0),), options={}, schedule_options={},
    ))  # fmt: skip
    fields.update(changes)
    return fields


def experiment(**changes) -> ConfigDict:
    """A config with every common field at its default, updated by `changes`.

    `cpu_devices`: into how many devices a CPU is split, each with its part of the batch. A recurrent step is a chain of products too
    small for several threads; two halves of the batch side by side keep two cores busy. Accelerators are as many as there are.
    `elsewhere`: changes ((path, value), ...) for a user's data set of other examples or classes, and what they amount to in words.
    """
    config = ConfigDict(dict(
        task="", task_kw={}, seed=0, seeds=1, steps=1, batch_size=64, eval_batch_size=256, steps_per_call=1, accumulate=1,
        dtype="float32", ema=dict(decay=0.0, subtrees=()), log_every=50, eval_every=0, score_every=0,
        checkpoint_every=0, keep=3,
        data=dict(name="digits"), optimizer=optimizer(), mesh=dict(data=-1, model=1), sharding="data", cpu_devices=1,
        start=dict(source="", which="last", rules=()), select=dict(metric="", mode="max"), reference={},
        elsewhere=dict(changes=(), told=""),
    ))  # fmt: skip
    for name, value in changes.items():
        config[name] = ConfigDict(value) if isinstance(value, Mapping) and not isinstance(value, ConfigDict) else value
    return config


def smoke(config: ConfigDict, batch_size: int, **changes) -> None:
    """Makes of an experiment its rung `smoke`: one seed, three steps, and what is done now and then is done once, at the end."""
    rarely = {name: 3 for name in ("eval_every", "score_every", "checkpoint_every") if config[name]}
    config.update(seeds=1, steps=3, batch_size=batch_size, log_every=1, **(rarely | changes))


def study(name: str, **changes) -> ConfigDict:
    """A config that names a study instead of a task."""
    return ConfigDict(dict(dict(study=name, study_kw={}, seed=0, seeds=1, reference={}), **changes))


def resolved(config: ConfigDict) -> dict[str, Any]:
    """The config as plain JSON values, for `config.json` and comparisons."""
    return json.loads(config.to_json())


def check(config: ConfigDict) -> None:
    """Raises Misuse for values that cannot be trained with."""
    for name in ("steps", "batch_size", "eval_batch_size", "seeds", "steps_per_call", "accumulate", "keep"):
        if config[name] < 1:
            raise Misuse(f"config.{name} must be at least 1, got {config[name]}")
    for name in ("log_every", "eval_every", "score_every", "checkpoint_every", "seed"):
        if config[name] < 0:
            raise Misuse(f"config.{name} must not be negative, got {config[name]} (0: only at the end)")
    for name in ("steps", "log_every", "eval_every", "score_every", "checkpoint_every"):
        if config[name] % config.steps_per_call:
            raise Misuse(
                f"config.{name}={config[name]} is not a multiple of config.steps_per_call={config.steps_per_call}"
            )
    if config.batch_size % config.accumulate:
        raise Misuse(f"config.batch_size={config.batch_size} is not divisible by config.accumulate={config.accumulate}")
    if config.dtype not in ("float32", "bfloat16", "float16"):
        raise unknown("config.dtype", config.dtype, ("float32", "bfloat16", "float16"))
    if not 0 <= config.ema.decay < 1:
        raise Misuse(f"config.ema.decay must be in [0, 1), got {config.ema.decay}")
    if config.select.mode not in ("max", "min"):
        raise unknown("config.select.mode", config.select.mode, ("max", "min"))


def difference(left: Mapping, right: Mapping, path: str = "config") -> str | None:
    """The first field in which two resolved configs differ, as "config.x: 1 there, 2 here", or None."""
    for name in sorted(set(left) | set(right)):
        here = f"{path}.{name}"
        if name not in left or name not in right:
            return f"{here}: {left.get(name, 'missing')} there, {right.get(name, 'missing')} here"
        if isinstance(left[name], Mapping) and isinstance(right[name], Mapping):
            if found := difference(left[name], right[name], here):
                return found
        elif left[name] != right[name]:
            return f"{here}: {left[name]!r} there, {right[name]!r} here"
    return None
