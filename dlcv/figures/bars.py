"""One quantity by name as horizontal bars, every seed a dot."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(values: Mapping[str, Sequence[float]], quantity: str, title: str = ""):
    """values {name: [one value a seed]}, drawn from top to bottom; bars are means, whiskers one standard deviation over seeds."""
    figure, axes = pyplot.subplots(figsize=(7, 0.34 * len(values) + 1.1))
    for place, seeds in enumerate(values.values()):
        seeds = np.asarray(seeds, float)
        error = seeds.std(ddof=1) if len(seeds) > 1 else 0.0
        axes.barh(place, seeds.mean(), 0.7, xerr=error, capsize=3, color="C0", alpha=0.7)
        if len(seeds) > 1:
            axes.scatter(seeds, np.full(len(seeds), place), s=10, color="black", zorder=3)
        axes.annotate(f"{seeds.mean():.1f}", (max(seeds.max(), seeds.mean() + error, 0), place), (5, 0), va="center",
                      textcoords="offset points", fontsize=9)  # fmt: skip
    axes.set_yticks(range(len(values)), list(values), fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(quantity, fontsize=9)
    count = max(len(seeds) for seeds in values.values())
    axes.set_title(
        title + (f"\nmean, standard deviation and each of {count} seeds" if count > 1 else ""), fontsize=9, loc="left"
    )
    return figure
