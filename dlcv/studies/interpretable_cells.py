"""Cells of a character model that tell where in a program it is: all searched, shown in an interactive page and in one figure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import figures, pages
from dlcv.engine import catalogue, loop
from dlcv.engine.restore import open_run, weights
from dlcv.engine.study import cell
from dlcv.engine.writers import spread, write_json
from dlcv.errors import Misuse
from dlcv.language.lexer import labels as lexed
from dlcv.ops.paths import map_named
from dlcv.quality.detectors import measure_of, search

NAMES = {
    "prose": "inside comments or strings", "string": "inside strings", "comment": "inside comments", "brackets": "inside brackets",
    "margin": "in the indentation", "position": "position in line", "indentation": "indentation depth",
}  # fmt: skip
GOAL, BEST = 0.7, 10


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, changes: Mapping[str, Any] = {}, language: str = "python",
    characters: int = 40_000, shifts: int = 5, shown: int = 2400,
) -> dict[str, Any]:  # fmt: skip
    """Trains the experiment `source` over `config.seeds` seeds, or opens the workdir of that name, and searches its cells.

    The first `characters` of the held-out text run through the model; a cell is chosen on their first half and judged on the second,
    as with labels shifted in a circle by each of `shifts` random distances. `cells.json` has every seed's best cells, `cells.html` and
    the figure those of the first, on `shown` characters of the second half. Trained runs and searches are kept. The metric "cells"
    counts the units that tell some label, of all that there are: judged at `GOAL` or more, an LSTM's c and h being one unit.
    """
    experiment, found, trained = _trained(config, folder, data_dir, quiet, source, changes)
    if "vocabulary" not in experiment.data.info:
        raise Misuse(f"{experiment.name} on data set {experiment.config.data.name!r} reads no characters")
    text, labels = passage(experiment.data, language, characters)
    searched = {}
    for seed, variables in enumerate(found, experiment.config.seed):
        place = folder / "searches" / f"seed_{seed}.json"
        searched[str(seed)] = cell(
            place, lambda v=variables, s=seed: searched_cells(experiment, v, text, labels, shifts, s)
        )
    write_json(folder / "cells.json", searched)
    first = str(experiment.config.seed)
    units, values, _ = states(experiment.task, found[0], _encoded(experiment.data, text))
    show(folder, experiment.name or Path(source).name, text, labels, units, values, searched[first], shown)
    return report(searched, trained, folder, quiet)


def _trained(config, folder: Path, data_dir, quiet: bool, source: str, changes: Mapping[str, Any]):
    """(experiment, the variables of each seed, what its result says)."""
    if ".py" not in source:
        experiment, step, found = open_run(source, data_dir)
        return experiment, found, {"step": step, "metrics": {}, "seconds": 0.0}
    experiment = catalogue.experiment(source, data_dir, seed=config.seed, seeds=config.seeds, **changes)
    trained = loop.train(experiment, folder / "run", quiet=quiet)
    return experiment, weights(experiment, folder / "run")[1], trained


def passage(data, language: str, characters: int) -> tuple[str, dict[str, np.ndarray]]:
    """The first characters of the held-out text and their labels; the lexer reads all that stands before them, too."""
    vocabulary = np.array(data.info["vocabulary"])
    before, held = (part.arrays["tokens"] for part in (data.train, next(iter(data.splits.values()))))
    whole = "".join(vocabulary[before]) + "".join(vocabulary[held[:characters]])
    return whole[len(before) :], {name: found[len(before) :] for name, found in lexed(whole, language).items()}


def _encoded(data, text: str) -> np.ndarray:
    places = {character: place for place, character in enumerate(data.info["vocabulary"])}
    return np.array([places[character] for character in text], np.int32)


def states(task, variables, tokens_N) -> tuple[list[str], np.ndarray, np.ndarray]:
    """(name of each of C units, their values [N - 1, C] once the first N - 1 tokens are read, nats of the tokens after them [N - 1]).

    Asks the task for one token after the other, so that whatever its carry holds is recorded, of any cell.
    """
    spec = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((1, *leaf.shape[1:]), leaf.dtype), dict(task.batch_spec))
    carry = jax.jit(lambda key: task.init(key, spec).carry)(jax.random.key(0))
    if not carry:
        raise Misuse("this task carries no state from token to token: expected a recurrent language model")

    @jax.jit
    def read(variables, carry, pairs):
        def one(carry, pair):
            outputs = task.predict(variables.replace(carry=carry), {"tokens": pair[None]}, jax.random.key(0))
            after = outputs["carry"]
            return after, (jnp.concatenate([leaf[0] for _, leaf in _leaves(after)]), outputs["nats"][0, 0])

        return jax.lax.scan(one, carry, pairs)[1]

    pairs = jnp.stack([jnp.asarray(tokens_N[:-1]), jnp.asarray(tokens_N[1:])], 1)
    values, nats = read(variables.replace(carry={}), carry, pairs)
    names = [
        name.split("/", 1)[1].removesuffix("_BH").replace("_", " ").replace("/", " ") for name, _ in _leaves(carry)
    ]
    units = [
        f"{name} {unit}"
        for name, (_, leaf) in zip(names, _leaves(carry), strict=True)
        for unit in range(leaf.shape[-1])
    ]
    return units, np.asarray(values), np.asarray(nats)


def _leaves(tree) -> list[tuple[str, Any]]:
    found = []
    map_named(lambda name, leaf: found.append((name, leaf)), tree)
    return found


def coloured(units: Sequence[str], values_NC: np.ndarray) -> np.ndarray:
    """Values in [-1, 1] for colours: an LSTM's c, which knows no bounds, as tanh c, in which the cell shows it."""
    memory = np.array([" c " in name for name in units])
    return np.where(memory, np.tanh(values_NC), np.clip(values_NC, -1, 1))


def searched_cells(
    experiment, variables, text: str, labels: Mapping[str, np.ndarray], shifts: int, seed: int
) -> dict[str, Any]:
    """{"nats", "units": how many, "labels": {label: what `search_label` finds}} as JSON."""
    units, values, nats = states(experiment.task, variables, _encoded(experiment.data, text))
    count = len(values)
    distances = np.random.default_rng(seed).integers(count // 10, count - count // 10, shifts).tolist()
    found = {name: search_label(units, values, whole[:count], distances) for name, whole in labels.items()}
    return {"nats": float(nats.mean()), "units": len(set(map(unit_of, units))), "labels": found}


def search_label(
    units: Sequence[str], values_NC: np.ndarray, label_N: np.ndarray, shifts: Sequence[int]
) -> dict[str, Any]:
    """{"measure", "mean" of the label, "baseline", "cells": the best, "told_by": the units that are judged at `GOAL` or more}."""
    cells, baseline = search(values_NC, label_N, shifts, most=len(units))
    return {
        "measure": measure_of(label_N), "mean": float(label_N[len(label_N) // 2 :].mean()), "baseline": baseline,
        "cells": [{"name": units[best.unit], **asdict(best)} for best in cells[:BEST]],
        "told_by": sorted({unit_of(units[best.unit]) for best in cells if best.score >= GOAL}),
    }  # fmt: skip


def unit_of(name: str) -> str:
    """The unit whose state that is: "layer 0 c 7" and "layer 0 h 7" are both of "layer 0 7"."""
    return re.sub(r" [ch] (\d+)$", r" \1", name)


def telling(labels: Mapping[str, np.ndarray], text: str, start: int, length: int) -> int:
    """Where, from `start` on, the passage of `length` characters begins in which all labels vary most, at the start of a line."""
    lines = [place + 1 for place in range(start, len(text) - length) if text[place] == "\n"] or [start]

    def variety(place: int) -> float:
        return sum(np.log(found[place : place + length].std() + 1e-3) for found in labels.values())

    return max(lines[:: max(1, len(lines) // 200)], key=variety)


def show(
    folder: Path, title: str, text: str, labels: Mapping[str, np.ndarray], units: Sequence[str], values: np.ndarray,
    found: Mapping[str, Any], shown: int,
) -> None:  # fmt: skip
    """The page with every unit, and the figure with each label's best one, each where its passage shows the labels best."""
    best = [{"label": NAMES[name], "measure": of["measure"], "baseline": max(of["baseline"], default=0.0), **of["cells"][0]}
            for name in NAMES for of in (found["labels"][name],)]  # fmt: skip

    def passage_of(length: int) -> tuple[slice, np.ndarray]:
        length = min(length, len(values) // 2)
        start = telling(labels, text[: len(values)], len(values) // 2, length)
        here = slice(start, start + length)
        return here, coloured(units, values[here])

    here, levels = passage_of(shown)
    pages.cells(folder / "cells.html", title, text[here], list(units), levels, best)
    here, levels = passage_of(shown // 3)
    rows = [
        {"title": _caption(row), "values": levels[:, row["unit"]], "truth": labels[name][here]}
        for name, row in zip(NAMES, best, strict=True)
    ]
    figures.draw("cells", folder / "figures" / "cells.png", characters=text[here], rows=rows)


def _caption(row: Mapping[str, Any]) -> str:
    return f"{row['label']}: {row['name']}, {row['measure']} {row['score']:.2f} (shifted labels at most {row['baseline']:.2f})"


def report(searched: Mapping[str, Mapping], trained: Mapping[str, Any], folder: Path, quiet: bool) -> dict[str, Any]:
    """`table.md` and the content of `result.json`: the held-out score of each label's best cell, mean and spread over seeds."""
    metrics: dict[str, Any] = {}
    lines = ["| label | measure | best cell, held out | shifted labels |", "|---|---|---|---|"]
    for name, shown in NAMES.items():
        rows = [found["labels"][name] for found in searched.values()]
        scores = spread([row["cells"][0]["score"] for row in rows])
        baseline = spread([float(np.mean(row["baseline"])) for row in rows])
        metrics |= {f"{name}/score": scores, f"{name}/baseline": baseline}
        told = [f"{value['mean']:.2f} ± {value['std']:.2f}" for value in (scores, baseline)]
        lines.append(f"| {shown} | {rows[0]['measure']} | {' | '.join(told)} |")
    labels, cells = {}, {}
    for seed, found in searched.items():
        labels[seed] = sum(of["cells"][0]["score"] >= GOAL for of in found["labels"].values())
        cells[seed] = len({unit for of in found["labels"].values() for unit in of["told_by"]})
    metrics |= {"labels_told": spread(list(labels.values())), "cells": spread(list(cells.values()))}
    lines += ["", f"At {GOAL} or more, by seed: labels that their best cell tells, of {len(NAMES)}: {', '.join(map(str, labels.values()))};"
              f" units that tell a label, c and h being one: {', '.join(map(str, cells.values()))} of {found['units']}."]  # fmt: skip
    (folder / "table.md").write_text("\n".join(lines) + "\n")
    if not quiet:
        print(
            "\n" + "\n".join(lines) + f"\n\nopen {folder / 'cells.html'} in a browser; figures in {folder / 'figures'}",
            flush=True,
        )
    network = {f"network/{name}": value for name, value in trained["metrics"].items()}
    kept = {name: trained[name] for name in ("step", "seconds", "params_sha256") if name in trained}
    return {
        "metrics": metrics | network,
        "seeds": [int(seed) for seed in searched],
        "by_seed": {"labels_told": labels, "cells": cells},
        **kept,
    }
