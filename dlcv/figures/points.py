"""Points in the plane over the data, a row of panels a system."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(
    rows: Mapping[str, Sequence[np.ndarray]], data: np.ndarray, columns: Sequence[str] = (), title: str = "", most: int = 2000
):  # fmt: skip
    """rows {name: one set [N, 2] a column}; of each set at most `most` points, over as many of the data [M, 2] in grey."""
    wide = max(len(sets) for sets in rows.values())
    figure, axes = pyplot.subplots(
        len(rows), wide, figsize=(2.1 * wide + 0.8, 2.1 * len(rows) + 0.5), squeeze=False, sharex=True, sharey=True
    )
    low, high = data.min(0), data.max(0)
    margin = 0.25 * (high - low)
    for row, (line, (name, sets)) in enumerate(zip(axes, rows.items(), strict=True)):
        line[0].set_ylabel(name, fontsize=8)
        for column, (axis, points) in enumerate(zip(line, sets, strict=True)):
            axis.scatter(*data[:most].T, s=5, color="0.75", linewidths=0, label="data")
            axis.scatter(*np.asarray(points)[:most].T, s=3, alpha=0.5, color=f"C{row}", linewidths=0, label="samples")
            axis.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
            axis.set_aspect("equal")
            axis.tick_params(labelsize=6)
            if columns and not row:
                axis.set_title(columns[column], fontsize=8)
    axes[0, 0].legend(fontsize=6, frameon=False, loc="center", markerscale=2)
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    return figure
