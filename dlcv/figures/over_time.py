"""One figure of every evaluation, side by side in the order of the steps."""

from pathlib import Path

import numpy as np
from matplotlib import pyplot


def draw(folder: Path, name: str, most: int = 6):
    """The files `<folder>/<step>/<name>.png`, at most `most` of them, spread over the run."""
    steps = sorted(int(path.parent.name) for path in Path(folder).glob(f"*/{name}.png") if path.parent.name.isdigit())
    chosen = [steps[index] for index in np.unique(np.linspace(0, len(steps) - 1, most).round().astype(int))]
    figure, axes = pyplot.subplots(1, len(chosen), figsize=(3 * len(chosen), 3.3), squeeze=False)
    for axis, step in zip(axes[0], chosen, strict=True):
        axis.imshow(pyplot.imread(Path(folder) / str(step) / f"{name}.png"))
        axis.set_title(f"step {step}", fontsize=10)
        axis.axis("off")
    figure.tight_layout()
    return figure
