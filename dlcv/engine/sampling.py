"""Calls a task's sampler and writes what it gives: pictures as PNG, text as TXT."""

import inspect
from pathlib import Path

import jax

from dlcv.engine.task import Figure, Variables
from dlcv.errors import Misuse, unknown


def sample(
    experiment, variables: Variables, folder: Path, *, seed: int, count: int, step: int, **options
) -> list[Path]:
    """The files written. A sampler returns name -> Figure (a picture) or name -> str (a text, which is printed too)."""
    task = experiment.task
    if task.sample is None:
        raise Misuse(f"task {experiment.config.task!r} has nothing to sample")
    accepted = [name for name in inspect.signature(task.sample).parameters if name not in ("variables", "key", "count")]
    for name in options:
        if name not in accepted:
            raise unknown("option of the sampler", name, accepted)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, made in task.sample(variables, jax.random.key(seed), count, **options).items():
        file = folder / f"{name}_step_{step}_seed_{seed}.{'png' if isinstance(made, Figure) else 'txt'}"
        if isinstance(made, Figure):
            from dlcv import figures

            figures.draw(made.kind, file, seed=seed, **made.arrays)
        else:
            print(made)
            file.write_text(made)
        written.append(file)
    return written
