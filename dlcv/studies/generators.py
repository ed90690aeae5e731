"""Generative systems compared: every arm over the same seeds, as a table, curves over the steps, and samples side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from dlcv import figures
from dlcv.engine.evaluation import Evaluator
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import weights
from dlcv.engine.writers import clock, spread
from dlcv.studies.comparison import arms_of, distinct, folder_name, gains, interval, trained, with_common_start

Arm = tuple[str, str, Mapping[str, Any]]  # label, experiment file, changes of its config


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, arms: Sequence[Arm], rung: str, metrics: Sequence[tuple[str, str]],
    changes: Sequence[tuple[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Trains each arm over `config.seeds` seeds; all are compared with the first one, paired by seed, in each metric (name, title).

    `changes` (path, value) are those of every arm. An experiment that arms start from is trained once, for all of them. Each arm is a run in a
    folder of its own: interrupted, the study goes on where it was. Raises Misuse for a label that is there twice and a metric that an arm
    does not have.
    """
    distinct(arms=[label for label, _, _ in arms])
    results, shown, names, seeds = {}, {}, [name for name, _ in metrics], {"seed": config.seed, "seeds": config.seeds}
    made = {label: (f"{source}:{rung}", {**dict(changes), **own, **seeds}) for label, source, own in arms}
    for label, experiment in arms_of(made, names, data_dir).items():
        experiment = with_common_start(experiment, folder / "start", data_dir, quiet)
        place = folder / folder_name(label)
        if not quiet:
            print(
                f"{label}: {experiment.name}:{rung}, seeds {config.seed} to {config.seed + config.seeds - 1}",
                flush=True,
            )
        results[label] = trained(label, experiment, place, names, quiet)
        shown[label] = samples(experiment, place)
    found = summary(results, names)
    table = as_table(results, found, metrics)
    (folder / "table.md").write_text(table + "\n")
    runs = {label: folder / folder_name(label) / "metrics.jsonl" for label in results}
    figures.draw("arms_over_time", folder / "figures" / "over_time.png", runs=runs, metrics=dict(metrics))
    draw_samples(folder / "figures" / "samples.png", shown, captions(results, metrics[0]))
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def samples(experiment: Experiment, folder: Path, most: int = 1000) -> dict[str, list[np.ndarray]]:
    """{"data": [examples], "seeds": [samples of each seed]}; of images the first seed's only."""
    _, found = weights(experiment, folder)
    evaluator = Evaluator(experiment.task, experiment.data.splits, experiment.config.eval_batch_size, experiment.mesh)
    split = next(iter(evaluator.splits))
    made, examples = [], {}
    for variables in found[:1] if "image" in experiment.task.batch_spec else found:
        _, outputs, examples = evaluator.split(split, variables, jax.random.key(0), keep=True)
        made.append(outputs["samples"][:most])
    return {"data": [examples["image" if "image" in examples else "point"][:most]], "seeds": made}


def draw_samples(file: Path, shown: Mapping[str, Mapping], labels: Mapping[str, str], columns: int = 14) -> None:
    """Images: a row of data, then one of each arm's first seed. Points: a row of panels an arm, one panel a seed."""
    data, seeds = next(iter(shown.values()))["data"][0], len(next(iter(shown.values()))["seeds"])
    if data.ndim == 4:
        rows = [data / 255.0, *(found["seeds"][0] for found in shown.values())]
        sheet = np.concatenate([np.asarray(row[:columns], np.float32) for row in rows])
        figures.draw("image_grid", file, images=sheet, columns=columns, row_labels=["data", *labels.values()])
        return
    rows = {labels[label]: found["seeds"] for label, found in shown.items()}
    figures.draw("points", file, rows=rows, columns=[f"seed {index}" for index in range(seeds)], data=data)


def captions(results: Mapping[str, Mapping], metric: tuple[str, str]) -> dict[str, str]:
    """Each arm's label with its first metric."""
    name, title = metric
    return {label: f"{label}\n{title} {number(result['metrics'][name])}" for label, result in results.items()}


def summary(results: Mapping[str, Mapping], metrics: Sequence[str]) -> dict[str, Any]:
    """Metrics of every arm, and what each gains over the first, paired by seed, with the interval of 95 % of its mean."""
    first, *others = results
    paired = {
        f"{label}/gain/{name}": gains(results[first], results[label], name) for label in others for name in metrics
    }
    every = {f"{label}/{name}": value for label, result in results.items() for name, value in result["metrics"].items()}
    return {
        "metrics": {**every, **{name: spread(values) for name, values in paired.items()}},
        "intervals": {name: interval(values) for name, values in paired.items()}, "by_seed": paired,
        "arms": {label: {name: result[name] for name in ("by_seed", "best", "seconds")} for label, result in results.items()},
        "seeds": results[first]["seeds"], "step": results[first]["step"], "seconds": sum(r["seconds"] for r in results.values()),
        "params_sha256": {label: result["params_sha256"] for label, result in results.items()},
    }  # fmt: skip


def number(value: Mapping[str, float], sign: str = "") -> str:
    """Mean ± standard deviation with two digits after the point, more where that leaves nothing."""
    digits = 2 if abs(value["mean"]) >= 0.1 or value["mean"] == 0 else 4
    return f"{value['mean']:{sign}.{digits}f} ± {value['std']:.{digits}f}"


def as_table(results: Mapping[str, Mapping], found: Mapping, metrics: Sequence[tuple[str, str]]) -> str:
    """Markdown: last and, in brackets, best evaluation of every arm, then the paired gains with their intervals."""
    lines = [f"| system | {' | '.join(title for _, title in metrics)} | time |", "|" + "---|" * (len(metrics) + 2)]
    for label, result in results.items():
        cells = []
        for name, _ in metrics:
            best = result["best"].get(name)
            cells.append(number(result["metrics"][name]) + (f" (best {number(best)})" if best else ""))
        lines.append(f"| {label} | {' | '.join(cells)} | {clock(result['seconds'])} |")
    lines.append("")
    for name, between in found["intervals"].items():
        label, _, metric = name.partition("/gain/")
        reach = f", 95 % interval {between[0]:.3g} to {between[1]:.3g}" if between else ""
        title = dict(metrics)[metric]
        lines.append(f"{label} less {next(iter(results))}, {title}: {number(found['metrics'][name], '+')}{reach}.")
    return "\n".join([*lines, f"Paired over {len(found['seeds'])} seeds."])
