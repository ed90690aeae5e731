"""Several systems on several tasks: every arm on each over the same seeds, as a table and as curves over the steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.writers import clock
from dlcv.studies.comparison import changed, distinct, folder_name

Task = tuple[str, str, str, Mapping[str, Any]]  # label, experiment file, metric, changes of its config
Arm = tuple[str, Mapping[str, Any]]
Results = dict[str, dict[str, Mapping]]  # task -> arm -> result


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, tasks: Sequence[Task], arms: Sequence[Arm], rung: str,
    logarithmic: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Trains each arm (label, changes) on each task (label, experiment, metric, changes) over `config.seeds` seeds.

    Each is a run in a folder of its own: interrupted, the study goes on where it was. Tasks in `logarithmic` are drawn on such an axis.
    """
    results = train(config, folder, data_dir, quiet, tasks, arms, rung)
    table = as_table(results, tasks)
    (folder / "table.md").write_text(table + "\n")
    runs = [
        ({arm: folder / folder_name(task, arm) / "metrics.jsonl" for arm, _ in arms}, metric, titled(task, metric))
        for task, _, metric, _ in tasks
    ]
    scaled = [titled(task, metric) for task, _, metric, _ in tasks if task in logarithmic]
    figures.draw("learning_curves", folder / "figures" / "learning_curves.png", tasks=runs, logarithmic=scaled)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return summary(results)


def train(
    config, folder: Path, data_dir: str | None, quiet: bool, tasks: Sequence[Task], arms: Sequence[Arm], rung: str
) -> Results:
    """The result of every arm on every task. Raises Misuse for a label that is there twice."""
    distinct(tasks=[task[0] for task in tasks], arms=[arm[0] for arm in arms])
    results: Results = {}
    for task, source, _, changes in tasks:
        for arm, own in arms:
            seeds = {"seed": config.seed, "seeds": config.seeds}
            experiment = changed(f"{source}:{rung}", data_dir, {**changes, **own, **seeds})
            if not quiet:
                print(
                    f"{', '.join(filter(None, (task, arm)))}: seeds {config.seed} to {config.seed + config.seeds - 1}",
                    flush=True,
                )
            results.setdefault(task, {})[arm] = loop.train(experiment, folder / folder_name(task, arm), quiet=quiet)
    return results


def titled(task: str, metric: str) -> str:
    return ": ".join(filter(None, (task, metric.split("/")[-1].replace("_", " "))))


def summary(results: Results) -> dict[str, Any]:
    """Metrics as "<task>/<arm>/<metric>", without the task where it has no label; the seconds of all and of each."""
    cells = {
        "/".join(filter(None, (task, arm))): result for task, arms in results.items() for arm, result in arms.items()
    }
    last = list(cells.values())[-1]
    return {
        "metrics": {f"{cell}/{name}": value for cell, result in cells.items() for name, value in result["metrics"].items()},
        "by_seed": {cell: result["by_seed"] for cell, result in cells.items()},
        "seeds": last["seeds"], "step": last["step"], "seconds": sum(result["seconds"] for result in cells.values()),
        "seconds_by_arm": {cell: result["seconds"] for cell, result in cells.items()},
        "params_sha256": {cell: result["params_sha256"] for cell, result in cells.items()},
    }  # fmt: skip


def as_table(results: Results, tasks: Sequence[Task]) -> str:
    """Markdown: an arm a row, a task's metric a column, mean ± standard deviation over seeds."""
    metrics = {task: metric for task, _, metric, _ in tasks}
    lines = [f"| {' | '.join(['', *(titled(*pair) for pair in metrics.items()), 'time'])} |"]
    lines.append("|" + "---|" * (len(metrics) + 2))
    for arm in next(iter(results.values())):
        values = [results[task][arm]["metrics"][metric] for task, metric in metrics.items()]
        row = [arm, *(f"{value['mean']:.3g} ± {value['std']:.1g}" for value in values)]
        lines.append(f"| {' | '.join([*row, clock(sum(results[task][arm]['seconds'] for task in metrics))])} |")
    return "\n".join(lines)
