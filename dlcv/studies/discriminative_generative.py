"""Discriminative against generative classifiers by number of labels: test error over draws of the labels, and what the latter draw."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import dlcv.data
from dlcv import figures
from dlcv.engine import loop, restore, study
from dlcv.engine.writers import spread
from dlcv.errors import Misuse, unknown
from dlcv.ops.keys import named
from dlcv.shallow.bayes import gaussians, naive_bayes
from dlcv.shallow.logistic import logistic_regression
from dlcv.studies.comparison import changed, distinct, folder_name, per_cent

COLUMNS = 8  # samples shown of each class


class Setting(NamedTuple):
    """One number of labels: what a classifier may see, and where it may leave files."""

    options: Mapping[str, Any]  # of the data: a subset with `labelled` examples a class, other ones for every seed
    data: dlcv.data.Data
    seeds: range
    folder: Path
    data_dir: str | None

    @property
    def classes(self) -> int:
        return len(self.data.info["classes"])


class Outcome(NamedTuple):
    """Test error of each seed in 0..1, and samples [classes * COLUMNS, Y, X, C] in [0, 1] of the first seed's model, if it draws any.

    `steps` are those of training, 0 in closed form.
    """

    errors: dict[str, float]
    samples: np.ndarray | None = None
    steps: int = 0


def closed_form(fit: Callable, scores: Callable, setting: Setting, **settings) -> Outcome:
    """A classifier `fit(x, labels, classes=...)` of pixels in [0, 1] in float64, told by the largest of `scores(model, x)`.

    Raises Misuse where these are not finite: one example a class has no variance.
    """
    train, test = setting.data.train, setting.data.splits["valid"].arrays
    tell = jax.jit(scores)
    errors, samples = {}, None
    with jax.enable_x64(True):
        x_test = jnp.asarray(_pixels(test["image"]))
        for seed in setting.seeds:
            chosen = train.rows(seed)
            x, labels = jnp.asarray(_pixels(train.arrays["image"][chosen])), jnp.asarray(train.arrays["label"][chosen])
            model = fit(x, labels, classes=setting.classes, **settings)
            found = np.asarray(tell(model, x_test))
            if not np.isfinite(found).all():
                raise Misuse(
                    f"labels a class: {len(chosen) // setting.classes} are too few for a variance, use 2 or more"
                )
            errors[str(seed)] = float((found.argmax(1) != test["label"]).mean())
            if samples is None and hasattr(model, "draw"):
                drawn = model.draw(
                    named(jax.random.key(seed), "samples"), jnp.repeat(jnp.arange(setting.classes), COLUMNS)
                )
                samples = np.clip(drawn, 0, 1).reshape(-1, *test["image"].shape[1:])
    return Outcome(errors, samples)


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / 255


def trained(setting: Setting, *, source: str, changes: Mapping[str, Any]) -> Outcome:
    """An experiment's classifier, trained on the same labels with the same seeds; its task samples in rows of classes."""
    seeds = {"seed": setting.seeds[0], "seeds": len(setting.seeds)}
    experiment = changed(source, setting.data_dir, {**changes, **seeds, "data": dict(setting.options)})
    result = loop.train(experiment, setting.folder, quiet=True)
    errors = {seed: 1 - found["valid/accuracy"] for seed, found in result["by_seed"].items() if found}
    variables = restore.open_run(setting.folder, setting.data_dir)[2][0]
    count = COLUMNS * setting.classes
    made = experiment.task.sample(variables, named(jax.random.key(setting.seeds[0]), "samples"), count, columns=COLUMNS)
    return Outcome(errors, np.asarray(made["samples"].arrays["images"]), result["step"])


CLASSIFIERS = {
    "naive_bayes": partial(closed_form, naive_bayes, lambda model, x: model.log_joint(x)),
    "gaussians": partial(closed_form, gaussians, lambda model, x: model.log_joint(x)),
    "logistic_regression": partial(closed_form, logistic_regression, lambda model, x: model.logits(x)),
    "trained": trained,
}


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, data: Mapping[str, Any], labelled: Sequence[int],
    classifiers: Sequence[tuple[str, str, Mapping[str, Any]]],
) -> dict[str, Any]:  # fmt: skip
    """Each classifier (label, name in CLASSIFIERS, settings) with every number of labels a class, all on the same draws of labels.

    A draw is a seed; `data` names a set with classes that fits in memory. Interrupted, the study goes on where it was.
    Raises Misuse for an unknown classifier and a label that is there twice.
    """
    distinct(classifiers=[label for label, _, _ in classifiers])
    for _, name, _ in classifiers:
        if name not in CLASSIFIERS:
            raise unknown("classifier in config.study_kw.classifiers", name, CLASSIFIERS)
    seeds = range(config.seed, config.seed + config.seeds)
    cells: dict[str, dict[int, Mapping]] = {label: {} for label, _, _ in classifiers}
    for count in labelled:
        options = {"name": "subset", "of": dict(data), "labelled": count}
        read = dlcv.data.load(options, data_dir)
        for label, name, settings in classifiers:
            if not quiet:
                print(f"{label}, labels a class: {count}", flush=True)
            place = folder / "cells" / folder_name(label) / str(count)
            setting = Setting(options, read, seeds, place.with_name(f"{count}_run"), data_dir)
            cells[label][count] = study.cell(
                place.with_suffix(".json"), partial(_measured, name, setting, settings, place)
            )
    found = summary(cells, seeds)
    table = as_table(cells, found)
    (folder / "table.md").write_text(table + "\n")
    draw(folder, cells, labelled[-1])
    if not quiet:
        print(f"\n{table}\n\nfigure in {folder / 'figures'}", flush=True)
    return found


def _measured(name: str, setting: Setting, settings: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """A cell: errors by seed, steps and seconds; samples lie beside it."""
    begun = perf_counter()
    outcome = CLASSIFIERS[name](setting, **settings)
    if outcome.samples is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        np.save(place.with_suffix(".npy"), outcome.samples.astype(np.float32))
    return {"errors": outcome.errors, "steps": outcome.steps, "seconds": perf_counter() - begun}


def summary(cells: Mapping[str, Mapping[int, Mapping]], seeds: Sequence[int]) -> dict[str, Any]:
    """Errors as "<label>/<labels a class>/error", mean and spread over the draws, and those of each draw."""
    by_seed = {
        f"{label}/{count}/error": list(cell["errors"].values()) for label, by_count in cells.items() for count, cell in by_count.items()
    }  # fmt: skip
    if empty := [name for name, errors in by_seed.items() if not errors]:
        raise Misuse(f"no seed of {empty[0].removesuffix('/error')} stayed finite: lower its learning rate")
    return {
        "metrics": {name: spread(errors) for name, errors in by_seed.items()}, "by_seed": by_seed, "seeds": list(seeds),
        "seconds": sum(cell["seconds"] for by_count in cells.values() for cell in by_count.values()),
        "step": max(cell["steps"] for by_count in cells.values() for cell in by_count.values()),
    }  # fmt: skip


def as_table(cells: Mapping[str, Mapping[int, Mapping]], found: Mapping) -> str:
    """Markdown: test error in per cent by labels a class, mean ± standard deviation over draws, the least of each column bold."""
    counts = list(next(iter(cells.values())))
    means = {(label, count): found["metrics"][f"{label}/{count}/error"]["mean"] for label in cells for count in counts}
    lines = [f"| labels a class | {' | '.join(map(str, counts))} |", "|" + "---|" * (len(counts) + 1)]
    for label in cells:
        row = []
        for count in counts:
            best = means[label, count] == min(means[other, count] for other in cells)
            shown = per_cent(found["metrics"][f"{label}/{count}/error"])
            row.append(f"**{shown}**" if best else shown)
        lines.append(f"| {label} | {' | '.join(row)} |")
    return "\n".join([*lines, "", f"Test error, %, over {len(found['seeds'])} draws of the labels."])


def draw(folder: Path, cells: Mapping[str, Mapping[int, Mapping]], count: int) -> None:
    """`discriminative_generative.png`: errors by labels a class, and samples of the models of `count` labels a class."""
    values = {
        label: {n: [100 * error for error in cell["errors"].values()] for n, cell in by_count.items()}
        for label, by_count in cells.items()
    }
    files = {label: folder / "cells" / folder_name(label) / f"{count}.npy" for label in cells}
    draws = len(next(iter(next(iter(values.values())).values())))
    figures.draw(
        "label_curves", folder / "figures" / "discriminative_generative.png", values=values, quantity="test error, %",
        samples={label: np.load(file) for label, file in files.items() if file.exists()}, columns=COLUMNS,
        title=f"mean and standard deviation over {draws} draws of the labels; samples of models of {count} labels a class",
    )  # fmt: skip
