"""Language models by size on disk and perplexity, and what each loses when the words before are shuffled."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(models: Mapping[str, Mapping[str, Sequence[float]]], context: int):
    """models {label: {"test", "megabytes", "in_order", "shuffled": a value a seed}}; `context` words are shuffled."""
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(11.5, 0.34 * len(models) + 2.4), width_ratios=[1, 1.15], layout="constrained"
    )
    for index, found in enumerate(models.values()):
        mean, std = np.mean(found["test"]), np.std(found["test"])
        left.errorbar(found["megabytes"][0], mean, std, fmt="o", markersize=5, capsize=2, color=f"C{index % 10}")
    left.set(xscale="log", yscale="log", xlabel="size on disk, MB", ylabel="test perplexity")
    left.margins(x=0.1, y=0.1)
    left.set_title("one colour a model, as its name at the right", fontsize=9)
    places = np.arange(len(models))
    for offset, name, colour in ((0.2, "in_order", "tab:blue"), (-0.2, "shuffled", "tab:orange")):
        means = [np.mean(found[name]) for found in models.values()]
        spreads = [np.std(found[name]) for found in models.values()]
        right.barh(places + offset, means, 0.38, xerr=spreads, color=colour, label=name.replace("_", " "), capsize=2)
        for place, value in zip(places, means, strict=True):
            right.text(value * 1.04, place + offset, f"{value:.0f}", va="center", fontsize=7)
    right.set_yticks(places, list(models), fontsize=8)
    for index, name in enumerate(right.get_yticklabels()):
        name.set_color(f"C{index % 10}")
    right.invert_yaxis()
    right.set(xscale="log", xlabel="perplexity of the next word")
    right.margins(x=0.12)
    right.set_title(f"the {context} words before it in order and shuffled", fontsize=9)
    right.legend(fontsize=7, frameon=False, loc="lower right")
    return figure
