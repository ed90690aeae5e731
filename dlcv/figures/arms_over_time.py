"""Metrics of several systems over the steps of their runs, mean and range over seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import pyplot

from dlcv.figures.curves import read


def draw(runs: Mapping[str, Path], metrics: Mapping[str, str]):
    """runs {system: its metrics.jsonl}, metrics {"<split>/<name>" or "<score>/<name>": title of its panel}."""
    return panels([(runs, metric, title) for metric, title in metrics.items()])


def panels(shown: Sequence[tuple[Mapping[str, Path], str, str]], logarithmic: Sequence[str] = ()):
    """A panel each of (runs, metric, title), lines being means and bands the range over seeds; one legend below names the runs of all."""
    labels = list(dict.fromkeys(label for runs, _, _ in shown for label in runs))
    columns = len(shown) if len(shown) != 4 else 2
    rows = -(-len(shown) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(4 * columns, 3.2 * rows), squeeze=False, layout="constrained"
    )
    seeds = 0
    for axis, (runs, metric, title) in zip(axes.flat, shown, strict=True):
        for label, file in runs.items():
            by_step = _steps(read(file), metric)
            if not by_step:
                continue
            seeds = max(seeds, *map(len, by_step.values()))
            steps = sorted(by_step)
            low, mean, high = np.array([(min(by_step[s]), np.mean(by_step[s]), max(by_step[s])) for s in steps]).T
            color = f"C{labels.index(label)}"
            axis.plot(steps, mean, color=color, label=label, marker=".", linewidth=1.2)
            axis.fill_between(steps, low, high, color=color, alpha=0.15, linewidth=0)
        axis.set(xlabel="step", ylabel=title)
        if title in logarithmic:
            axis.set_yscale("log")
    named = dict(pair for axis in axes.flat for pair in zip(*axis.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(
        named.values(), named, loc="outside lower center", ncols=min(3, len(labels)), fontsize=8, frameon=False
    )
    figure.suptitle(f"mean and range of {seeds} seed{'s' * (seeds != 1)}", fontsize=9)
    return figure


def _steps(values: Mapping, metric: str) -> Mapping[int, list[float]]:
    """step -> the seeds' values; a score is written under its group as a metric is under its split."""
    split, _, name = metric.partition("/")
    return values.get(name, {}).get(split, {})
