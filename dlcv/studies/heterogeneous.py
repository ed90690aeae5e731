"""Heterogeneous adaptation: source and target described by different features, a few target samples labelled, over random draws."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from dlcv import figures
from dlcv.data import digit_domains
from dlcv.disk import write_text
from dlcv.engine.study import cell
from dlcv.engine.writers import spread, write_json
from dlcv.errors import unknown
from dlcv.shallow import classifiers, preprocess
from dlcv.shallow.heterogeneous import cdls
from dlcv.shallow.structure import cdspp
from dlcv.studies.adaptation_table import domains

COST = 10.0  # of every support vector machine here
LABELLED = 3  # target samples a class that have a label
METHODS = {"1-NN, target only": "baseline", "SVM, target only": "baseline", "CDLS": "adapted", "CDSPP": "adapted"}
DIGIT_TASKS = ("C->T", "T->B", "B->C")
OFFICE_TASKS = ("A->D", "C->D", "W->D", "A->W", "C->W", "D->W")


class Side(NamedTuple):
    """One domain in one kind of features."""

    features: Float[np.ndarray, "N D"]
    labels: Int[np.ndarray, "N"]
    draw: int  # samples a class that a draw takes as source


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, features: str, tasks: Sequence[str] = ()
) -> dict[str, Any]:
    """Accuracies on the unlabelled target samples over `config.seeds` draws, and the paired gains over the better baseline.

    `features` "surf to decaf6" (Office+Caltech, from data_dir) or "pixels to gradients" (embedded digits). A draw is a file below
    `<folder>/cells`: interrupted, the study goes on where it was. Raises Misuse for unknown names and missing files.
    """
    sides = _sides(features, data_dir)
    known = OFFICE_TASKS if features == "surf to decaf6" else DIGIT_TASKS
    found: dict[str, list[dict[str, float]]] = {}
    for task, draw in _draws(tuple(tasks) or known, known, config.seeds):
        source, target = task.split("->")
        file = folder / "cells" / f"{source}-{target}" / f"{draw}.json"
        value = cell(file, lambda s=source, t=target, d=draw: accuracies(sides[s][0], sides[t][1], d))
        found.setdefault(task, []).append(value)
        if not quiet:
            print(task, draw, "  ".join(f"{name} {value[name]:.1f}" for name in METHODS), flush=True)
    result = compare(found)
    write_json(folder / "table.json", result["metrics"])
    table = as_table(result, found)
    write_text(folder / "table.md", table + "\n")
    figures.draw(
        "table",
        folder / "table.png",
        tables=[_pictured(result, found, features)],
        quantity="accuracy on the unlabelled target, %",
    )
    if not quiet:
        print(f"\n{table}", flush=True)
    seconds = sum(value["seconds"] for draws in found.values() for value in draws)
    return {**result, "seeds": list(range(config.seeds)), "seconds": seconds, "step": 0}


def _draws(tasks: Sequence[str], known: Sequence[str], count: int) -> Iterator[tuple[str, int]]:
    for task in tasks:
        if task not in known:
            raise unknown("adaptation task", task, known)
        for draw in range(count):
            yield task, draw


def _sides(features: str, data_dir: str | None) -> dict[str, tuple[Side | None, Side | None]]:
    """{letter: (as a source, as a target)}."""
    if features == "pixels to gradients":
        return {name[0].upper(): _digits(name) for name in digit_domains.DOMAINS}
    if features != "surf to decaf6":
        raise unknown("pair of features", features, ("surf to decaf6", "pixels to gradients"))
    sources = domains.load(("surf",), data_dir)[0]["surf"]
    targets = domains.load(("decaf6",), data_dir)[0]["decaf6"]
    sides = {
        letter: tuple(known[letter][1:] if letter in known else () for known in (sources, targets)) for letter in "ACDW"
    }
    return {letter: tuple(Side(*side) if side else None for side in pair) for letter, pair in sides.items()}


def _digits(name: str) -> tuple[Side, Side]:
    """Grey values, and histograms of oriented gradients (Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", 2005)."""
    from skimage.feature import hog

    images, labels = digit_domains.read(name)
    pixels = images.reshape(len(images), -1) / 255.0
    gradients = [
        hog(image[..., 0] / 255.0, orientations=9, pixels_per_cell=(4, 4), cells_per_block=(2, 2)) for image in images
    ]
    return tuple(Side(preprocess.unit_rows(rows), labels, domains.USUAL) for rows in (pixels, np.stack(gradients)))


def accuracies(source: Side, target: Side, draw: int) -> dict[str, float]:
    """Per cent of the target's unlabelled samples that each method names, and "seconds"; all samples are drawn by number."""
    begun = time.perf_counter()
    generator = np.random.Generator(np.random.Philox(draw))
    labelled = domains.chosen(target.labels, LABELLED, generator)  # first, so that tasks of one target share it
    rest = np.setdiff1d(np.arange(len(target.labels)), labelled)
    rows = domains.chosen(source.labels, source.draw, generator)
    few = target.features[labelled], target.labels[labelled]
    given = source.features[rows], source.labels[rows], *few, target.features[rest]
    predicted = {
        "1-NN, target only": classifiers.nearest_neighbour(*few, target.features[rest]),
        "SVM, target only": classifiers.linear_svm(*few, target.features[rest], cost=COST),
        "CDLS": cdls(*given, cost=COST).labels,
        "CDSPP": cdspp(*given).labels,
    }
    found = {name: 100 * float(np.mean(labels == target.labels[rest])) for name, labels in predicted.items()}
    return {**found, "seconds": time.perf_counter() - begun}


def compare(found: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Mean and standard deviation over the draws of every method and task, and of the gains, also averaged over the tasks."""
    values = {
        name: np.array([[draw[name] for draw in draws] for draws in found.values()]) for name in METHODS
    }  # [task, draw]
    baselines = [name for name, kind in METHODS.items() if kind == "baseline"]
    best = max(baselines, key=lambda name: values[name].mean())
    metrics = {
        f"{task}/{name}": spread(list(row))
        for name, rows in values.items()
        for task, row in zip(found, rows, strict=True)
    }
    metrics |= {f"mean/{name}": spread(list(rows.mean(0))) for name, rows in values.items()}
    for name in (name for name, kind in METHODS.items() if kind == "adapted"):
        gains = values[name] - values[best]
        metrics[f"gain/{name}"] = spread(list(gains.mean(0)))
        metrics |= {f"gain/{task}/{name}": spread(list(row)) for task, row in zip(found, gains, strict=True)}
    return {"metrics": metrics, "baseline": best}


def as_table(result: Mapping[str, Any], found: Mapping) -> str:
    """Markdown: accuracy in per cent, mean ± standard deviation over the draws, and the gain of each method."""
    columns = [*found, "mean"]
    lines = [f"| method | {' | '.join(columns)} | gain |", "|---" * (len(columns) + 2) + "|"]
    for name in METHODS:
        cells = [result["metrics"][f"{column}/{name}"] for column in columns]
        cells += [result["metrics"][f"gain/{name}"]] if METHODS[name] == "adapted" else []
        texts = [f"{value['mean']:.1f} ± {value['std']:.1f}" for value in cells] + ["–"] * (METHODS[name] == "baseline")
        lines.append(f"| {name} | {' | '.join(texts)} |")
    lines.append(
        f"\n{LABELLED} labelled target samples a class. Gain: points over {result['baseline']!r} on the same draw, averaged over the tasks."
    )
    return "\n".join(lines)


def _pictured(result: Mapping[str, Any], found: Mapping, title: str) -> dict[str, Any]:
    columns = [*found, "mean"]
    cells = [[result["metrics"][f"{column}/{name}"] for column in columns] for name in METHODS]
    values, spreads = ([[value[part] for value in row] for row in cells] for part in ("mean", "std"))
    return {"title": title, "rows": list(METHODS), "columns": columns, "values": values, "spreads": spreads}
