"""Transfer learning in one picture: what is carried over, when it helps, and why."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot

from dlcv.figures.label_curves import lines
from dlcv.figures.projection import plane


def draw(
    accuracy: Mapping[str, Mapping[int, Sequence[float]]], gain: Mapping[str, Mapping[int, Sequence[float]]],
    origins: Mapping[str, str], images: Mapping[str, Mapping], views: Mapping[str, Mapping], method: str = "tsne",
):  # fmt: skip
    """accuracy and gain {arm: {labels a class: [per cent of each seed]}}, origins {arm: its source or ""}, which colours it;
    images {set: {"images": [N, Y, X, C], "labels": [N]}}, views {arm: {"features": {split: [N, D]}, "labels": {split: [N]}}}.
    Bands are one standard deviation over seeds."""
    rows = len(images)
    figure = pyplot.figure(figsize=(13, 1.15 * rows + 6))
    top, below = figure.subfigures(2, 1, height_ratios=(1.15 * rows + 0.4, 5.4))
    top.suptitle("what: the tasks that weights are carried from, and the target", x=0.05, ha="left", fontsize=12)
    for axis, (name, shown) in zip(np.atleast_1d(top.subplots(rows, 1)), images.items(), strict=True):
        _strip(axis, name, shown["images"], shown["labels"])
    left, right = below.subfigures(1, 2, width_ratios=(2.1, 1)) if views else (below, None)
    looks = _looks(origins)
    axes = left.subplots(1, 2)
    lines(axes[0], accuracy, looks, "accuracy on target test images, %", "target labels a class")
    lines(axes[1], gain, looks, f"gain over {next(iter(accuracy))}, points", "target labels a class")
    axes[1].axhline(0, color="black", linewidth=0.8)
    axes[1].set_ylim(*axes[1].get_ylim())
    axes[1].axhspan(axes[1].get_ylim()[0], 0, color="tab:red", alpha=0.06, zorder=0)
    axes[1].text(0.98, 0.02, "negative transfer", transform=axes[1].transAxes, ha="right", color="tab:red", fontsize=9)
    axes[0].legend(fontsize=8, frameon=False, loc="upper left")
    axes[0].set_ylim(0, 105)
    seeds = len(next(iter(next(iter(accuracy.values())).values())))
    left.suptitle(f"when: by number of target labels ({seeds} seed{'s' * (seeds > 1)})", x=0.07, ha="left", fontsize=12)
    if views:
        right.suptitle("why: target images in the carried features", x=0.02, ha="left", fontsize=12)
        for axis, (name, view) in zip(np.atleast_1d(right.subplots(len(views), 1)), views.items(), strict=True):
            _classes(axis, name, view, method)
    return figure


def _strip(axis, name: str, images: np.ndarray, labels: Sequence[str]) -> None:
    """Images side by side, each under its label, the set's name at the left."""
    width = images.shape[2]
    axis.imshow(np.concatenate(list(images), axis=1).squeeze(), cmap="gray", vmin=0, vmax=255)
    for place, label in enumerate(labels):
        axis.text((place + 0.5) * width, -2, label, ha="center", va="bottom", fontsize=8)
    axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)


def _looks(origins: Mapping[str, str]) -> dict[str, dict]:
    """A colour a source, a line style for each arm that starts from it."""
    sources, looks = list(dict.fromkeys(origins.values())), {}
    for label, source in origins.items():
        rank = sum(origins[other] == source for other in looks)
        looks[label] = dict(color=f"C{sources.index(source)}", linestyle=("-", "--", ":", "-.")[rank % 4])
    return looks


def _classes(axis, name: str, view: Mapping, method: str) -> None:
    """The features of the arm's test images in one plane, coloured by class."""
    split = next(iter(view["features"]))
    points, labels = plane(view["features"][split], method), view["labels"][split]
    for one in np.unique(labels):
        axis.scatter(*points[labels == one].T, s=9, label=str(one), color=f"C{one % 10}", alpha=0.8)
    axis.set_title(name, fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.legend(
        fontsize=7, frameon=False, ncols=1, loc="center left", bbox_to_anchor=(1, 0.5), title="digit", title_fontsize=7
    )
