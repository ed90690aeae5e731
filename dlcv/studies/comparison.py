"""Methods compared: every arm on every task over the same seeds, as a table, a chart and projections of the features."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from dlcv import figures
from dlcv.engine import catalogue, checks, loop
from dlcv.engine.evaluation import Evaluator
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import weights
from dlcv.engine.writers import clock, spread
from dlcv.errors import Misuse, unknown

WITHOUT_CHANGES = (("", {}),)


@dataclass(frozen=True)
class Cell:
    """One arm on one task: what its run left, and the features of its first seed."""

    task: str  # "" where there is one only
    arm: str
    result: Mapping[str, Any]
    view: Mapping[str, Mapping]

    def named(self, metric: str) -> str:
        return "/".join(part for part in (self.task, self.arm, metric) if part)


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, arms: Sequence[tuple[str, str]], rung: str, metric: str,
    tasks: Sequence[tuple[str, Mapping[str, Any]]] = WITHOUT_CHANGES,
) -> dict[str, Any]:  # fmt: skip
    """Trains each arm (label, experiment file) on each task (label, changes of its config) over `config.seeds` seeds.

    On each task, the arms are compared with the first one, paired by seed. Each cell is a run of its own in
    `<folder>/<task>/<its experiment's name>/`: interrupted, the study goes on where it was. `config.reference` has the papers'
    numbers by "<task>/<arm>/<metric>"; those of an arm's own config count where the task changes nothing.
    """
    distinct(arms=[arm[0] for arm in arms], tasks=[task[0] for task in tasks])
    cells = []
    for task, changes in tasks:
        for label, source in arms:
            cells.append(_cell(task, label, source, changes, rung, config, folder, data_dir, quiet))
        here = [cell for cell in cells if cell.task == task]
        views = {cell.arm: cell.view for cell in here}
        figures.draw("projections", folder / "figures" / f"{folder_name('features', task)}.png", arms=views)
    found = summary(cells, metric)
    table = as_table(cells, found, metric, config.reference)
    (folder / "table.md").write_text(table + "\n")
    chart(cells, metric, folder / "figures" / "accuracy.png")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def changed(source: str, data_dir: str | None, changes: Mapping[str, Any]) -> Experiment:
    """The experiment with fields of its config replaced by path, {"data.labelled": 5, "data": {...}}; as --config.x=y does.

    Raises Misuse for a field that is not there; options of the set and of the task are checked by these.
    """
    config = catalogue.load(source)
    with config.unlocked(), config.ignore_type():
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = config
            for name in parents:
                place = _there(place, name, path)[name]
            if not path.startswith(("data.", "task_kw.")):
                _there(place, last, path)
            place[last] = ConfigDict(value) if isinstance(value, Mapping) else value
        if any(path.split(".")[0] == "data" for path in changes) and "reference" not in changes:
            config.reference = ConfigDict()  # another paper's number
    return Experiment(config, data_dir, *catalogue.split_name(source))


def arms_of(
    arms: Mapping[str, tuple[str, Mapping[str, Any]]], metrics: Collection[str], data_dir: str | None
) -> dict[str, Experiment]:
    """label -> the experiment of (its name and rung, changes), all of them before the first is trained.

    Raises Misuse as `changed` does, and for a metric that no evaluation of an arm gives; parts of a score are known after `trained` only.
    """
    experiments = {label: changed(source, data_dir, changes) for label, (source, changes) in arms.items()}
    for label, experiment in experiments.items():
        for metric in metrics:
            checks.check_metric(experiment, metric, f"metric of arm {label!r}")
    return experiments


def trained(label: str, experiment: Experiment, folder: Path, metrics: Collection[str], quiet: bool) -> dict[str, Any]:
    """The result of the arm's run. Raises Misuse for a metric that it has not."""
    result = loop.train(experiment, folder, quiet=quiet)
    for metric in metrics:
        if metric not in result["metrics"]:
            raise unknown(f"metric of arm {label!r}", metric, result["metrics"])
    return result


def with_common_start(experiment: Experiment, folder: Path, data_dir: str | None, quiet: bool) -> Experiment:
    """The experiment with the one it starts from trained in `<folder>/<name>`, where it is found by the next arm."""
    source = experiment.config.start.source
    if ".py" in source:
        origin = catalogue.experiment(source, data_dir)
        place = folder / folder_name(origin.name, origin.rung)
        loop.train(origin, place, quiet=quiet)
        experiment.config.start.source = str(place)
    return experiment


def _there(place, name: str, path: str):
    if name not in place:
        raise unknown("field of a config", path, list(place))
    return place


def folder_name(*labels: str) -> str:
    """Labels as a file or folder name: "MNIST to USPS" becomes mnist_to_usps."""
    return "_".join(filter(None, (re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") for label in labels)))


def distinct(**labels: Sequence[str]) -> None:
    """Raises Misuse for labels of arms, tasks ... that are there twice."""
    for what, given in labels.items():
        if len(set(given)) < len(given):
            raise Misuse(f"config.study_kw.{what} has a label twice: {', '.join(given)}")


def _cell(task: str, label: str, source: str, changes, rung: str, config, folder: Path, data_dir, quiet: bool) -> Cell:
    experiment = changed(f"{source}:{rung}", data_dir, {**changes, "seed": config.seed, "seeds": config.seeds})
    if ".py" in experiment.config.start.source and any(path.startswith("data") for path in changes):
        raise Misuse(f"arm {label!r} starts from an experiment on its own data, which task {task!r} would not change")
    if not quiet:
        title = ", ".join(part for part in (task, label) if part)
        print(f"{title}: {experiment.name}:{rung}, seeds {config.seed} to {config.seed + config.seeds - 1}", flush=True)
    place = folder / folder_name(task) / experiment.name.split("/")[-1]
    result = loop.train(experiment, place, quiet=quiet)
    return Cell(task, label, result, features(experiment, place))


def features(experiment, folder: Path, rows: int = 400) -> dict[str, dict]:
    """Features and labels of the first seed's final weights: {"features": {split: [N, D]}, "labels": {split: [N]}}."""
    import jax

    _, found = weights(experiment, folder)
    evaluator = Evaluator(experiment.task, experiment.data.splits, experiment.config.eval_batch_size, experiment.mesh)
    seen = {split: evaluator.split(split, found[0], jax.random.key(0), keep=True) for split in evaluator.splits}
    return {
        "features": {split: outputs["features"][:rows] for split, (_, outputs, _) in seen.items()},
        "labels": {split: examples["label"][:rows] for split, (_, _, examples) in seen.items()},
    }


def summary(cells: Sequence[Cell], metric: str) -> dict[str, Any]:
    """Metrics of every cell, and each arm's gain over the first arm of its task, paired by seed."""
    several = len({cell.arm for cell in cells}) > 2
    metrics, paired = {}, {}
    for cell in cells:
        metrics |= {cell.named(name): value for name, value in cell.result["metrics"].items()}
        first = next(other for other in cells if other.task == cell.task)
        if cell is not first:
            name = cell.named("gain") if several else "/".join(filter(None, (cell.task, "gain")))
            paired[name] = gains(first.result, cell.result, metric)
    last = cells[-1].result
    arms = {cell.named(""): {name: cell.result[name] for name in ("metrics", "seconds", "reference")} for cell in cells}
    return {
        "metrics": {**metrics, **{name: spread(values) for name, values in paired.items()}}, "arms": arms,
        "seeds": last["seeds"], "by_seed": paired, "seconds": sum(cell.result["seconds"] for cell in cells),
        "step": last["step"], "params_sha256": {cell.named(""): cell.result["params_sha256"] for cell in cells},
    }  # fmt: skip


def gains(first: Mapping, other: Mapping, metric: str) -> list[float]:
    """The difference of each seed that stayed finite in both."""
    seeds = [seed for seed in first["by_seed"] if first["by_seed"][seed] and other["by_seed"].get(seed)]
    return [other["by_seed"][seed][metric] - first["by_seed"][seed][metric] for seed in seeds]


def interval(differences: Sequence[float], level: float = 0.95) -> list[float] | None:
    """Student's interval of the mean of paired differences; None for fewer than two."""
    if len(differences) < 2:
        return None
    from scipy.stats import t

    half = t.ppf((1 + level) / 2, len(differences) - 1) * np.std(differences, ddof=1) / np.sqrt(len(differences))
    return [float(np.mean(differences) - half), float(np.mean(differences) + half)]


def per_cent(value: Mapping[str, float], sign: str = "") -> str:
    return f"{100 * value['mean']:{sign}.1f} ± {100 * value['std']:.1f}"


def reported(cell: Cell, metric: str, reference: Mapping) -> str:
    """The paper's number with its source, or a dash."""
    found = reference.get(cell.named(metric)) or cell.result["reference"].get(metric)
    return f"{100 * found['value']:.1f} ({found['source']})" if found else "–"


def as_table(cells: Sequence[Cell], found: Mapping, metric: str, reference: Mapping) -> str:
    """Markdown: accuracy in per cent, mean ± standard deviation over seeds, the reported number beside it, then the gains."""
    several = len({cell.task for cell in cells}) > 1
    head = ["task"] * several + ["method", "source accuracy, %", "target accuracy, %", "reported target, %", "time"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for cell in cells:
        accuracies = [per_cent(cell.result["metrics"][name]) for name in ("source/accuracy", "target/accuracy")]
        row = [cell.task] * several + [cell.arm, *accuracies, reported(cell, metric, reference)]
        lines.append(f"| {' | '.join([*row, clock(cell.result['seconds'])])} |")
    lines.append("")
    for name, values in found["by_seed"].items():
        whose = name.removesuffix("gain").removesuffix("/").replace("/", ", ")
        gain = per_cent(found["metrics"][name], "+")
        lines.append(
            f"Gain{' of ' * bool(whose)}{whose} on the target: {gain} points over {len(values)} seeds, paired."
        )
    return "\n".join(lines)


def chart(cells: Sequence[Cell], metric: str, file: Path) -> None:
    """Every seed's accuracy: of one task on each split, of several tasks on the split of the metric."""
    several = len({cell.task for cell in cells}) > 1
    split, measure = metric.split("/")
    values: dict[str, dict[str, list[float]]] = {}
    for cell in cells:
        splits = {split: cell.task} if several else {name: f"{name} test images" for name in cell.view["features"]}
        for name, place in splits.items():
            seeds = [100 * found[f"{name}/{measure}"] for found in cell.result["by_seed"].values() if found]
            values.setdefault(cell.arm, {})[place] = seeds
    quantity = f"{measure} on {split} test images, %" if several else f"{measure}, %"
    figures.draw("arms", file, values=values, quantity=quantity)
