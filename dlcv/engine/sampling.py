"""Calls what a task can make of its weights and writes what it gives: pictures as PNG, text as TXT, arrays as NPZ.

A text whose name has an ending of its own, "drawings.svg", is such a document.
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

import dlcv.data
from dlcv.engine import report
from dlcv.engine.experiment import Experiment
from dlcv.engine.task import Figure, Task, Variables, View
from dlcv.errors import Misuse, unknown

COUNT = 16  # samples where no number is asked for


def sample(
    experiment: Experiment, variables: Variables, folder: Path, *, seed: int, step: int, count: int | None = None,
    what: str = "samples", options: Mapping[str, Any] = {},
) -> list[Path]:  # fmt: skip
    """The files written. `what` is "samples" or one of the task's makers, which gives name -> Figure, text or {name: array}.

    Makers look at a split of a data set: options `data`, `split` and `data.<option of the set>`, the run's own valid split
    when not given; split "all" is train and every other split, end to end. Raises Misuse for names and options there are not.
    """
    task = experiment.task
    known = (["samples"] if task.sample else []) + list(task.makers)
    if not known:
        raise Misuse(f"task {experiment.config.task!r} has nothing to sample")
    if what not in known:
        raise unknown("--what", what, known)
    if what == "samples":
        _check(task.sample, options)
        made = task.sample(variables, jax.random.key(seed), count or COUNT, **options)
        return _write(made, folder, f"step_{step}_seed_{seed}", seed, {})
    place = {name: options[name] for name in options if name in ("data", "split") or name.startswith("data.")}
    options = {name: value for name, value in options.items() if name not in place}
    options |= {} if count is None else {"count": count}
    maker = task.makers[what]
    _check(maker, options)
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


def _check(maker: Callable, options: Mapping[str, Any]) -> None:
    accepted = [name for name in inspect.signature(maker).parameters if name not in ("variables", "key", "view")]
    for name in options:
        if name not in accepted:
            raise unknown("option of the sampler", name, accepted)


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
