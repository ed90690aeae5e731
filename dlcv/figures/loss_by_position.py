"""How much a token costs by how much text stands before it: a curve that falls shows that the context is used."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot


def draw(arms: Mapping[str, np.ndarray], unit: str = "token"):
    """Mean nats [T] of each position for each arm, nan where nothing is asked; the position is on a logarithmic axis from 1."""
    figure, axes = pyplot.subplots(figsize=(5, 3.4), layout="constrained")
    for name, nats in arms.items():
        places = 1 + np.arange(len(nats))
        axes.plot(
            places,
            nats,
            marker="." if len(nats) < 40 else None,
            linewidth=1,
            label=f"{name}, mean {np.nanmean(nats):.2f}",
        )
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set_xlabel(f"{unit}s of context")
    axes.set_ylabel(f"nats a {unit}")
    axes.legend(frameon=False, fontsize=8)
    return figure
