"""Several systems on several tasks over the steps of their runs, a panel a task."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcv.figures.arms_over_time import panels


def draw(tasks: Sequence[tuple[Mapping[str, Path], str, str]], logarithmic: Sequence[str] = ()):
    """tasks: ({system: its metrics.jsonl}, "<split>/<metric>", title); titles in `logarithmic` have such an axis."""
    return panels(tasks, logarithmic)
