"""Rows of drawings made of lines."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
from matplotlib import pyplot


def draw(rows: Mapping[str, np.ndarray], title: str = ""):
    """rows {name: points [N, T, 5]}: offsets and pen states, a drawing a box, each at its own scale."""
    count = max(len(points) for points in rows.values())
    figure, axes = pyplot.subplots(
        len(rows), count, figsize=(1.0 * count + 1.2, 1.05 * len(rows) + 0.5), squeeze=False, layout="constrained"
    )
    for line, (name, drawings) in zip(axes, rows.items(), strict=True):
        for axis in line:
            axis.set_aspect("equal", adjustable="datalim")
            axis.invert_yaxis()
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(fill(name, 16), rotation=0, ha="right", va="center", fontsize=8)
        for axis, points in zip(line, drawings, strict=False):
            places = np.cumsum(points[:, :2], 0)
            places[np.flatnonzero(points[:, 4] > 0)] = np.nan
            breaks = np.flatnonzero(points[:, 3] > 0) + 1
            axis.plot(*np.insert(places, breaks, np.nan, axis=0).T, color="black", linewidth=1)
    figure.suptitle(title, fontsize=10)
    return figure
