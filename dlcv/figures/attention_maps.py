"""Where the class token of a vision Transformer looks."""

import numpy as np
from matplotlib import pyplot


def draw(images: np.ndarray, attention: np.ndarray):
    """Images [N, Y, X, C] in [0, 1] and attention [N, depth, H, L, L] whose position 0 is the class token; a row an image."""
    count, depth = attention.shape[:2]
    side = round(np.sqrt(attention.shape[-1] - 1))
    figure, axes = pyplot.subplots(count, depth + 1, figsize=(1.3 * (depth + 1), 1.3 * count + 0.4), squeeze=False)
    for row, image, weights in zip(axes, images, attention, strict=True):
        gray = image[..., 0] if image.shape[-1] == 1 else image
        row[0].imshow(gray, cmap="gray")
        for axis, layer in zip(row[1:], weights, strict=True):
            looked = layer[:, 0, 1:].mean(0).reshape(side, side)
            axis.imshow(gray, cmap="gray", extent=(0, side, side, 0))
            axis.imshow(looked, cmap="inferno", alpha=0.65, extent=(0, side, side, 0), vmin=0)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
    for column, axis in enumerate(axes[0]):
        axis.set_title("image" if not column else f"layer {column}", fontsize=9)
    figure.suptitle("attention of the class token to the patches, mean over heads, own scale a picture", fontsize=9)
    return figure
