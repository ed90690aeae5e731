"""Confusion matrix."""

import numpy as np
from matplotlib import pyplot


def draw(labels: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]):
    """Rows are true classes, columns predicted ones; each cell is the count, shaded by the share of its row."""
    size = len(classes)
    counts = np.zeros((size, size), int)
    np.add.at(counts, (np.asarray(labels), np.asarray(predicted)), 1)
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(0.5 * size + 1.6, 0.5 * size + 1.2))
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row in range(size):
        for column in range(size):
            if counts[row, column]:
                axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=8,
                          color="white" if share[row, column] > 0.5 else "black")  # fmt: skip
    axes.set_xticks(range(size), classes, rotation=90 if max(map(len, classes)) > 2 else 0)
    axes.set_yticks(range(size), classes)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    axes.set_title(f"{counts.trace() / counts.sum():.2%} of {counts.sum()} right", fontsize=10)
    return figure
