"""Metrics over the steps of a run, mean and range over its seeds."""

import json
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import numpy as np
from matplotlib import pyplot


def read(metrics: Path) -> dict[str, dict[str, dict[int, list[float]]]]:
    """metric -> split -> step -> the seeds' values, from a metrics.jsonl."""
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for line in Path(metrics).read_text().splitlines():
        record = json.loads(line)
        for name, value in record.items():
            if name not in ("step", "split", "seed", "weights") and isinstance(value, int | float):
                found[name][record["split"]][record["step"]].append(value)
    return found


TOGETHER = ("real", "fake")  # they say something beside each other only, such as the energies of an EBGAN
BESIDE = {"_floor": "real against real", "_real": "real"}  # endings of what a metric is read against
MOST = 28  # panels


def panels(names: Collection[str]) -> dict[str, dict[str, str]]:
    """Title of a panel -> {metric: what its line says beside the split}, in the order of the names.

    `real` and `fake` share a panel, and a metric that with what it is read against; spreads and gradients' norms have none.
    """
    shown, found = [name for name in names if not name.endswith(("gradient_norm", "_std"))] or list(names), {}
    for name in shown:
        player, _, last = name.rpartition("/")
        pair = [f"{player}/{one}".strip("/") for one in TOGETHER]
        ending = next((end for end in BESIDE if name.endswith(end) and name.removesuffix(end) in shown), None)
        if ending:
            found.setdefault(name.removesuffix(ending), {})[name] = BESIDE[ending]
        elif last in TOGETHER and set(pair) <= set(shown):
            found.setdefault(", ".join(pair), {})[name] = last
        else:
            found.setdefault(name, {})[name] = ""
    return found


def draw(metrics: Path):
    """One panel a metric or two that belong together, one line a split; the band is the range over seeds."""
    found = read(metrics)
    chosen = dict(list(panels(found).items())[:MOST])
    columns = min(4, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(3.4 * columns, 2.6 * rows), squeeze=False)
    for axis in axes.flat[len(chosen) :]:
        axis.axis("off")
    for axis, (title, lines) in zip(axes.flat, chosen.items(), strict=False):
        for name, says in lines.items():
            for split, by_step in found[name].items():
                steps = sorted(by_step)
                low, mean, high = np.array([(min(by_step[s]), np.mean(by_step[s]), max(by_step[s])) for s in steps]).T
                style = dict(
                    marker="." if len(steps) < 15 else None, linestyle="--" if name.endswith(tuple(BESIDE)) else "-"
                )
                axis.plot(steps, mean, label=f"{split} {says}".strip(), linewidth=1.2, **style)
                axis.fill_between(steps, low, high, alpha=0.2, linewidth=0)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("step", fontsize=8)
        axis.tick_params(labelsize=7)
        axis.legend(fontsize=7, frameon=False)
    figure.tight_layout()
    return figure
