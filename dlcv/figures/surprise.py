"""A passage of text shaded by how unexpected each character was."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot


def draw(characters: Sequence[str], nats: np.ndarray, columns: int = 64):
    """Characters [N] over cells coloured by their cost in nats [N]; line feeds and spaces are drawn as marks."""
    rows = -(-len(characters) // columns)
    cells = np.full(rows * columns, np.nan)
    cells[: len(characters)] = nats
    figure, axes = pyplot.subplots(figsize=(columns * 0.15 + 1, rows * 0.3 + 0.8))
    picture = axes.imshow(cells.reshape(rows, columns), cmap="YlOrRd", vmin=0, vmax=5, aspect="auto")
    for place, character in enumerate(characters):
        mark = {"\n": "↵", " ": "·", "\t": "→"}.get(character, character).replace("$", r"\$")
        axes.text(
            place % columns, place // columns, mark, ha="center", va="center", fontsize=8, family="DejaVu Sans Mono"
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(f"held-out text, mean {np.mean(nats):.2f} nats a character", fontsize=9)
    figure.colorbar(picture, ax=axes, label="nats", pad=0.01)
    return figure
