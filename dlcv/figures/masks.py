"""Masks of attention side by side: who sees whom, coloured by the layer that looks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colors, patches, pyplot

COLOURS = ("#ffffff", "#4c78a8", "#f2a541", "#6aa56a")


def draw(panels: Sequence[Mapping[str, Any]], layers: Sequence[str], columns: int = 3):
    """Panels {"title", "kinds" [L, M], "rows", "columns"}: 0 where nothing is seen, else 1 + the place of the layer in `layers`."""
    shown = min(columns, len(panels))
    rows = -(-len(panels) // shown)
    figure, axes = pyplot.subplots(
        rows, shown, figsize=(3.0 * shown, 3.1 * rows + 0.5), squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, panel in zip(axes.flat, panels, strict=False):
        kinds = np.asarray(panel["kinds"])
        axis.imshow(kinds, cmap=colors.ListedColormap(COLOURS), vmin=0, vmax=len(COLOURS) - 1)
        axis.set_xticks(range(kinds.shape[1]), panel["columns"], fontsize=8)
        axis.set_yticks(range(kinds.shape[0]), panel["rows"], fontsize=8)
        axis.set_xticks(np.arange(kinds.shape[1] + 1) - 0.5, minor=True)
        axis.set_yticks(np.arange(kinds.shape[0] + 1) - 0.5, minor=True)
        axis.grid(which="minor", color="0.8", linewidth=0.8)
        axis.tick_params(which="both", length=0)
        axis.set_title(panel["title"], fontsize=9)
    named = [patches.Patch(color=colour, label=layer) for colour, layer in zip(COLOURS[1:], layers, strict=False)]
    figure.legend(handles=named, loc="outside lower center", ncols=len(named), frameon=False, fontsize=8)
    figure.suptitle("who sees whom: queries down, keys across", fontsize=10)
    return figure
