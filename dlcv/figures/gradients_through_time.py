"""Norms of d state_T / d state_t against the distance T - t."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(curves: Mapping[str, Sequence[Sequence[float]]]):
    """curves {arm: one over the distances from 1 for each seed}; "linear, s" and "tanh, s" left, the other cells right.

    Lines are geometric means over seeds, bands their range.
    """
    figure, panels = pyplot.subplots(1, 2, figsize=(11, 4), sharey=True)
    values = sorted({label.split(", ")[1] for label in curves if ", " in label}, key=float)
    for label, seeds in curves.items():
        name, _, value = label.partition(", ")
        style = "--" if name == "linear" else "-"
        for panel in panels:
            if (panel is panels[0]) != bool(value) and label != "tanh, 1":
                continue
            others = [other for other in curves if ", " not in other]
            if panel is panels[0]:
                colour = f"C{values.index(value)}"
            else:
                colour = f"C{4 + others.index(label)}" if label in others else "black"
            logs = np.log(np.maximum(seeds, 1e-12))
            distance = np.arange(1, logs.shape[1] + 1)
            panel.plot(distance, np.exp(logs.mean(0)), style, color=colour, label=label)
            panel.fill_between(distance, np.exp(logs.min(0)), np.exp(logs.max(0)), color=colour, alpha=0.2, linewidth=0)
    panels[0].set(
        yscale="log", ylabel="norm of d state_T / d state_t", ylim=(1e-8, 1e6), title="vanilla: singular values of W"
    )
    panels[1].set(title="gated cells, and attention's way around (d out_T / d x_t)")
    for panel in panels:
        panel.set_xlabel("distance T - t, steps")
        panel.legend(fontsize=8, frameon=False, loc="lower left", ncols=2)
    count = len(next(iter(curves.values())))
    figure.suptitle(f"untrained; geometric mean and range of {count} seed{'s' * (count != 1)}", fontsize=10)
    figure.tight_layout()
    return figure
