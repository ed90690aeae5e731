"""Activations of a classifier of our own as features for closed-form adaptation between domains that it was not trained on."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

import dlcv.data
from dlcv import figures, shallow
from dlcv.engine import catalogue, loop, sampling
from dlcv.engine.restore import weights
from dlcv.engine.study import cell
from dlcv.engine.writers import spread
from dlcv.shallow.classifiers import nearest_neighbour
from dlcv.shallow.preprocess import unit_rows

PIXELS = "pixels"  # the row of the table without any features


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, changes: Mapping[str, Any], layer: str,
    domains: Sequence[tuple[str, Mapping[str, Any]]], methods: Sequence[tuple[str, str, Mapping[str, Any]]],
    not_targets: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Trains the experiment `source` over `config.seeds` seeds, extracts `layer` on the domains (label, data options), adapts.

    Each method (label, name in `dlcv.shallow`, settings) sees rows of unit length of a whole domain with labels and of another
    without; 1-NN follows. `not_targets` are domains whose labels the classifier was trained on. Runs, features and every
    accuracy are kept: interrupted, the study goes on where it was.
    """
    experiment = catalogue.experiment(source, data_dir, seed=config.seed, seeds=config.seeds, **changes)
    trained = loop.train(experiment, folder / "cnn", quiet=quiet)
    step, found = weights(experiment, folder / "cnn")
    tasks = [pair for pair in permutations([label for label, _ in domains], 2) if pair[1] not in not_targets]
    pixels = {label: _pixels(options, data_dir) for label, options in domains}
    accuracies: dict[str, dict[str, list[float]]] = {}
    for seed, variables in enumerate(found, config.seed):
        sets = {label: extract(experiment, variables, folder / "features" / f"seed_{seed}" / label, seed, step, layer, options)
                for label, options in domains}  # fmt: skip
        for method, name, settings in ((PIXELS, "raw", {}), *methods):
            of = pixels if method == PIXELS else sets
            for one, other in tasks:
                file = folder / "accuracies" / f"seed_{seed}" / method / f"{one}_{other}.json"
                value = cell(file, lambda a=of[one], b=of[other], n=name, s=settings: adapted(a, b, n, s))
                accuracies.setdefault(method, {}).setdefault(f"{one}->{other}", []).append(value)
        if seed == config.seed:
            for plane in ("pca", "tsne"):
                names = dlcv.data.spec(domains[0][1]).info["classes"]
                draw_plane(folder / "figures" / f"features_{plane}.png", sets, plane, names)
    return report(accuracies, trained, folder, quiet, f"layer {layer} of {experiment.name}")


def extract(experiment, variables, folder: Path, seed: int, step: int, layer: str, options: Mapping[str, Any]):
    """(features [N, D] of unit length, labels [N]) of a domain, through the file that `dlcv.sample --what=features` writes."""
    place = {("data" if name == "name" else f"data.{name}"): value for name, value in options.items()}
    wanted = {"layer": layer, "split": "all", **place}
    (file,) = sampling.sample(experiment, variables, folder, seed=seed, step=step, what="features", options=wanted)
    with np.load(file) as arrays:
        return unit_rows(arrays["features"]), arrays["label"]


def _pixels(options: Mapping[str, Any], data_dir: str | None):
    found = dlcv.data.load(options, data_dir)
    parts = [found.train.arrays, *(split.arrays for split in found.splits.values())]
    images, labels = (np.concatenate([part[name] for part in parts]) for name in ("image", "label"))
    return unit_rows(images.reshape(len(images), -1) / 127.5 - 1), labels


def adapted(source, target, name: str, settings: Mapping[str, Any]) -> float:
    """The share of the target (features, labels) that the method classifies rightly, its labels unseen."""
    (features, labels), (others, truth) = source, target
    found = shallow.fit(name, features, labels, others, **settings)
    predicted = nearest_neighbour(found.source, labels, found.target) if found.labels is None else found.labels
    return float(np.mean(predicted == truth))


def draw_plane(
    path: Path, sets: Mapping[str, tuple[np.ndarray, np.ndarray]], method: str, names: Sequence[str], rows: int = 300
):
    """At most `rows` random examples a domain in one plane."""
    draw = np.random.default_rng(0)
    chosen = {label: draw.permutation(len(labels))[:rows] for label, (_, labels) in sets.items()}
    features = {label: sets[label][0][where] for label, where in chosen.items()}
    labels = {label: sets[label][1][where] for label, where in chosen.items()}
    figures.draw("projection", path, features=features, labels=labels, method=method, class_names=names)


def report(
    accuracies: Mapping[str, Mapping[str, Sequence[float]]], trained: Mapping, folder: Path, quiet: bool, origin: str
):
    """`table.md`, the chart of means, and the content of `result.json`: per cent, mean and spread over seeds."""
    tasks = list(next(iter(accuracies.values())))
    mean = {method: list(100 * np.mean([row[task] for task in tasks], axis=0)) for method, row in accuracies.items()}
    metrics = {
        f"{method}/{task}": spread([100 * v for v in row[task]]) for method, row in accuracies.items() for task in tasks
    }
    metrics |= {f"{method}/mean": spread(values) for method, values in mean.items()}
    lines = [f"Accuracy in per cent, mean ± standard deviation over {len(trained['seeds'])} seeds of the network; {origin}.", "",
             f"| task | {' | '.join(accuracies)} |", "|---" * (len(accuracies) + 1) + "|"]  # fmt: skip
    for task in [*tasks, "mean"]:
        cells = [metrics[f"{method}/{task}"] for method in accuracies]
        lines.append(f"| {task} | " + " | ".join(f"{found['mean']:.1f} ± {found['std']:.1f}" for found in cells) + " |")
    (folder / "table.md").write_text("\n".join(lines) + "\n")
    title = f"1-NN on the target, mean of {len(tasks)} tasks"
    figures.draw("bars", folder / "figures" / "methods.png", values=mean, quantity="accuracy, %", title=title)
    if not quiet:
        print("\n" + "\n".join(lines) + f"\n\nfigures in {folder / 'figures'}", flush=True)
    network = {f"network/{name}": value for name, value in trained["metrics"].items()}
    return {
        "metrics": metrics | network, "seeds": trained["seeds"], "by_seed": {"mean": mean}, "seconds": trained["seconds"],
        "step": trained["step"], "params_sha256": trained["params_sha256"],
    }  # fmt: skip
