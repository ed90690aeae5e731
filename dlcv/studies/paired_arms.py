"""One experiment under several settings, the arms, such as starts or kinds of positions: paired over seeds, with an interval."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcv import figures
from dlcv.engine.writers import spread
from dlcv.studies.comparison import arms_of, distinct, folder_name, gains, interval, trained, with_common_start
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
    results, seeds = {}, {"seed": config.seed, "seeds": config.seeds}
    made = {label: (f"{source}:{rung}", {**changes, **own, **seeds}) for label, own in arms}
    for label, experiment in arms_of(made, metrics, data_dir).items():
        experiment = with_common_start(experiment, folder / "start", data_dir, quiet)
        if not quiet:
            print(f"{label}: seeds {config.seed} to {config.seed + config.seeds - 1}", flush=True)
        results[label] = trained(label, experiment, folder / folder_name(label), metrics, quiet)
    first, found, lines = next(iter(results)), summary(results), []
    for label in list(results)[1:]:
        for name in metrics:
            differences = gains(results[first], results[label], name)
            found["metrics"][f"{label}/gain/{name}"] = spread(differences)
            found["by_seed"][f"{label}/gain/{name}"] = differences
            lines.append(f"{label} over {first}, {name}: {mean_of(differences)}")
    table = "\n".join([as_table(results, "arm", dict.fromkeys(metrics, "")), "", *lines])
    (folder / "table.md").write_text(table + "\n")
    draw(folder / "figures" / "arms.png", results, metrics)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def mean_of(differences: Sequence[float]) -> str:
    """The mean of paired differences with half the width of its interval, where there are two or more."""
    between, count = interval(differences), len(differences)
    if between is None:
        return f"{np.mean(differences):+.4f} ({count} seed{'s' * (count != 1)})"
    return f"{np.mean(differences):+.4f} ± {(between[1] - between[0]) / 2:.4f} (95 %, {count} seeds, paired)"


def draw(file: Path, results: Mapping[str, Mapping], metrics: Sequence[str]) -> None:
    """Every seed's values of all arms, in per cent."""
    values = {
        label: {name: [100 * run[name] for run in result["by_seed"].values() if run] for name in metrics}
        for label, result in results.items()
    }
    figures.draw("arms", file, values=values, quantity="100 x the metric")
