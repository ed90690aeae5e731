"""Points in the plane, one panel a set."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot


def draw(sets: Mapping[str, np.ndarray], title: str = "", most: int = 2000):
    """sets {name: [N, 2]}, at most `most` points each; all panels have the limits of the first set with a margin."""
    figure, axes = pyplot.subplots(1, len(sets), figsize=(3 * len(sets), 3.2), squeeze=False)
    low, high = np.min(next(iter(sets.values())), axis=0), np.max(next(iter(sets.values())), axis=0)
    margin = 0.35 * (high - low)
    for index, (axis, (name, points)) in enumerate(zip(axes[0], sets.items(), strict=True)):
        axis.scatter(*np.asarray(points)[:most].T, s=2, alpha=0.4, color=f"C{index}", linewidths=0)
        axis.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
        axis.set_aspect("equal")
        axis.set_title(name, fontsize=9)
        axis.tick_params(labelsize=7)
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    return figure
