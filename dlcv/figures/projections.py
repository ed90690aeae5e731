"""Features of several methods, each as two panels: by domain and by class."""

from collections.abc import Mapping

from matplotlib import pyplot

from dlcv.figures.projection import panels


def draw(arms: Mapping[str, Mapping], method: str = "tsne"):
    """arms {method name: {"features": {domain: [N, D]}, "labels": {domain: [N]}}}; a row a method."""
    figure, axes = pyplot.subplots(len(arms), 2, figsize=(10, 4.4 * len(arms)), squeeze=False)
    for row, (name, arm) in zip(axes, arms.items(), strict=True):
        panels(row, arm["features"], arm["labels"], method, title=f"{name}, ")
    figure.tight_layout()
    return figure
