"""What one training method gains over another: every arm over the same seeds, as a table, a chart and a projection."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcv import figures
from dlcv.engine import catalogue, loop
from dlcv.engine.evaluation import Evaluator
from dlcv.engine.restore import weights
from dlcv.engine.writers import clock, spread


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, arms: Sequence[tuple[str, str]], rung: str, metric: str
) -> dict[str, Any]:
    """Trains each arm (label, experiment file) over `config.seeds` seeds; the last arm is compared with the first.

    Each arm is a run of its own in `<folder>/<its experiment's name>/`: interrupted, the study goes on where it was.
    """
    results, views = {}, {}
    for label, source in arms:
        experiment = catalogue.experiment(f"{source}:{rung}", data_dir, seed=config.seed, seeds=config.seeds)
        if not quiet:
            print(
                f"{label}: {experiment.name}:{rung}, seeds {config.seed} to {config.seed + config.seeds - 1}",
                flush=True,
            )
        results[label] = loop.train(experiment, folder / experiment.name.split("/")[-1], quiet=quiet)
        views[label] = features(experiment, folder / experiment.name.split("/")[-1])
    found = compare(results, metric, config.seeds)
    table = as_table(results, found)
    (folder / "table.md").write_text(table + "\n")
    draw(folder / "figures", results, views, metric)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def features(experiment, folder: Path) -> dict[str, dict]:
    """Features and labels of the first seed's final weights: {"features": {split: [N, D]}, "labels": {split: [N]}}."""
    import jax

    _, found = weights(experiment, folder)
    evaluator = Evaluator(experiment.task, experiment.data.splits, experiment.config.eval_batch_size, experiment.mesh)
    seen = {split: evaluator.split(split, found[0], jax.random.key(0), keep=True) for split in evaluator.splits}
    rows = 400
    return {
        "features": {split: outputs["features"][:rows] for split, (_, outputs, _) in seen.items()},
        "labels": {split: examples["label"][:rows] for split, (_, _, examples) in seen.items()},
    }


def compare(results: Mapping[str, Mapping], metric: str, seeds: int) -> dict[str, Any]:
    """Metrics of every arm, and the gain of the last arm over the first, paired by seed."""
    first, *_, last = results.values()
    paired = [
        last["by_seed"][seed][metric] - first["by_seed"][seed][metric]
        for seed in first["by_seed"]
        if seed in last["by_seed"]
    ]
    arms = {
        label: {"metrics": result["metrics"], "seconds": result["seconds"], "reference": result["reference"]}
        for label, result in results.items()
    }
    gain = spread(paired)
    metrics = {f"{label}/{name}": value for label, arm in arms.items() for name, value in arm["metrics"].items()}
    return {
        "metrics": {**metrics, "gain": gain}, "arms": arms, "seeds": first["seeds"], "by_seed": {"gain": paired},
        "seconds": sum(result["seconds"] for result in results.values()), "step": last["step"],
        "params_sha256": {label: result["params_sha256"] for label, result in results.items()},
    }  # fmt: skip


def as_table(results: Mapping[str, Mapping], found: Mapping) -> str:
    """Markdown: accuracy in per cent, mean ± standard deviation over seeds, the reported number beside it."""
    lines = [
        "| method | source accuracy, % | target accuracy, % | reported target, % | time |",
        "|---|---|---|---|---|",
    ]
    for label, result in results.items():
        cells = [
            f"{100 * result['metrics'][name]['mean']:.1f} ± {100 * result['metrics'][name]['std']:.1f}"
            for name in ("source/accuracy", "target/accuracy")
        ]
        reference = result["reference"].get("target/accuracy")
        reported = f"{100 * reference['value']:.1f} ({reference['source']})" if reference else "–"
        lines.append(f"| {label} | {cells[0]} | {cells[1]} | {reported} | {clock(result['seconds'])} |")
    gain = found["metrics"]["gain"]
    lines.append(
        f"\nGain on the target: {100 * gain['mean']:+.1f} ± {100 * gain['std']:.1f} points over {len(found['by_seed']['gain'])} seeds, paired."
    )
    return "\n".join(lines)


def draw(folder: Path, results: Mapping[str, Mapping], views: Mapping[str, Mapping], metric: str) -> None:
    """`gain.png`: every seed's accuracy on both splits; `features.png`: both arms' features by domain and by class."""
    splits = list(dict.fromkeys(name.split("/")[0] for result in results.values() for name in result["metrics"]))
    measure = metric.split("/")[-1]
    values = {
        label: {
            split: [100 * np.float64(m[f"{split}/{measure}"]) for m in result["by_seed"].values() if m]
            for split in splits
        }
        for label, result in results.items()
    }
    figures.draw("arms", folder / "gain.png", values=values, quantity=f"{measure}, %")
    figures.draw("projections", folder / "features.png", arms=views)
