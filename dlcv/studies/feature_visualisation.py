"""What a trained classifier looks at: every picture of `dlcv.explain`, and how faithful its maps are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcv import figures
from dlcv.engine import catalogue, loop, sampling
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import weights
from dlcv.engine.study import cell
from dlcv.engine.task import Variables
from dlcv.engine.writers import spread


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, changes: Mapping[str, Any],
    pictures: Sequence[tuple[str, Mapping[str, Any]]], count: int, share: float,
) -> dict[str, Any]:  # fmt: skip
    """Trains the experiment `source`, some fields changed, over `config.seeds` seeds; draws `pictures` (what, options) of the first.

    All maps are scored: a map's score is the part of the predicted class's logits that `count` images lose when the `share` of
    pixels that it ranks highest is hidden. The run and each seed's scores are kept: interrupted, the study goes on where it was.
    """
    experiment = catalogue.experiment(source, data_dir, seed=config.seed, seeds=config.seeds, **changes)
    trained = loop.train(experiment, folder / "run", quiet=quiet)
    step, found = weights(experiment, folder / "run")
    for what, options in pictures:
        made = sampling.sample(
            experiment, found[0], folder / "figures", seed=config.seed, step=step, what=what, options=options
        )
        if not quiet:
            print(*made, sep="\n", flush=True)
    scores = {
        seed: cell(
            folder / "scores" / f"seed_{seed}.json", lambda v=variables: faithfulness(experiment, v, count, share)
        )
        for seed, variables in enumerate(found, config.seed)
    }
    lost = {name: [100 * score[name] for score in scores.values()] for name in scores[config.seed]}
    title = f"The {share:.0%} of pixels that a map ranks highest hidden, {count} images"
    chart = dict(values=lost, quantity="part of the logit that is lost, %", title=title)
    figures.draw("bars", folder / "figures" / "faithfulness.png", **chart)
    table = as_table(lost, title)
    (folder / "table.md").write_text(table + "\n")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return {
        "metrics": trained["metrics"] | {f"lost/{name}": spread(values) for name, values in lost.items()},
        "seeds": trained["seeds"], "by_seed": {"lost": lost}, "seconds": trained["seconds"], "step": trained["step"],
        "params_sha256": trained["params_sha256"],
    }  # fmt: skip


def faithfulness(experiment: Experiment, variables: Variables, count: int, share: float) -> dict[str, float]:
    """{map: mean logit lost, divided by the mean logit} on the run's own valid split."""
    view, _ = sampling.look(experiment, variables, experiment.config.seed)
    found = experiment.task.makers["faithfulness"](view, count=count, share=share)["faithfulness_by_image"]
    total = float(found["logit"].mean())
    return {str(name): float(row.mean()) / total for name, row in zip(found["map"], found["lost"], strict=True)}


def as_table(lost: Mapping[str, Sequence[float]], title: str) -> str:
    """Markdown: mean ± standard deviation over seeds, the largest loss first."""
    rows = sorted(((spread(values), name) for name, values in lost.items()), key=lambda row: -row[0]["mean"])
    lines = [f"{title}: part of the logit that is lost.", "", "| map | lost, % |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {found['mean']:.1f} ± {found['std']:.1f} |" for found, name in rows])
