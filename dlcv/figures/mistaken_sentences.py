"""Sentences that were put into the wrong class, the surest mistakes first."""

import textwrap
from collections.abc import Sequence

from matplotlib import pyplot


def draw(rows: Sequence[tuple[str, str, str, float]], mistaken: int, total: int, columns: int = 88):
    """Rows (sentence, its class, the class that it was given, how probable that was)."""
    told = [(textwrap.wrap(text.replace("$", r"\$"), columns) or [""], *rest) for text, *rest in rows]
    height = max(sum(len(lines) for lines, *_ in told), 1)
    figure, axes = pyplot.subplots(figsize=(11, 0.24 * height + 0.12 * len(told) + 0.7), layout="constrained")
    place = 0.0
    for lines, truth, given, share in told:
        axes.text(0, -place, f"{truth}, taken for {given} ({share:.2f})", fontsize=8, va="top", color="#a33")
        axes.text(0.27, -place, "\n".join(lines), fontsize=8, va="top", linespacing=1.25)
        place += len(lines) + 0.5
    axes.set_xlim(0, 1)
    axes.set_ylim(-place - 0.1, 0.3)
    axes.set_axis_off()
    axes.set_title(f"{mistaken} of {total} sentences mistaken; the surest of them", fontsize=9)
    return figure
