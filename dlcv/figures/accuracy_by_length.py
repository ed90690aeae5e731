"""How often a whole sequence is right, against the length of its source."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib import pyplot


def draw(
    lengths: np.ndarray, arms: Mapping[str, Sequence[np.ndarray]], bins: int = 8, quantity: str = "exact match, %"
):
    """Lengths [N] and, for each arm, every seed's [N] of 0 and 1; bins hold about as many sources each, whiskers are over seeds."""
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, bins + 1)).astype(int))
    edges[-1] += 1
    if len(edges) < 2:
        edges = np.array([lengths.min(), lengths.max() + 1])
    inside = [(lengths >= low) & (lengths < high) for low, high in pairwise(edges)]
    inside = [rows for rows in inside if rows.any()]
    figure, axis = pyplot.subplots(figsize=(5.2, 3.7), layout="constrained")
    for label, seeds in arms.items():
        shares = 100 * np.array([[np.asarray(seed)[rows].mean() for rows in inside] for seed in seeds])
        errors = shares.std(0, ddof=1) if len(shares) > 1 else None
        places = [lengths[rows].mean() for rows in inside]
        axis.errorbar(
            places, shares.mean(0), yerr=errors, marker="o", markersize=4, capsize=3, linewidth=1.3, label=label
        )
    axis.set_ylim(-3, 103)
    axis.set_xlabel("tokens of the source")
    axis.set_ylabel(quantity)
    if len(arms) > 1:
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    seeds = max(map(len, arms.values()))
    axis.set_title(f"{len(lengths)} held-out sources, {seeds} seed{'s' * (seeds > 1)}", fontsize=9)
    return figure
