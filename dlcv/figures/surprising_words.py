"""Passages of words shaded by how unexpected each was."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps, pyplot
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

LARGEST = 10.0  # nats; the colour ends there


def draw(passages: Sequence[tuple[Sequence[str], np.ndarray]], columns: int = 110):
    """Passages (words [N], nats [N]), broken into lines of at most `columns` characters; each word's ground is coloured by its cost."""
    lines = []
    for words, nats in passages:
        lines.append([])
        used = 0
        for word, cost in zip(words, nats, strict=True):
            if used + len(word) > columns:
                lines.append([])
                used = 0
            lines[-1].append((used, word, cost))
            used += len(word) + 1
    figure, axes = pyplot.subplots(figsize=(columns * 0.072 + 1, len(lines) * 0.28 + 0.5), layout="constrained")
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
    mean = np.mean(np.concatenate([nats for _, nats in passages]))
    axes.set_title(f"held-out text, a passage a line, mean {mean:.2f} nats a word", fontsize=9)
    figure.colorbar(ScalarMappable(scale, "YlOrRd"), ax=axes, label="nats", pad=0.01)
    return figure
