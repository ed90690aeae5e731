"""Methods side by side on several splits or tasks, every seed a dot."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(values: Mapping[str, Mapping[str, Sequence[float]]], quantity: str):
    """values {method: {place: [one value a seed]}}; bars are means, whiskers one standard deviation over seeds."""
    places = list(next(iter(values.values())))
    wide = 1.6 if len(places) * len(values) <= 4 else 0.8
    figure, axes = pyplot.subplots(figsize=(wide * len(places) * len(values) + 1.2, 3.9), layout="constrained")
    width = 0.8 / len(values)
    for index, (method, by_place) in enumerate(values.items()):
        for position, place in enumerate(places):
            seeds = np.asarray(by_place[place])
            x = position + (index - (len(values) - 1) / 2) * width
            error = seeds.std(ddof=1) if len(seeds) > 1 else 0.0
            axes.bar(
                x,
                seeds.mean(),
                width * 0.92,
                yerr=error,
                capsize=4,
                color=f"C{index}",
                alpha=0.75,
                label=method if not position else None,
            )
            axes.scatter(np.full(len(seeds), x), seeds, s=12, color="black", zorder=3)
            axes.text(x, seeds.max() + error + 1.5, f"{seeds.mean():.1f}", ha="center", fontsize=9)
    axes.set_xticks(range(len(places)), places)
    axes.set_ylabel(quantity)
    axes.set_ylim(0, 110)
    axes.set_yticks(range(0, 101, 20))
    figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=min(len(values), 3))
    axes.set_title(f"mean, standard deviation and each of {len(seeds)} seed{'s' * (len(seeds) > 1)}", fontsize=9)
    return figure
