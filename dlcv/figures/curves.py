"""Metrics over the steps of a run, mean and range over its seeds."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from matplotlib import pyplot


def read(metrics: Path) -> dict[str, dict[str, dict[int, list[float]]]]:
    """metric -> split -> step -> the seeds' values, from a metrics.jsonl."""
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for line in Path(metrics).read_text().splitlines():
        record = json.loads(line)
        for name, value in record.items():
            if name not in ("step", "split", "seed", "weights") and isinstance(value, int | float):
                found[name][record["split"]][record["step"]].append(value)
    return found


def draw(metrics: Path):
    """One panel a metric, one line a split; the band is the range over seeds."""
    found = read(metrics)
    names = [name for name in found if not name.endswith("gradient_norm")][:12] or list(found)
    columns = min(4, len(names))
    rows = -(-len(names) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(3.4 * columns, 2.6 * rows), squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    for axis, name in zip(axes.flat, names, strict=False):
        for split, by_step in found[name].items():
            steps = sorted(by_step)
            low, mean, high = np.array([(min(by_step[s]), np.mean(by_step[s]), max(by_step[s])) for s in steps]).T
            axis.plot(steps, mean, label=split, marker="." if len(steps) < 15 else None, linewidth=1.2)
            axis.fill_between(steps, low, high, alpha=0.2, linewidth=0)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("step", fontsize=8)
        axis.tick_params(labelsize=7)
        axis.legend(fontsize=7, frameon=False)
    figure.tight_layout()
    return figure
