"""Calls what a task can make of its weights and writes what it gives: pictures as PNG, text as TXT, arrays as NPZ.

A text whose name has an ending of its own, "drawings.svg", is such a document.
"""

import inspect
import math
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

import jax
import numpy as np

import dlcv.data
from dlcv.engine import report
from dlcv.engine.experiment import Experiment
from dlcv.engine.task import Figure, Task, Variables, View
from dlcv.errors import Misuse, unknown

COUNT = 16  # samples where no number is asked for
KINDS = {int: "a whole number", float: "a finite number", str: "a text", bool: "True or False", NoneType: "None",
         Sequence[str]: "several texts"}  # fmt: skip


def sample(
    experiment: Experiment, variables: Variables, folder: Path, *, seed: int, step: int, count: int | None = None,
    what: str = "samples", options: Mapping[str, Any] = {},
) -> list[Path]:  # fmt: skip
    """The files written. `what` is "samples" or one of the task's makers, which gives name -> Figure, text or {name: array}.

    Makers look at a split of a data set: options `data`, `split` and `data.<option of the set>`, the run's own valid split
    when not given; split "all" is train and every other split, end to end. Raises Misuse for names and options there are not, and for
    values that are none of the option's: makers annotate their options with `KINDS`.
    """
    task = experiment.task
    known = (["samples"] if task.sample else []) + list(task.makers)
    if not known:
        raise Misuse(f"task {experiment.config.task!r} has nothing to sample")
    if what not in known:
        raise unknown("--what", what, known)
    if what == "samples":
        _check(task.sample, options, own=3)
        made = task.sample(variables, jax.random.key(seed), count or COUNT, **options)
        return _write(made, folder, f"step_{step}_seed_{seed}", seed, {})
    place = {name: str(options[name]) for name in ("data", "split") if name in options}
    place |= {name: value for name, value in options.items() if name.startswith("data.")}
    options = {name: value for name, value in options.items() if name not in place}
    options |= {} if count is None else {"count": count}
    maker = task.makers[what]
    _check(maker, options, own=1)
    view, label = look(experiment, variables, seed, **place)
    origin = {"step": step, "data": label, "params_sha256": report.digest([variables.params])}
    return _write(maker(view, **options), folder, f"{label}_step_{step}_seed_{seed}", seed, origin)


def look(
    experiment: Experiment, variables: Variables, seed: int, data: str | None = None, split: str | None = None, **fields
) -> tuple[View, str]:
    """The weights beside the examples of one split of a data set, and a name for that split that tells sets apart."""
    chosen = {name.removeprefix("data."): value for name, value in fields.items()}
    own = experiment.config.data.to_dict()
    wanted = {"name": data, **chosen} if data is not None else own | chosen
    found = experiment.data if wanted == own else dlcv.data.load(wanted, experiment.data_dir)
    sources = {"train": found.train, **found.splits}
    split = next(iter(found.splits)) if split is None else split
    if split not in [*sources, "all"]:
        raise unknown("split", split, [*sources, "all"])
    parts = [_examples(source, wanted["name"]) for name, source in sources.items() if split in (name, "all")]
    examples = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    _check_shapes(examples, experiment.task, wanted["name"])
    label = "_".join([wanted["name"], *(str(value) for value in chosen.values()), split]).replace("/", "-")
    return View(variables, {}, {split: examples}, jax.random.key(seed), found.info, found.train), label


def _examples(source, name: str) -> Mapping[str, np.ndarray]:
    if hasattr(source, "windows"):
        return source.gather(source.arrays, source.windows())
    if not hasattr(source, "__len__"):
        raise Misuse(f"data set {name!r} is no set of independent examples: choose another with --option=data=")
    return source.gather(source.arrays, np.arange(len(source)))


def _check_shapes(examples: Mapping[str, np.ndarray], task: Task, name: str) -> None:
    for key, leaf in task.batch_spec.items():
        if isinstance(leaf, jax.ShapeDtypeStruct) and key in examples and examples[key].shape[1:] != leaf.shape[1:]:
            given, wanted = list(examples[key].shape[1:]), list(leaf.shape[1:])
            raise Misuse(
                f"{key} of data set {name!r} is {given}, the run's is {wanted}: see its options, --option=data.size="
            )


def _check(maker: Callable, options: Mapping[str, Any], *, own: int) -> None:
    """Raises Misuse for options that `maker` does not take behind its first `own` arguments, for values of another kind, and for lacking ones.

    A whole number is no smaller than 1, or than its default where that is smaller.
    """
    accepted = dict(list(inspect.signature(maker).parameters.items())[own:])
    for name, value in options.items():
        if name not in accepted:
            raise unknown("option of the sampler", name, accepted)
        default, kinds = accepted[name].default, _kinds(accepted[name])
        least = min(default, 1) if isinstance(default, int) else None
        if not any(_is(value, kind, least) for kind in kinds):
            wanted = " or ".join(
                KINDS[kind] + (f" of at least {least}" if kind is int and least is not None else "") for kind in kinds
            )
            example = str(value) if str in kinds else default
            shown = "" if example in (None, "") else f', such as --option={name}="{example!r}"'
            raise Misuse(f"--option={name}={value!r}: expected {wanted}{shown}")
    for name, parameter in accepted.items():
        if parameter.default is parameter.empty and name not in options:
            raise Misuse(
                f"--option={name}= is missing: expected {' or '.join(KINDS[kind] for kind in _kinds(parameter))}"
            )


def _kinds(parameter: inspect.Parameter) -> tuple:
    """The keys of `KINDS` that a parameter is annotated with."""
    return (parameter.annotation,) if parameter.annotation in KINDS else typing.get_args(parameter.annotation)


def _is(value: Any, kind: Any, least: int | None) -> bool:
    if kind in (int, float) and isinstance(value, bool):
        return False
    if kind is int:
        return isinstance(value, int) and (least is None or value >= least)
    if kind is float:
        return isinstance(value, int | float) and abs(value) < math.inf
    if kind == Sequence[str]:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return isinstance(value, kind)


def _write(made: Mapping[str, Any], folder: Path, ending: str, seed: int, origin: Mapping[str, Any]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in made.items():
        stem, _, document = name.partition(".")
        kind = "png" if isinstance(content, Figure) else (document or "txt") if isinstance(content, str) else "npz"
        file = folder / f"{stem.replace('/', '-')}_{ending}.{kind}"
        if kind == "png":
            from dlcv import figures

            figures.draw(content.kind, file, seed=seed, **content.arrays)
        elif isinstance(content, str):
            if kind == "txt":
                print(content)
            file.write_text(content)
        else:
            np.savez(file, **content, **origin)
        written.append(file)
    return written
