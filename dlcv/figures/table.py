"""Tables as heat maps: methods by tasks, each value written in its cell with its deviation from a printed number."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.patches import Patch

SAME, OFF = "tab:green", "tab:red"  # the frame of a cell that has a printed number


def draw(tables: Sequence[Mapping], same: float = 0.01, quantity: str = "accuracy, %"):
    """tables: {"title", "rows", "columns", "values" [R, C]}, one below the other, and where there are such "deviations" [R, C]
    from printed numbers (None: there is none) or "spreads" [R, C].

    Colour runs from the worst to the best value of each column, since columns differ more than rows do; the best is bold.
    """
    heights = [(0.42 if "spreads" in table else 0.34) * len(table["rows"]) + 1.0 for table in tables]
    widest = max(len(table["columns"]) for table in tables)
    width = 0.72 * widest + 2.4
    figure, panels = pyplot.subplots(
        len(tables), 1, figsize=(width, sum(heights)), squeeze=False, layout="constrained", height_ratios=heights
    )
    for axes, table in zip(panels[:, 0], tables, strict=True):
        _panel(axes, table, same)
        axes.set_xlim(-0.5, widest - 0.5)
        axes.set_title(f"{table['title']}: {quantity}", fontsize=10, loc="left")
    if any(value is not None for table in tables for row in table.get("deviations", ()) for value in row):
        frames = {
            "equals the printed number": SAME,
            "deviates by the points in small type": OFF,
            "bold: best of its column": "none",
        }
        figure.legend(
            handles=[Patch(facecolor="none", edgecolor=colour, label=text) for text, colour in frames.items()],
            loc="outside lower center", ncols=3, frameon=False, fontsize=8,
        )  # fmt: skip
    return figure


def _panel(axes, table: Mapping, same: float) -> None:
    values = np.asarray(table["values"], float)
    span = np.ptp(values, axis=0)
    axes.imshow(
        (values - values.min(0)) / np.where(span > 0, span, 1), cmap="Blues", vmin=-0.15, vmax=1.6, aspect="auto"
    )
    for row, column in np.ndindex(*values.shape):
        deviation = table["deviations"][row][column] if "deviations" in table else None
        best = values[row, column] == values[:, column].max()
        shift = 0.14 if deviation is not None and abs(deviation) > same else 0
        lift = 0.14 if "spreads" in table else 0
        axes.text(column - shift, row - lift, f"{values[row, column]:.1f}", ha="center", va="center", fontsize=8,
                  fontweight="bold" if best else "normal")  # fmt: skip
        if "spreads" in table:
            axes.text(
                column, row + 0.28, f"± {table['spreads'][row][column]:.1f}", ha="center", va="center", fontsize=6
            )
        if deviation is not None:
            met = abs(deviation) <= same
            axes.add_patch(
                pyplot.Rectangle(
                    (column - 0.46, row - 0.43), 0.92, 0.86, fill=False, edgecolor=SAME if met else OFF, lw=1.1
                )
            )
            if not met:
                axes.text(
                    column + 0.4, row + 0.22, f"{deviation:+.1f}", ha="right", va="center", fontsize=6.2, color=OFF
                )
    axes.set_xticks(range(values.shape[1]), table["columns"], fontsize=8)
    axes.set_yticks(range(values.shape[0]), table["rows"], fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
