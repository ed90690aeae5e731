"""Counting against learning: perplexity, size on disk, and what the order of the words before is worth to each model."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

import dlcv.data
from dlcv import figures
from dlcv.engine import loop
from dlcv.engine.restore import finite_weights
from dlcv.engine.study import cell
from dlcv.engine.task import Task, Variables
from dlcv.engine.writers import clock, spread
from dlcv.errors import unknown
from dlcv.language import ngrams
from dlcv.language.vocabulary import END, START
from dlcv.studies.comparison import changed, distinct, folder_name

FITS = {"add_k": ngrams.add_k, "kneser_ney": ngrams.kneser_ney}
ROWS = 2000  # places at which words are shuffled


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, data: Mapping[str, Any], counted: Sequence[tuple[str, str, Mapping]],
    learnt: Sequence[tuple[str, str]] = (), rung: str = "default", context: int = 8,
) -> dict[str, Any]:  # fmt: skip
    """Fits each n-gram model (label, one of `FITS`, its options) and trains each neural one (label, experiment file) on the same words.

    Neural models over `config.seeds` seeds; counting has none. The words before 2,000 places of the test split are shuffled, `context`
    of one sentence each. Each model is a cell of its own: interrupted, the study goes on where it was.
    """
    distinct(models=[label for label, *_ in (*counted, *learnt)])
    found = dlcv.data.load({**data}, data_dir)
    tokens = {"train": found.train, **found.splits}
    tokens = {split: source.arrays["tokens"] for split, source in tokens.items()}
    rows = windows(tokens["test"], context)
    models: dict[str, dict[str, list[float]]] = {}
    for label, kind, options in counted:
        if kind not in FITS:
            raise unknown("n-gram model", kind, FITS)
        place = folder / folder_name(label)
        fit = partial(count_model, kind, dict(options), tokens, len(found.info["vocabulary"]), rows, place)
        models[label] = {name: [value] for name, value in cell(place / "cell.json", fit).items()}
        report(label, models[label], quiet)
    for label, source in learnt:
        fields = {"seed": config.seed, "seeds": config.seeds, "data.name": data["name"]}
        experiment = changed(f"{source}:{rung}", data_dir, fields)
        models[label] = learn_model(experiment, rows, folder / folder_name(label), quiet)
        report(label, models[label], quiet)
    table = as_table(models)
    (folder / "table.md").write_text(table + "\n")
    figures.draw("size_and_order", folder / "figures" / "ngrams.png", models=models, context=context)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return summary(models, config)


def windows(tokens: Int[np.ndarray, "N"], context: int) -> Int[np.ndarray, "R C+1"]:
    """Up to `ROWS` places with the `context` words before them, all of one sentence."""
    rows = np.lib.stride_tricks.sliding_window_view(tokens, context + 1)
    whole = np.flatnonzero((rows[:, :-1] != END).all(1))
    chosen = np.random.Generator(np.random.Philox(0)).permutation(whole)[:ROWS]
    return rows[np.sort(chosen)]


def shuffled(rows: Int[np.ndarray, "R C+1"]) -> Int[np.ndarray, "R C+1"]:
    """The same words before each last one, in an order drawn by a fixed seed."""
    before = np.random.Generator(np.random.Philox(1)).permuted(rows[:, :-1], axis=1)
    return np.concatenate([before, rows[:, -1:]], axis=1)


def count_model(kind: str, options, tokens, vocabulary: int, rows, folder: Path) -> dict[str, float]:
    """What a fitted n-gram model costs and gives; the model itself stays in the folder."""
    began = perf_counter()
    model = FITS[kind](ngrams.begun(tokens["train"], START, END), vocabulary=vocabulary, start=START, **options)
    seconds = perf_counter() - began
    folder.mkdir(parents=True, exist_ok=True)
    orders = {"in_order": rows, "shuffled": shuffled(rows)}
    return {
        **{split: ngrams.perplexity(model, ngrams.begun(tokens[split], START, END)) for split in ("valid", "test")},
        **{name: float(np.exp(ngrams.nats(model, each)[:, -1].mean())) for name, each in orders.items()},
        "megabytes": model.save(folder / "model.npz") / 1e6,
        "seconds": seconds,
    }


def learn_model(experiment, rows, folder: Path, quiet: bool) -> dict[str, list[float]]:
    """The same of a trained network, a value a seed that stayed finite."""
    result = loop.train(experiment, folder, quiet=quiet)
    trained = finite_weights(experiment, folder, result)
    by_seed = [result["by_seed"][seed] for seed in trained]
    found = {split: [values[f"{split}/perplexity"] for values in by_seed] for split in ("valid", "test")}
    for name, each in {"in_order": rows, "shuffled": shuffled(rows)}.items():
        found[name] = [last_word(experiment.task, variables, each) for variables in trained.values()]
    found["megabytes"] = [saved(next(iter(trained.values())), folder / "model.npz") / 1e6] * len(by_seed)
    found["seconds"] = [result["seconds"] / len(result["seeds"])] * len(by_seed)
    return found


def last_word(task: Task, variables: Variables, rows: Int[np.ndarray, "R T"]) -> float:
    """Perplexity of the last word of each row, read from its first word on, 200 rows at a time."""
    nats, predict = [], jax.jit(task.predict)
    for part in np.array_split(rows, -(-len(rows) // 200)):
        spec = {"tokens": jax.ShapeDtypeStruct(part.shape, part.dtype)}
        carry = jax.jit(lambda key, spec=spec: task.init(key, spec).carry)(jax.random.key(0))
        outputs = predict(variables.replace(carry=carry), {"tokens": part}, jax.random.key(0))
        nats.append(np.asarray(outputs["nats"][:, -1]))
    return float(np.exp(np.concatenate(nats).mean()))


def saved(variables: Variables, file: Path) -> int:
    """The bytes of the parameters as a compressed NPZ file."""
    leaves = jax.tree_util.tree_leaves_with_path(variables.params)
    np.savez_compressed(file, **{jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves})
    return file.stat().st_size


def report(label: str, found: Mapping[str, Sequence[float]], quiet: bool) -> None:
    if not quiet:
        print(f"{label}: test perplexity {np.mean(found['test']):.1f}, {found['megabytes'][0]:.2f} MB", flush=True)


def summary(models: Mapping[str, Mapping[str, Sequence[float]]], config) -> dict[str, Any]:
    """Every measure of every model as "<label>/<measure>", with their spread over seeds where there are any."""
    drawn = max(len(found["test"]) for found in models.values()) > 1  # counting alone has no seeds
    seeds = list(range(config.seed, config.seed + config.seeds)) if drawn else []
    metrics = {f"{label}/{name}": spread(values) for label, found in models.items() for name, values in found.items()}
    return {
        "metrics": {name: value for name, value in metrics.items() if not name.endswith("/seconds")},
        "seeds": seeds, "by_seed": json.loads(json.dumps(models)), "step": 0,
        "seconds": sum(sum(found["seconds"]) for found in models.values()),
    }  # fmt: skip


def as_table(models: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Markdown: a model a row."""
    head = [
        "model",
        "valid perplexity",
        "test perplexity",
        "size on disk, MB",
        "words before shuffled, perplexity times",
        "time",
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for label, found in models.items():
        numbers = [spread(found["valid"]), spread(found["test"])]
        perplexities = [f"{n['mean']:.1f}" + (f" ± {n['std']:.1f}" if len(found["test"]) > 1 else "") for n in numbers]
        worth = np.mean(np.array(found["shuffled"]) / np.array(found["in_order"]))
        cells = [label, *perplexities, f"{found['megabytes'][0]:.2f}", f"{worth:.2f}", clock(sum(found["seconds"]))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
