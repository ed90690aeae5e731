"""Arrays to pictures: a kind of figure is a file here with a `draw(...)` that returns a matplotlib Figure.

The only place that imports matplotlib; nothing is shown on a screen, everything is written to a file.
"""

import importlib
import pkgutil
from pathlib import Path

from dlcv.errors import unknown


def draw(kind: str, path: Path, *, seed: int | None = None, **arrays) -> Path:
    """Draws the figure `kind` of these arrays into a PNG file; a seed is noted in its corner."""
    known = [found.name for found in pkgutil.iter_modules(__path__)]
    if kind not in known:
        raise unknown("figure", kind, known)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(
        {"figure.dpi": 110, "savefig.bbox": "tight", "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure = importlib.import_module(f"dlcv.figures.{kind}").draw(**arrays)
        if seed is not None:
            figure.text(0.995, 0.002, f"seed {seed}", ha="right", va="bottom", fontsize=7, color="0.5")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
        pyplot.close(figure)
    return path
