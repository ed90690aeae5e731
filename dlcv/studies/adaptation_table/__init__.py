"""Closed-form domain adaptation as a table: every method on every ordered pair of domains, beside the published columns."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dlcv import figures, shallow
from dlcv.disk import write_text
from dlcv.engine.study import cell
from dlcv.engine.writers import spread, write_json
from dlcv.errors import unknown
from dlcv.shallow import classifiers
from dlcv.studies.adaptation_table import domains, markdown
from dlcv.studies.adaptation_table.reference import COLUMNS
from dlcv.studies.adaptation_table.settings import ROWS, Row

Domains = Mapping[str, domains.Domain]


class Cell(NamedTuple):
    """One place of the table."""

    features: str
    source: str
    target: str
    method: str

    @property
    def task(self) -> str:
        return f"{self.source}->{self.target}"

    @property
    def file(self) -> str:
        return f"{self.features}/{self.source}-{self.target}/{self.method}.json"

    @property
    def reference(self) -> float | None:
        return COLUMNS.get(self.features, {}).get(self.task, {}).get(self.method)


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, features: Sequence[str], methods: Sequence[str] = (),
    tasks: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Accuracies of `methods` (none: all) on `tasks` ("A->D"; none: all pairs) for each kind of features.

    Sampled rows are drawn `config.seeds` times. A cell of the table is a file below `<folder>/cells`: interrupted, the study
    goes on where it was. Files that are missing are named, and what can be computed without them is. Raises Misuse for unknown
    names, damaged files, and when there is nothing to compute.
    """
    methods = tuple(methods) or tuple(ROWS)
    for method in methods:
        if method not in ROWS:
            raise unknown("adaptation method", method, ROWS)
    found, lacking = domains.load(features, data_dir)
    cells = list(_cells(found, methods, tasks))
    if not quiet and lacking:
        print("\n".join(f"missing, so its tasks are left out: {file}" for file in lacking), flush=True)
    values, begun = {}, time.perf_counter()
    for number, place in enumerate(cells, 1):
        known = found[place.features]
        values[place] = cell(
            folder / "cells" / place.file,
            lambda place=place, known=known: measure(place, known[place.source], known[place.target], config.seeds),
        )
        if not quiet:
            text = f"{place.features} {place.task} {place.method} {values[place]['accuracy']:.2f} %"
            print(f"{number}/{len(cells)} {text} {time.perf_counter() - begun:.0f} s", flush=True)
    records = [record(place, value) for place, value in values.items()]
    write_json(folder / "table.json", records)
    write_text(folder / "table.md", markdown.document(records, lacking, config.seeds))
    figures.draw("table", folder / "table.png", tables=_pictured(records))
    if not quiet:
        print(f"\n{markdown.agreement(records)}\n{folder / 'table.md'}, table.png, table.json", flush=True)
    return {
        "metrics": _metrics(values), "agreement": markdown.counts(records), "missing": lacking,
        "seeds": list(range(config.seeds)), "seconds": sum(value["seconds"] for value in values.values()), "step": 0,
    }  # fmt: skip


def _cells(found: Mapping[str, Domains], methods: Sequence[str], tasks: Sequence[str]) -> Iterator[Cell]:
    pairs = {
        kind: [f"{source}->{target}" for source in known for target in known if source != target]
        for kind, known in found.items()
    }
    for task in tasks:
        if not any(task in known for known in pairs.values()):
            raise unknown("adaptation task", task, {task for known in pairs.values() for task in known})
    for kind, known in pairs.items():
        for task in known:
            if not tasks or task in tasks:
                for method in methods:
                    yield Cell(kind, *task.split("->"), method)


def measure(place: Cell, source: domains.Domain, target: domains.Domain, draws: int) -> dict[str, Any]:
    """{"accuracy" in per cent, "seconds", "settings"}, and "draws" for a row that samples its source."""
    row, begun = ROWS[place.method], time.perf_counter()
    settings = row.settings(place.source, place.target, source.features.shape[1])
    if not row.sampled:
        value = {"accuracy": accuracy(row, source, target, settings)}
    else:
        by_draw = [accuracy(row, domains.sampled(source, draw), target, settings) for draw in range(draws)]
        value = {"accuracy": float(np.mean(by_draw)), "draws": by_draw}
    return {**value, "seconds": time.perf_counter() - begun, "settings": settings}


def accuracy(row: Row, source: domains.Domain, target: domains.Domain, settings: Mapping[str, Any]) -> float:
    """Per cent of the target's samples whose class is found: by the method itself, else by the nearest source sample."""
    found = shallow.fit(row.method, source.features, source.labels, target.features, **settings)
    labels = found.labels
    if labels is None:
        labels = classifiers.nearest_neighbour(found.source, source.labels, found.target)
    return 100 * float(np.mean(labels == target.labels))


def record(place: Cell, value: Mapping[str, Any]) -> dict[str, Any]:
    """One row of table.json."""
    reference = place.reference
    return {
        "features": place.features, "task": place.task, "method": place.method, "ours": round(value["accuracy"], 4),
        "reference": reference, "deviation": None if reference is None else round(value["accuracy"] - reference, 4),
        "seconds": round(value["seconds"], 3), "protocol": ROWS[place.method].protocol, "settings": value["settings"],
        "std": round(spread(value["draws"])["std"], 4) if "draws" in value else None,
    }  # fmt: skip


def _metrics(values: Mapping[Cell, Mapping]) -> dict[str, dict[str, float]]:
    """Mean over the tasks of each row; its standard deviation over the draws where the source is sampled, else 0."""
    rows: dict[str, list] = {}
    for place, value in values.items():
        rows.setdefault(f"{place.features}/{place.method}", []).append(value.get("draws", [value["accuracy"]]))
    return {name: spread(list(np.mean(by_task, axis=0))) for name, by_task in rows.items()}


def _pictured(records: Sequence[Mapping]) -> list[dict]:
    """What `figures.table` draws: one block a kind of features."""
    blocks = []
    for kind in dict.fromkeys(entry["features"] for entry in records):
        here = {(entry["method"], entry["task"]): entry for entry in records if entry["features"] == kind}
        rows, columns = (list(dict.fromkeys(key[axis] for key in here)) for axis in (0, 1))
        blocks.append({
            "title": domains.TITLES[kind], "rows": [ROWS[row].label for row in rows], "columns": columns,
            "values": [[here[row, column]["ours"] for column in columns] for row in rows],
            "deviations": [[here[row, column]["deviation"] for column in columns] for row in rows],
        })  # fmt: skip
    return blocks
