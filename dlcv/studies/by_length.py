"""Sequence-to-sequence systems compared over the same seeds: how often a whole sequence is right, against the length of its source."""

from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import jax
import numpy as np

from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.evaluation import Evaluator
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import finite_weights
from dlcv.engine.writers import spread
from dlcv.errors import Misuse
from dlcv.models.seq2seq import SIZES, attention_parameters, every_state_parameters
from dlcv.studies.comparison import changed, distinct, folder_name, gains
from dlcv.studies.sweep import as_table, summary
from dlcv.tasks import seq2seq

METRICS = {"valid/exact_match": "", "valid/exact_match_long": "", "valid/token_accuracy": "", "valid/nats": "a token"}


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, arms: Sequence[tuple[str, str, Mapping[str, Any]]], rung: str,
) -> dict[str, Any]:  # fmt: skip
    """Trains each arm (label, experiment file, changes of its config) over `config.seeds` seeds; all must have the same valid split.

    Leaves a table, a figure of exact match against length and, paired by seed, what each arm gains over the last. Each arm has a
    folder of its own: interrupted, the study goes on where it was. Of recurrent arms the table also tells the parameters by which decoder
    steps see encoder states, beside those of a matrix for each pair. Raises Misuse for a label that is there twice.
    """
    distinct(arms=[arm[0] for arm in arms])
    results, exact, connected, lengths = {}, {}, {}, None
    for label, source, changes in arms:
        fields = {**changes, "seed": config.seed, "seeds": config.seeds}
        experiment = changed(f"{source}:{rung}", data_dir, fields)
        if not quiet:
            print(f"{label}: {experiment.name}:{rung}", flush=True)
        place = folder / folder_name(label)
        results[label] = loop.train(experiment, place, quiet=quiet)
        connected |= {label: connections(experiment)} if experiment.config.task == "seq2seq" else {}
        exact[label], found = right(experiment, place, results[label])
        if lengths is not None and not np.array_equal(lengths, found):
            raise Misuse(f"arm {label!r} is evaluated on other sources than the first: give all the same data")
        lengths = found
    figures.draw("accuracy_by_length", folder / "figures" / "accuracy_by_length.png", lengths=lengths, arms=exact)
    result = summary(results)
    *others, last = results
    for label in others:
        for name in ("valid/exact_match", "valid/exact_match_long"):
            if name in results[label]["metrics"] and name in results[last]["metrics"]:
                result["metrics"][f"{label}/gain/{name}"] = spread(gains(results[last], results[label], name))
    shown = {name: unit for name, unit in METRICS.items() if all(name in r["metrics"] for r in results.values())}
    parameters = {label: found["parameters"] for label, found in results.items()}
    table = "\n\n".join(filter(None, (as_table(results, "system", shown), connections_table(connected, parameters))))
    (folder / "table.md").write_text(table + "\n")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return result | {"parameters": parameters, "connections": connected}


def connections(experiment: Experiment) -> dict[str, int]:
    """Parameters by which the decoder's steps see the encoder's states: those of the "score", and those of a matrix for each of "pairs".

    Of `dlcv.tasks.seq2seq`, for the longest source and target that the data can have.
    """
    source, target = (experiment.task.batch_spec[side].shape[1] for side in ("source", "target"))
    defaults = {name: option.default for name, option in signature(seq2seq.make).parameters.items()}
    options = defaults | experiment.config.task_kw.to_dict()
    width = SIZES[options["size"]].width
    return {
        "score": attention_parameters(width, options["attention"], source),
        "every_state": every_state_parameters(source, target, width), "pairs": source * target,
    }  # fmt: skip


def connections_table(connected: Mapping[str, Mapping[str, int]], parameters: Mapping[str, int]) -> str:
    """Markdown: a recurrent system a row; empty where there is none."""
    head = [
        "system",
        "parameters",
        "of these its score",
        "a matrix for each pair of encoder state and decoder step would add",
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for label, found in connected.items():
        pairs = f"{found['every_state']:,} ({found['pairs']:,} pairs)"
        lines.append(f"| {label} | {parameters[label]:,} | {found['score']:,} | {pairs} |")
    return "\n".join(lines) if connected else ""


def right(experiment: Experiment, folder: Path, result: Mapping[str, Any]) -> tuple[list[np.ndarray], np.ndarray]:
    """Of the first split: exact match [N] of the final weights of every seed that stayed finite, and the lengths [N] of the sources."""
    evaluator = Evaluator(experiment.task, experiment.data.splits, experiment.config.eval_batch_size, experiment.mesh)
    split, exact, examples = next(iter(evaluator.splits)), [], {}
    for variables in finite_weights(experiment, folder, result).values():
        _, outputs, examples = evaluator.split(split, variables, jax.random.key(0), keep=True)
        exact.append(np.asarray(outputs["exact"]))
    return exact, np.asarray(examples["source_length"])
