"""Ways of processing a sequence: what each reaches, and what a longer sequence costs it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot

TITLES = {
    "seen": "steps that the last output sees",
    "chain": "products that wait for one another",
    "mebibytes": "working memory of a gradient, MiB",
    "milliseconds": "time of a gradient, ms",
}


def draw(
    values: Mapping[str, Sequence[float]], quantity: str, lengths: Sequence[int],
    costs: Mapping[str, Mapping[str, Sequence[float]]],
):  # fmt: skip
    """values {way: one a seed}; costs {way: {"seen", "chain", "mebibytes", "milliseconds": one a length}}, both axes logarithmic.

    A cost that is not there has no axis.
    """
    titles = {name: title for name, title in TITLES.items() if all(name in found for found in costs.values())}
    figure, axes = pyplot.subplots(1, 1 + len(titles), figsize=(17, 3.4))
    for index, (way, seeds) in enumerate(values.items()):
        axes[0].bar(index, np.mean(seeds), color=f"C{index}", alpha=0.75)
        axes[0].scatter([index] * len(seeds), seeds, s=12, color="black", zorder=3)
        for axis, name in zip(axes[1:], titles, strict=True):
            # Ways that cost the same lie on one another: the later ones are drawn thinner.
            axis.plot(
                lengths, costs[way][name], marker="o", markersize=3, color=f"C{index}", label=way, linewidth=4 - index
            )
    axes[0].set_xticks(range(len(values)), values, rotation=20)
    axes[0].set_ylabel(quantity)
    axes[0].set_title(f"mean and each of {len(seeds)} seed{'s' * (len(seeds) != 1)}", fontsize=9)
    for axis, title in zip(axes[1:], titles.values(), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="length of the sequence")
        axis.set_xscale("log", base=2)
        axis.set_title(title, fontsize=9)
    axes[1].legend(fontsize=8, frameon=False)
    figure.tight_layout()
    return figure
