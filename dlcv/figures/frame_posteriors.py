"""Strips of an image over the probability of each class frame by frame."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot


def draw(
    images: np.ndarray, posteriors: np.ndarray, frames: np.ndarray, classes: Sequence[str], titles: Sequence[str], columns: int
):  # fmt: skip
    """Images [N, Y, X] over posteriors [N, T, C] of `columns` columns a frame; class 0 is the blank, drawn dashed."""
    count, X = len(images), images.shape[2]
    figure, axes = pyplot.subplots(
        2 * count, 1, figsize=(8, 1.75 * count + 0.3), sharex=True, height_ratios=[1, 1.5] * count, layout="constrained"
    )
    for above, below, image, p_TC, last, title in zip(
        axes[::2], axes[1::2], images, posteriors, frames, titles, strict=True
    ):
        above.imshow(image, cmap="gray", aspect="auto", extent=(0, X, 0, 1))
        above.set_title(title, fontsize=8, loc="left", pad=2)
        above.set_axis_off()
        place = (np.arange(last) + 0.5) * columns
        below.plot(place, p_TC[:last, 0], color="0.6", linestyle="--", linewidth=0.9, label="blank")
        for index in np.flatnonzero(p_TC[:last, 1:].max(0) > 0.1) + 1:
            colour, peak = f"C{(index - 1) % 10}", p_TC[:last, index]
            below.plot(place, peak, color=colour, linewidth=1.2, marker=".", markersize=3)
            for t in range(last):  # its name at each place where it is the likeliest and highest around
                near = peak[max(0, t - 1) : t + 2]
                if peak[t] > 0.3 and p_TC[t].argmax() == index and peak[t] == near.max():
                    below.text(place[t], peak[t] + 0.04, classes[index], color=colour, ha="center", fontsize=8)
        below.set_ylim(0, 1.25)
        below.set_yticks([0, 1])
        below.tick_params(labelsize=7)
        below.set_ylabel("p", fontsize=8)
    axes[1].legend(fontsize=7, frameon=False, loc="upper right")
    axes[-1].set_xlim(0, X)
    axes[-1].set_xlabel(f"column of the image; a frame is {columns} columns", fontsize=8)
    return figure
