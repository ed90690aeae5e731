"""What channels of a layer respond to: projections of their activations beside the image patches that caused them."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot

from dlcv.figures.image_grid import tile


def draw(projections: np.ndarray, patches: np.ndarray, names: Sequence[str], title: str = "", columns: int = 4):
    """Projections in [0, 1] and patches (the same or bytes), [K, 9, Y, X, C], as two blocks of 3x3 a channel."""
    rows = -(-len(names) // columns)
    figure, axes = pyplot.subplots(
        rows, 2 * columns, figsize=(2.6 * columns, 1.5 * rows + 0.7), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.axis("off")
    for place, name in enumerate(names):
        pair = axes[place // columns, 2 * (place % columns) : 2 * (place % columns) + 2]
        for axis, pictures in zip(pair, (projections[place], patches[place]), strict=True):
            axis.imshow(tile(pictures, 3), interpolation="nearest")
        pair[0].set_title(name, fontsize=8, loc="left", pad=2)
    figure.suptitle(title, fontsize=10)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.02, hspace=0.03)
    return figure
