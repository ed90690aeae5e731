"""A passage of words shaded by how unexpected each was."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps, pyplot
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

LARGEST = 10.0  # nats; the colour ends there


def draw(words: Sequence[str], nats: np.ndarray, columns: int = 90):
    """Words [N], broken into lines of at most `columns` characters, on grounds coloured by their cost in nats [N]."""
    lines, used = [[]], 0
    for word, cost in zip(words, nats, strict=True):
        if used + len(word) > columns:
            lines.append([])
            used = 0
        lines[-1].append((used, word, cost))
        used += len(word) + 1
    figure, axes = pyplot.subplots(figsize=(columns * 0.095 + 1, len(lines) * 0.32 + 0.7), layout="constrained")
    scale = Normalize(0, LARGEST)
    for row, line in enumerate(lines):
        for place, word, cost in line:
            ground = dict(facecolor=colormaps["YlOrRd"](scale(cost)), edgecolor="none", pad=1.5)
            axes.text(
                place, -row, word.replace("$", r"\$"), fontsize=8, family="DejaVu Sans Mono", va="center", bbox=ground
            )
    axes.set_xlim(-1, columns + 2)
    axes.set_ylim(-len(lines) + 0.4, 0.6)
    axes.set_axis_off()
    axes.set_title(f"held-out text, mean {np.mean(nats):.2f} nats a word", fontsize=9)
    figure.colorbar(ScalarMappable(scale, "YlOrRd"), ax=axes, label="nats", pad=0.01)
    return figure
