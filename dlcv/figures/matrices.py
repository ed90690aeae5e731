"""Matrices side by side, each with the names of its rows and columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot

PRINTED = 12  # rows and columns up to which values are written into their cells


def draw(panels: Sequence[Mapping[str, Any]], title: str = "", columns: int = 3):
    """Panels {"title", "values" [L, M]} and, where wanted, "rows", "columns" (labels) and "x", "y" (names of the axes).

    A panel without negative values runs from white to blue, else from blue over white to red; each has its own scale, and its numbers
    written where there are few.
    """
    shown = min(columns, len(panels))
    rows = -(-len(panels) // shown)
    figure, axes = pyplot.subplots(
        rows, shown, figsize=(3.9 * shown, 3.5 * rows + 0.3), squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, panel in zip(axes.flat, panels, strict=False):
        values = np.asarray(panel["values"], np.float64)
        largest = max(float(np.abs(values).max()), 1e-12)
        low, colours = (0.0, "Blues") if values.min() >= 0 else (-largest, "RdBu_r")
        picture = axis.imshow(values, cmap=colours, vmin=low, vmax=largest, aspect="auto", interpolation="nearest")
        if max(values.shape) <= PRINTED:
            for place, value in np.ndenumerate(values):
                written = "0" if value == 0 else f"{value:.2f}" if largest < 10 else f"{value:.0f}"
                colour = "white" if abs(value) > 0.6 * largest else "black"
                axis.text(*place[::-1], written, ha="center", va="center", fontsize=7, color=colour)
        else:
            figure.colorbar(picture, ax=axis, shrink=0.8)
        for side, set_ticks in (("columns", axis.set_xticks), ("rows", axis.set_yticks)):
            if side in panel:
                set_ticks(range(len(panel[side])), panel[side], fontsize=8)
        axis.set_xlabel(panel.get("x", ""), fontsize=8)
        axis.set_ylabel(panel.get("y", ""), fontsize=8)
        axis.tick_params(labelsize=8)
        axis.set_title(panel["title"], fontsize=9)
    figure.suptitle(title, fontsize=10)
    return figure
