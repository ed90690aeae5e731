"""Images side by side."""

import numpy as np
from matplotlib import pyplot


def tile(images: np.ndarray, columns: int, gap: int = 1) -> np.ndarray:
    """[N, Y, X, C] in [0, 1] or bytes as one [Y', X', 3] picture, `columns` to a row."""
    images = np.asarray(images)
    images = images / 255.0 if images.dtype == np.uint8 else np.clip(images, 0, 1)
    images = np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
    N, Y, X, C = images.shape
    rows = -(-N // columns)
    sheet = np.ones((rows * columns, Y + gap, X + gap, C))
    sheet[:N, :Y, :X] = images
    return (
        sheet.reshape(rows, columns, Y + gap, X + gap, C)
        .swapaxes(1, 2)
        .reshape(rows * (Y + gap), columns * (X + gap), C)
    )


def draw(images: np.ndarray, columns: int = 8, title: str = "", row_labels: list[str] | None = None):
    """A grid of images [N, Y, X, C] in [0, 1] or bytes; `row_labels` names the rows."""
    sheet = tile(images, columns)
    height, width = sheet.shape[:2]
    figure, axes = pyplot.subplots(figsize=(7, 6.3 * height / width + 0.4), layout="constrained")
    axes.imshow(sheet, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])
    if row_labels:
        step = height / len(row_labels)
        axes.set_yticks([step * (row + 0.5) for row in range(len(row_labels))], row_labels, fontsize=8)
        axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
