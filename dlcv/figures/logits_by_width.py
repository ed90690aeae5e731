"""Why scores are divided by the root of the width: their variance, and the entropy of the softmax."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(widths: Sequence[int], found: Mapping[str, Mapping[str, Sequence[Sequence[float]]]], keys: int):
    """found {arm: {"variance", "entropy": for each width one value a seed}}; means, whiskers one standard deviation."""
    figure, axes = pyplot.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
    for measure, axis in zip(("variance", "entropy"), axes, strict=True):
        for arm, values in found.items():
            seeds = np.asarray(values[measure])
            error = seeds.std(1, ddof=1) if seeds.shape[1] > 1 else None
            axis.errorbar(widths, seeds.mean(1), yerr=error, marker="o", markersize=3, capsize=3, label=arm)
        axis.set_xscale("log", base=2)
        axis.set_xlabel("width D of queries and keys")
    axes[0].set_yscale("log", base=2)
    axes[0].set_ylabel("variance of the logits")
    axes[1].set_ylabel("entropy of the weights, nats")
    axes[1].axhline(np.log(keys), color="0.6", linewidth=0.8, linestyle="--")
    axes[1].text(widths[0], np.log(keys), f" log {keys}: all keys alike", va="bottom", fontsize=7, color="0.4")
    axes[1].set_ylim(0, np.log(keys) * 1.15)
    axes[0].legend(frameon=False, fontsize=8)
    figure.suptitle(f"independent normal queries and keys, {keys} keys, {seeds.shape[1]} seeds", fontsize=9)
    return figure
