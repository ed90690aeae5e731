"""A passage of a program, coloured by one recurrent cell a panel."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(characters: str, rows: Sequence[Mapping], lines: int = 14, columns: int = 88):
    """rows: {"title", "values" [N] in [-1, 1], "truth" [N]}; the first lines of N characters, cut at so many columns.

    A true yes-or-no label is underlined.
    """
    places, line, column = [], 0, 0
    for character in characters:
        places.append((line, column))
        line, column = (line + 1, 0) if character == "\n" else (line, column + 1)
    kept = [index for index, (row, place) in enumerate(places) if row < lines and place < columns]
    height = min(lines, line + 1)
    deep = -(-len(rows) // 2)
    figure, panels = pyplot.subplots(
        deep, 2, figsize=(columns * 0.19, deep * (height * 0.165 + 0.32)), squeeze=False, layout="constrained"
    )
    ordered = panels.T.ravel()
    for axes in ordered[len(rows) :]:
        axes.axis("off")
    for axes, row in zip(ordered, rows, strict=False):
        cells = np.full((height, columns), np.nan)
        for index in kept:
            cells[places[index]] = row["values"][index]
        picture = axes.imshow(cells, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        for index in kept:
            y, x = places[index]
            mark = {"\n": " ", "\t": "→"}.get(characters[index], characters[index]).replace("$", r"\$")
            colour = "white" if abs(row["values"][index]) > 0.65 else "black"
            axes.text(x, y, mark, ha="center", va="center", fontsize=6.4, family="DejaVu Sans Mono", color=colour)
            if row["truth"].dtype == bool and row["truth"][index]:
                axes.plot([x - 0.5, x + 0.5], [y + 0.46, y + 0.46], color="black", linewidth=1.1)
        axes.set_title(row["title"], fontsize=8.5, loc="left", pad=3)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    figure.colorbar(picture, ax=panels, shrink=0.25, label="activation", pad=0.01)
    return figure
