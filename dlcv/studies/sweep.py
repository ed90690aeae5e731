"""One field of an experiment's config over several values: every value over the same seeds, as a table and one figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcv import figures
from dlcv.engine.writers import clock, spread
from dlcv.errors import Misuse
from dlcv.studies.comparison import arms_of, distinct, folder_name, trained, with_common_start


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, rung: str, field: str, points: Sequence[float],
    metrics: Mapping[str, str], changes: Mapping[str, Any] = {},
) -> dict[str, Any]:  # fmt: skip
    """Trains the experiment `source` with each value of `field`, "task_kw.beta", over `config.seeds` seeds.

    `metrics` are those of the table and the figure, {name: unit or what it says}; `changes` are made to every run. An experiment that
    they start from, such as a judge, is trained once for all. Each value has a folder of its own: interrupted, the study goes on where it
    was. Raises Misuse for a value that is there twice and a metric that no run has.
    """
    labels = [f"{value:g}" for value in points]
    distinct(points=labels)
    results, same = {}, {**changes, "seed": config.seed, "seeds": config.seeds}
    made = {label: (f"{source}:{rung}", {**same, field: value}) for label, value in zip(labels, points, strict=True)}
    for label, experiment in arms_of(made, metrics, data_dir).items():
        experiment = with_common_start(experiment, folder / "start", data_dir, quiet)
        if not quiet:
            print(f"{field} = {label}, seeds {config.seed} to {config.seed + config.seeds - 1}", flush=True)
        results[label] = trained(label, experiment, folder / folder_name(f"{field} {label}"), metrics, quiet)
    found = summary(results)
    table = as_table(results, field, metrics)
    (folder / "table.md").write_text(table + "\n")
    seeds = {
        f"{name}, {unit}" if unit else name: [by_seed(r, name) for r in results.values()]
        for name, unit in metrics.items()
    }
    logarithmic = min(points) > 0 and max(points) >= 10 * min(points)
    figures.draw(
        "sweep", folder / "figures" / "sweep.png", values=list(points), metrics=seeds, field=field, logarithmic=logarithmic
    )  # fmt: skip
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def by_seed(result: Mapping[str, Any], metric: str) -> list[float]:
    """The metric of each seed that stayed finite; raises Misuse where none did."""
    found = [values[metric] for values in result["by_seed"].values() if values]
    if not found:
        raise Misuse(f"no seed of {result['experiment']} stayed finite: lower its learning rate")
    return found


def summary(results: Mapping[str, Mapping]) -> dict[str, Any]:
    """Metrics of every run as "<value>/<metric>"; the seconds of all and of each."""
    last = list(results.values())[-1]
    metrics = {
        f"{label}/{name}": value for label, result in results.items() for name, value in result["metrics"].items()
    }
    return {
        "metrics": metrics, "seeds": last["seeds"], "step": last["step"],
        "by_seed": {label: result["by_seed"] for label, result in results.items()},
        "seconds": sum(result["seconds"] for result in results.values()),
        "seconds_by_arm": {label: result["seconds"] for label, result in results.items()},
        "params_sha256": {label: result["params_sha256"] for label, result in results.items()},
    }  # fmt: skip


def as_table(results: Mapping[str, Mapping], field: str, metrics: Mapping[str, str]) -> str:
    """Markdown: a value a row, mean ± standard deviation over seeds."""
    head = [f"{name}, {unit}" if unit else name for name, unit in metrics.items()]
    lines = [f"| {' | '.join([field, *head, 'time'])} |", "|" + "---|" * (len(head) + 2)]
    for label, result in results.items():
        cells = [spread(by_seed(result, name)) for name in metrics]
        row = [label, *(f"{cell['mean']:.4g} ± {cell['std']:.2g}" for cell in cells), clock(result["seconds"])]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)
