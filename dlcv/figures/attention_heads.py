"""What every head of every layer attends to: small maps, queries down and keys across."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colors, pyplot

MAP = 0.95  # inches of a map's longer side


def draw(parts: Sequence[Mapping[str, Any]], title: str = "attention of every head"):
    """Parts {"name", "weights": [N, H, L, M]} below one another, a row a layer and a column a head.

    Weights run from 0, white, to 1, dark, by their roots: small ones stay visible.
    """
    layers = [len(part["weights"]) for part in parts]
    heads = max(part["weights"].shape[1] for part in parts)
    figure = pyplot.figure(
        figsize=(MAP * heads + 2.0, (MAP + 0.08) * sum(layers) + 0.45 * len(parts) + 0.3), layout="constrained"
    )
    panels = np.atleast_1d(figure.subfigures(len(parts), 1, height_ratios=[count + 0.4 for count in layers]))
    for panel, part in zip(panels, parts, strict=True):
        picture = _part(panel, np.asarray(part["weights"]), heads)
        panel.suptitle(f"{part['name']}: queries down, keys across", fontsize=9)
        bar = panel.colorbar(picture, ax=panel.axes, shrink=min(1.0, 2.5 / len(part["weights"])), pad=0.02)
        bar.set_label("weight", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    figure.suptitle(title, fontsize=10)
    return figure


def _part(panel, weights_NHLM: np.ndarray, columns: int):
    layers, heads = weights_NHLM.shape[:2]
    axes = panel.subplots(layers, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
    for layer, head in np.ndindex(layers, columns):
        axis = axes[layer, head]
        if head >= heads:
            axis.axis("off")
            continue
        scale = colors.PowerNorm(0.5, 0, 1)
        picture = axis.imshow(weights_NHLM[layer, head], cmap="Blues", norm=scale, interpolation="nearest")
        axis.spines[:].set(visible=True, color="0.7")
        if not layer:
            axis.set_title(f"head {head + 1}", fontsize=7, pad=2)
        if not head:
            axis.set_ylabel(f"layer {layer + 1}", fontsize=7)
    return picture
