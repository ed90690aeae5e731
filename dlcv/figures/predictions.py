"""Images under the class that was predicted for them."""

import numpy as np
from matplotlib import pyplot


def draw(images: np.ndarray, labels: np.ndarray, predicted: np.ndarray, title: str = "", classes: tuple[str, ...] = ()):
    """Images [N, Y, X, C]; a wrong prediction is red and followed by the true class."""
    columns = 10
    rows = -(-len(images) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(columns * 0.85, rows * 1.05 + 0.4), squeeze=False)
    name = (lambda c: classes[c]) if classes else str
    for place, axis in enumerate(axes.flat):
        axis.axis("off")
        if place < len(images):
            image = np.asarray(images[place])
            axis.imshow(image[..., 0] if image.shape[-1] == 1 else image, cmap="gray")
            right = labels[place] == predicted[place]
            text = name(int(predicted[place])) + ("" if right else f" ({name(int(labels[place]))})")
            axis.set_title(text, fontsize=8, color="black" if right else "crimson", pad=2)
    share = float(np.mean(np.asarray(labels) == np.asarray(predicted)))
    figure.suptitle(f"{title}: predicted (true) class, {share:.0%} of these {len(images)} right", fontsize=10)
    return figure
