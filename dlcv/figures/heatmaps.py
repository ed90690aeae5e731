"""Images and maps over them: which pixels something depends on."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib import pyplot


def draw(
    images: np.ndarray, maps: Mapping[str, np.ndarray], captions: Sequence[str] = (), title: str = "", note: str = "",
    opacity: float = 1.0, more: Mapping[str, np.ndarray] | None = None,
):  # fmt: skip
    """A column an image [Y, X, C] in [0, 1]: the image, `more` pictures of it, and each map {name: [N, Y, X]} below.

    A map without negative values runs from black to bright, else from blue over white to red; each has its own scale. With an
    opacity below 1 the grey image shows through.
    """
    rows = {"image": images, **(more or {}), **maps}
    count = len(images)
    figure, axes = pyplot.subplots(
        len(rows), count, figsize=(1.25 * count + 1.2, 1.25 * len(rows) + 1.1), squeeze=False, layout="constrained"
    )
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(fill(name, 16, break_long_words=False), rotation=0, ha="right", va="center", fontsize=9)
        for place, (axis, picture) in enumerate(zip(line, pictures, strict=True)):
            if name in maps:
                _map(axis, images[place], np.asarray(picture), opacity, signed=bool(np.min(pictures) < 0))
            else:
                axis.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, cmap="gray", vmin=0, vmax=1)
            axis.set_xticks([])
            axis.set_yticks([])
            for spine in axis.spines.values():
                spine.set_visible(False)
    for axis, caption in zip(axes[0], captions, strict=False):
        axis.set_title(caption, fontsize=8, pad=3)
    figure.suptitle(title, fontsize=11)
    figure.supxlabel(note, fontsize=8, color="0.35")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.02, hspace=0.03)
    return figure


def _map(axis, image: np.ndarray, values: np.ndarray, opacity: float, signed: bool) -> None:
    largest = max(float(np.abs(values).max()), 1e-12)
    if opacity < 1:
        axis.imshow(image.mean(-1), cmap="gray", vmin=0, vmax=1)
    low, colours = (-largest, "RdBu_r") if signed else (0.0, "inferno")
    axis.imshow(values, cmap=colours, vmin=low, vmax=largest, alpha=opacity, interpolation="nearest")
