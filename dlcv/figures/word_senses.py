"""Occurrences of words as their contextual vectors in a plane, coloured by sense; the lexical vector, one for all, as a cross."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot

COLUMNS = 3


def draw(words: Mapping[str, Mapping], title: str):
    """words {word: {"vectors": [N, D], "lexical": [D], "senses": a label each, "accuracy": (contextual, lexical)}}: principal axes."""
    columns = min(COLUMNS, len(words))
    rows = -(-len(words) // columns)
    size = (4.2 * columns, 3.7 * rows)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat[len(words) :]:
        axis.set_axis_off()
    for axis, (word, found) in zip(axes.flat, words.items(), strict=False):
        points = unit(found["vectors"])
        centre, lexical = points.mean(0), unit(found["lexical"][None])[0]
        across = np.linalg.svd(points - centre, full_matrices=False)[2][:2]
        placed, cross = (points - centre) @ across.T, (lexical - centre) @ across.T
        for index, sense in enumerate(dict.fromkeys(found["senses"])):
            here = np.array([label == sense for label in found["senses"]])
            axis.scatter(*placed[here].T, s=14, color=f"C{index}", alpha=0.8, label=f"{sense} ({here.sum()})")
        axis.scatter(*cross, marker="x", color="black", s=50, label="lexical")
        contextual, chance = (100 * share for share in found["accuracy"])
        axis.set_title(
            f"{word}: nearest neighbour has the sense {contextual:.0f} % (lexical {chance:.0f} %)", fontsize=9
        )
        axis.legend(fontsize=7, frameon=False)
        axis.set(xticks=[], yticks=[], xlabel="principal axis 1", ylabel="principal axis 2")
    figure.suptitle(title, fontsize=10)
    return figure


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length 1: distances are those of cosines."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
