"""How often each class occurs in several sets, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot

NAMED = 40  # more classes than these are drawn as dots, from the most frequent to the rarest of the first set


def draw(shares: Mapping[str, np.ndarray], classes: Sequence[str], title: str = ""):
    """shares {set: [C], each a share of its set}; `classes` names the C classes."""
    count = len(classes)
    figure, axes = pyplot.subplots(figsize=(min(11.0, 3.0 + 0.45 * count), 3.4))
    width, order = 0.8 / len(shares), np.argsort(-next(iter(shares.values())), kind="stable")
    for index, (name, share) in enumerate(shares.items()):
        colour = "0.55" if index == 0 else f"C{index - 1}"
        if count <= NAMED:
            x = np.arange(count) + (index - (len(shares) - 1) / 2) * width
            axes.bar(x, 100 * np.asarray(share), 0.95 * width, color=colour, label=name)
        else:
            axes.plot(100 * np.asarray(share)[order], ".", markersize=2, color=colour, label=name)
    if count <= NAMED:
        axes.set_xticks(range(count), classes, rotation=0 if max(map(len, classes)) < 4 else 60, fontsize=9)
    else:
        axes.set_xlabel(f"{count} classes, ordered by {next(iter(shares))}")
    axes.set_ylabel("share, %")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.02)
    axes.legend(frameon=False, fontsize=9, loc="lower right", ncols=len(shares), bbox_to_anchor=(1, 1))
    axes.set_title(title, fontsize=9, loc="left", pad=8)
    return figure
