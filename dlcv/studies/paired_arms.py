"""One experiment under several settings, the arms, such as starts or kinds of positions: paired over seeds, with an interval."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.writers import spread
from dlcv.errors import unknown
from dlcv.studies.comparison import changed, distinct, folder_name, gains, with_common_start
from dlcv.studies.sweep import as_table, summary

Arm = tuple[str, Mapping[str, Any]]


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, rung: str, arms: Sequence[Arm], metrics: Sequence[str],
    changes: Mapping[str, Any] = {},
) -> dict[str, Any]:  # fmt: skip
    """Trains the experiment `source` with the changes of each arm (label, changes) over `config.seeds` seeds.

    What arms start from is trained once, in `<folder>/start`. Each arm is compared with the first, paired by seed, by each of `metrics`:
    the mean difference and its interval of 95 % (Student's t). Each arm has a folder of its own: interrupted, the study goes on where it
    was. Raises Misuse for a label that is there twice and a metric that no run has.
    """
    distinct(arms=[label for label, _ in arms])
    results = {}
    for label, own in arms:
        fields = {**changes, **own, "seed": config.seed, "seeds": config.seeds}
        experiment = with_common_start(changed(f"{source}:{rung}", data_dir, fields), folder / "start", data_dir, quiet)
        if not quiet:
            print(f"{label}: seeds {config.seed} to {config.seed + config.seeds - 1}", flush=True)
        results[label] = loop.train(experiment, folder / folder_name(label), quiet=quiet)
        for name in metrics:
            if name not in results[label]["metrics"]:
                raise unknown(f"metric of arm {label!r}", name, results[label]["metrics"])
    first, found, lines = next(iter(results)), summary(results), []
    for label in list(results)[1:]:
        for name in metrics:
            differences = gains(results[first], results[label], name)
            found["metrics"][f"{label}/gain/{name}"] = spread(differences)
            found["by_seed"][f"{label}/gain/{name}"] = differences
            mean, half = np.mean(differences), half_width(differences)
            lines.append(
                f"{label} over {first}, {name}: {mean:+.4f} ± {half:.4f} (95 %, {len(differences)} seeds, paired)"
            )
    table = "\n".join([as_table(results, "arm", dict.fromkeys(metrics, "")), "", *lines])
    (folder / "table.md").write_text(table + "\n")
    draw(folder / "figures" / "arms.png", results, metrics)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def half_width(differences: Sequence[float]) -> float:
    """Half the interval of 95 % around the mean of differences, by Student's t; NaN of fewer than two."""
    from scipy.stats import t

    count = len(differences)
    return float(t.ppf(0.975, count - 1) * np.std(differences, ddof=1) / np.sqrt(count)) if count > 1 else float("nan")


def draw(file: Path, results: Mapping[str, Mapping], metrics: Sequence[str]) -> None:
    """Every seed's values of all arms, in per cent."""
    values = {
        label: {name: [100 * run[name] for run in result["by_seed"].values() if run] for name in metrics}
        for label, result in results.items()
    }
    figures.draw("arms", file, values=values, quantity="100 x the metric")
