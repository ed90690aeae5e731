"""Named rows of images, the columns named too, with a caption below each image."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib import pyplot


def draw(
    rows: Mapping[str, np.ndarray], captions: Mapping[str, Sequence[str]], columns: Sequence[str], title: str = ""
):
    """rows {name: [N, Y, X, C] in [0, 1]}, captions {name: [N]} and the names of the N columns."""
    count = len(columns)
    figure, axes = pyplot.subplots(
        len(rows), count, figsize=(1.05 * count + 1.3, 1.3 * len(rows) + 0.6), squeeze=False, layout="constrained"
    )
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(fill(name, 18, break_long_words=False), rotation=0, ha="right", va="center", fontsize=9)
        for axis, image, caption in zip(line, images, captions[name], strict=True):
            axis.imshow(image[..., 0] if image.shape[-1] == 1 else image, cmap="gray", vmin=0, vmax=1)
            axis.set_xlabel(caption, fontsize=8, labelpad=2)
            axis.set_xticks([])
            axis.set_yticks([])
            for spine in axis.spines.values():
                spine.set_visible(False)
    for axis, name in zip(axes[0], columns, strict=True):
        axis.set_title(name, fontsize=9, pad=3)
    figure.suptitle(title, fontsize=11)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.02, hspace=0.03)
    return figure
