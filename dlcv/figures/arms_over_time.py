"""Metrics of several systems over the steps of their runs, mean and range over seeds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib import pyplot

from dlcv.figures.curves import read


def draw(runs: Mapping[str, Path], metrics: Mapping[str, str]):
    """runs {system: its metrics.jsonl}, metrics {"<split>/<name>" or "<score>/<name>": title of its panel}."""
    found = {label: read(file) for label, file in runs.items()}
    figure, axes = pyplot.subplots(1, len(metrics), figsize=(4 * len(metrics), 3.2), squeeze=False)
    for axis, (metric, title) in zip(axes[0], metrics.items(), strict=True):
        for index, (label, values) in enumerate(found.items()):
            by_step = _steps(values, metric)
            if not by_step:
                continue
            steps = sorted(by_step)
            low, mean, high = np.array([(min(by_step[s]), np.mean(by_step[s]), max(by_step[s])) for s in steps]).T
            axis.plot(steps, mean, color=f"C{index}", label=label, marker=".", linewidth=1.2)
            axis.fill_between(steps, low, high, color=f"C{index}", alpha=0.15, linewidth=0)
        axis.set(xlabel="step", ylabel=title)
        axis.legend(fontsize=7, frameon=False)
    seeds = max((len(v) for values in found.values() for v in _steps(values, next(iter(metrics))).values()), default=0)
    figure.suptitle(f"mean and range of {seeds} seed{'s' * (seeds != 1)}", fontsize=9)
    figure.tight_layout()
    return figure


def _steps(values: Mapping, metric: str) -> Mapping[int, list[float]]:
    """step -> the seeds' values; a score is written under its group as a metric is under its split."""
    split, _, name = metric.partition("/")
    return values.get(name, {}).get(split, {})
