"""Transfer learning by number of target labels: weights carried over from several sources against none, as a table and one figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.writers import clock, spread
from dlcv.errors import unknown
from dlcv.studies import comparison
from dlcv.studies.comparison import changed, folder_name

Arm = tuple[str, str, str, Mapping[str, Any]]  # label, experiment file, name of its source or "", changes of its config


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, arms: Sequence[Arm], sources: Sequence[tuple[str, str, Mapping]],
    labelled: Sequence[int], rung: str, metric: str, shown: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Trains each source (name, experiment file, changes) once, then each arm with every number of labels a class.

    An arm with a source starts from that source's weights (`start.rules` among its changes say which), seed by seed. All arms
    are compared with the first one, paired by seed: a gain below zero is negative transfer. `shown` are the arms whose features
    are drawn. Each run has a folder of its own: interrupted, the study goes on where it was.
    """
    check(arms, sources, shown)
    same = {"seed": config.seed, "seeds": config.seeds}

    def train(title: str, source: str, changes: Mapping[str, Any], place: Path):
        experiment = changed(f"{source}:{rung}", data_dir, {**same, **changes})
        if not quiet:
            print(title, flush=True)
        return experiment, loop.train(experiment, place, quiet=True)

    origins, results, views, images = {}, {}, {}, {}
    for name, source, changes in sources:
        place = folder / "sources" / folder_name(name)
        experiment, origins[name] = train(f"source {name}", source, changes, place)
        images[name] = pictures(experiment)
    for label, source, origin, changes in arms:
        start = {"start.source": str(folder / "sources" / folder_name(origin))} if origin else {}
        for count in labelled:
            place = folder / folder_name(label) / str(count)
            more = {**changes, **start, "data.labelled": count}
            experiment, results[label, count] = train(f"{label}, labels a class: {count}", source, more, place)
        images["target"] = pictures(experiment)
        if label in shown:
            views[label] = comparison.features(experiment, place)
    found = summary(results, origins, metric)
    table = as_table(results, found, metric)
    (folder / "table.md").write_text(table + "\n")
    starts = {label: origin for label, _, origin, _ in arms}
    draw(folder / "figures" / "transfer.png", results, found, metric, origins=starts, images=images, views=views)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found


def check(arms: Sequence[Arm], sources: Sequence[tuple[str, str, Mapping]], shown: Sequence[str]) -> None:
    """Raises Misuse for labels that are there twice, and names of sources and arms that are not there."""
    labels, names = [arm[0] for arm in arms], [source[0] for source in sources]
    comparison.distinct(arms=labels, sources=names)
    for label, _, origin, _ in arms:
        if origin and origin not in names:
            raise unknown(f"source of arm {label!r}", origin, names)
    for label in shown:
        if label not in labels:
            raise unknown("arm in config.study_kw.shown", label, labels)


def pictures(experiment, most: int = 12) -> dict[str, Any]:
    """The first test images of a set, and what they are labelled with."""
    arrays, classes = experiment.data.splits["valid"].arrays, experiment.data.info["classes"]
    return {
        "images": arrays["image"][:most], "labels": [classes[label] for label in arrays["label"][:most]]
    }  # fmt: skip


def summary(results: Mapping[tuple[str, int], Mapping], origins: Mapping[str, Mapping], metric: str) -> dict[str, Any]:
    """Metrics of every run as "<arm>/<labels>/<metric>", and its gain over the first arm with as many labels."""
    first = next(iter(results))[0]
    metrics = {f"source {name}/{metric}": origin["metrics"][metric] for name, origin in origins.items()}
    paired = {}
    for (label, count), result in results.items():
        metrics |= {f"{label}/{count}/{name}": value for name, value in result["metrics"].items()}
        if label != first:
            paired[f"{label}/{count}/gain"] = comparison.gains(results[first, count], result, metric)
    last = list(results.values())[-1]
    return {
        "metrics": {**metrics, **{name: spread(values) for name, values in paired.items()}}, "seeds": last["seeds"],
        "by_seed": paired, "seconds": sum(run["seconds"] for run in (*origins.values(), *results.values())),
        "step": last["step"], "params_sha256": {f"{label}/{n}": run["params_sha256"] for (label, n), run in results.items()},
    }  # fmt: skip


def as_table(results: Mapping[tuple[str, int], Mapping], found: Mapping, metric: str) -> str:
    """Markdown: accuracy in per cent by labels a class, mean ± standard deviation over seeds, the gain over the first arm in brackets."""
    counts = list(dict.fromkeys(count for _, count in results))
    lines = [f"| labels a class | {' | '.join(map(str, counts))} | time |", "|" + "---|" * (len(counts) + 2)]
    for label in dict.fromkeys(label for label, _ in results):
        cells = []
        for count in counts:
            gain = found["metrics"].get(f"{label}/{count}/gain")
            suffix = f" ({comparison.per_cent(gain, '+')})" if gain else ""
            cells.append(comparison.per_cent(results[label, count]["metrics"][metric]) + suffix)
        seconds = sum(results[label, count]["seconds"] for count in counts)
        lines.append(f"| {label} | {' | '.join(cells)} | {clock(seconds)} |")
    seeds = len(found["seeds"])
    return "\n".join([*lines, "", f"In brackets the gain over the first row in points, paired by seed ({seeds})."])


def draw(file: Path, results: Mapping, found: Mapping, metric: str, **shown: Mapping) -> None:
    """`transfer.png`: what is carried over, when it helps, and why."""
    accuracy: dict[str, dict[int, list[float]]] = {}
    gain: dict[str, dict[int, list[float]]] = {}
    for (label, count), result in results.items():
        accuracy.setdefault(label, {})[count] = [100 * run[metric] for run in result["by_seed"].values() if run]
        if paired := found["by_seed"].get(f"{label}/{count}/gain"):
            gain.setdefault(label, {})[count] = [100 * value for value in paired]
    figures.draw("transfer", file, accuracy=accuracy, gain=gain, **shown)
