"""Methods side by side on several splits, every seed a dot."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(values: Mapping[str, Mapping[str, Sequence[float]]], quantity: str):
    """values {method: {split: [one value a seed]}}; bars are means, whiskers one standard deviation over seeds."""
    splits = list(next(iter(values.values())))
    figure, axes = pyplot.subplots(figsize=(1.6 * len(splits) * len(values) + 1.2, 3.6))
    width = 0.8 / len(values)
    for index, (method, by_split) in enumerate(values.items()):
        for place, split in enumerate(splits):
            seeds = np.asarray(by_split[split])
            x = place + (index - (len(values) - 1) / 2) * width
            error = seeds.std(ddof=1) if len(seeds) > 1 else 0.0
            axes.bar(
                x,
                seeds.mean(),
                width * 0.92,
                yerr=error,
                capsize=4,
                color=f"C{index}",
                alpha=0.75,
                label=method if not place else None,
            )
            axes.scatter(np.full(len(seeds), x), seeds, s=12, color="black", zorder=3)
            axes.text(x, seeds.max() + error + 1.5, f"{seeds.mean():.1f}", ha="center", fontsize=9)
    axes.set_xticks(range(len(splits)), [f"{split} test images" for split in splits])
    axes.set_ylabel(quantity)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 20))
    axes.legend(frameon=False, fontsize=9, loc="upper right", ncols=len(values))
    axes.set_title(f"mean, standard deviation and each of {len(seeds)} seed{'s' * (len(seeds) > 1)}", fontsize=9)
    return figure
