"""A quantity by number of labels, one line a method, and what the methods that generate draw."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.ticker import NullLocator

from dlcv.figures.image_grid import tile


def draw(
    values: Mapping[str, Mapping[int, Sequence[float]]], quantity: str, samples: Mapping[str, np.ndarray] = {}, columns: int = 8,
    title: str = "",
):  # fmt: skip
    """values {method: {labels a class: [one value a draw]}}, samples {method: images [N, Y, X, C], `columns` to a row}.

    Bands are one standard deviation over draws.
    """
    figure = pyplot.figure(figsize=(6 + 2.6 * len(samples), 4.4), layout="constrained")
    left, *others = figure.subfigures(1, 1 + len(samples), width_ratios=[6, *[2.6] * len(samples)], squeeze=False)[0]
    axes = left.subplots()
    lines(
        axes, values, {name: dict(color=f"C{place}") for place, name in enumerate(values)}, quantity, "labels a class"
    )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=9)
    axes.set_title(title, fontsize=9, loc="left")
    for part, (name, images) in zip(others, samples.items(), strict=True):
        shown = part.subplots()
        shown.imshow(tile(images, columns), interpolation="nearest")
        shown.set_title(name, fontsize=9, color=f"C{list(values).index(name)}")
        shown.axis("off")
    return figure


def lines(
    axis, values: Mapping[str, Mapping[int, Sequence[float]]], looks: Mapping[str, Mapping], quantity: str, counted: str
) -> None:
    """Means over the seeds on a logarithmic axis of counts, a band of one standard deviation around each."""
    for label, by_count in values.items():
        counts = sorted(by_count)
        seeds = np.array([by_count[count] for count in counts])
        mean, error = seeds.mean(1), seeds.std(1, ddof=1) if seeds.shape[1] > 1 else np.zeros(len(counts))
        axis.plot(counts, mean, marker="o", markersize=4, label=label, **looks[label])
        axis.fill_between(counts, mean - error, mean + error, color=looks[label]["color"], alpha=0.18, linewidth=0)
    axis.set_xscale("log")
    axis.set_xticks(counts, [str(count) for count in counts])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel(counted)
    axis.set_ylabel(quantity)
