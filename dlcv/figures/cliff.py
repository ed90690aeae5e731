"""Paths of gradient descent over a loss of two parameters."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(paths: Mapping[str, Sequence], w: Sequence[float], b: Sequence[float], losses: Sequence):
    """paths {rule: [updates + 1, 2]} over losses [B, W]; a panel a rule, its beginning a circle and its end a cross."""
    figure, axes = pyplot.subplots(1, len(paths), figsize=(4.2 * len(paths), 4), sharey=True)
    for axis, (label, path) in zip(np.atleast_1d(axes), paths.items(), strict=True):
        path = np.asarray(path)
        shown = axis.pcolormesh(w, b, losses, cmap="viridis", shading="auto")
        axis.plot(*path.T, color="white", linewidth=1, marker=".", markersize=4)
        axis.plot(*path[0], "o", color="tab:orange", markersize=8)
        axis.plot(*path[-1], "X", color="tab:red", markersize=8)
        longest = np.linalg.norm(np.diff(path, axis=0), axis=1).max()
        axis.set(xlim=(min(w), max(w)), ylim=(min(b), max(b)), xlabel="w")
        axis.set_title(f"{label}\nlongest step {longest:.2f}", fontsize=10)
    np.atleast_1d(axes)[0].set_ylabel("b")
    figure.colorbar(shown, ax=axes, label="loss", shrink=0.85)
    return figure
