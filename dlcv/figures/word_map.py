"""Word vectors in a plane, each as its word."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot

from dlcv.figures.projection import plane


def draw(vectors: np.ndarray, words: Sequence[str], method: str = "tsne"):
    """Vectors [N, D], scaled to length 1 so that distances are those of cosines, put into a plane by "tsne" or "pca"."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    placed = plane(unit, method)
    figure, axes = pyplot.subplots(figsize=(11, 8.5), layout="constrained")
    axes.scatter(*placed.T, s=2, color="0.8")
    for (x, y), word in zip(placed, words, strict=True):
        axes.text(x, y, word, fontsize=6.5, ha="center", va="center")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title({"tsne": "t-SNE of 30 principal axes", "pca": "principal axes"}[method], fontsize=10)
    return figure
