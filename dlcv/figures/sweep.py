"""Metrics against one field of a config, every seed a dot."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(
    values: Sequence[float], metrics: Mapping[str, Sequence[Sequence[float]]], field: str, logarithmic: bool = False
):
    """metrics {name: for each value, the seeds' results}: a panel each; lines are means, whiskers one standard deviation over seeds."""
    columns = min(3, len(metrics))
    rows = -(-len(metrics) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(3.4 * columns, 2.7 * rows + 0.3), squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(metrics) :]:
        axis.axis("off")
    for axis, (name, results) in zip(axes.flat, metrics.items(), strict=False):
        means = [np.mean(seeds) for seeds in results]
        errors = [np.std(seeds, ddof=1) if len(seeds) > 1 else 0.0 for seeds in results]
        axis.errorbar(values, means, yerr=errors, marker="o", markersize=3, linewidth=1.2, capsize=3)
        for value, seeds in zip(values, results, strict=True):
            axis.scatter([value] * len(seeds), seeds, s=9, color="black", alpha=0.6, zorder=3)
        if logarithmic:
            axis.set_xscale("log")
        axis.set_xlabel(field, fontsize=9)
        axis.set_title(name, fontsize=10)
        axis.tick_params(labelsize=8)
    figure.suptitle(f"mean, standard deviation and each of {max(map(len, results))} seeds", fontsize=9)
    return figure
