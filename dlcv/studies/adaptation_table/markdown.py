"""The table as a document: every accuracy, the printed one and the deviation, and the notes a reader needs."""

from collections.abc import Mapping, Sequence

from dlcv.studies.adaptation_table.domains import TITLES
from dlcv.studies.adaptation_table.reference import EQUAL, NOT_REPRODUCED, SOURCE
from dlcv.studies.adaptation_table.settings import ROWS

Record = Mapping


def equal(record: Record) -> bool:
    """Whether our accuracy is the printed one."""
    return record["deviation"] is not None and abs(record["deviation"]) <= EQUAL


def counts(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """{"surf/tca": {"compared", "equal", "mean_deviation", "largest_deviation"}} of the rows that have a printed column."""
    rows: dict[str, list[Record]] = {}
    for record in records:
        if record["deviation"] is not None:
            rows.setdefault(f"{record['features']}/{record['method']}", []).append(record)
    return {
        name: {
            "compared": len(row), "equal": sum(map(equal, row)),
            "mean_deviation": sum(record["deviation"] for record in row) / len(row),
            "largest_deviation": max((record["deviation"] for record in row), key=abs),
        }
        for name, row in rows.items()
    }  # fmt: skip


def agreement(records: Sequence[Record]) -> str:
    """One line: how many printed numbers are met."""
    compared = [record for record in records if record["deviation"] is not None]
    if not compared:
        return "No printed column belongs to these features."
    exact = [name for name, row in counts(records).items() if row["equal"] == row["compared"]]
    met = sum(map(equal, compared))
    return f"{met} of {len(compared)} printed numbers met within {EQUAL} points; whole columns: {', '.join(exact) or 'none'}."


def document(records: Sequence[Record], lacking: Sequence[str], draws: int) -> str:
    """table.md: a table a kind of features, then settings, columns that were not reproduced, and missing files."""
    parts = [
        "# Closed-form domain adaptation\n\nAccuracy on the whole target in per cent, by 1-nearest-neighbour on the embedded source "
        "unless the method classifies by itself. `=`: the printed number; else the deviation from it in points. "
        f"Printed numbers: {SOURCE}. {agreement(records)}"
    ]
    for kind in dict.fromkeys(record["features"] for record in records):
        parts.append(_table(kind, [record for record in records if record["features"] == kind]))
    methods = dict.fromkeys(record["method"] for record in records)
    parts.append(
        "## Settings\n\n"
        + "\n".join(f"- {ROWS[name].label}: {ROWS[name].source}; {_protocol(name, draws)}." for name in methods)
    )
    tried = [
        f"- {TITLES[kind]}, {ROWS[method].label}: {what}"
        for (kind, method), what in NOT_REPRODUCED.items()
        if any(record["features"] == kind and record["method"] == method for record in records)
    ]
    if tried:
        parts.append("## † Columns known not to be reproducible\n\n" + "\n".join(tried))
    if lacking:
        parts.append(
            "## Missing files\n\nTheir tasks are left out. Put into the data folder:\n"
            + "".join(f"\n- `{file}`" for file in lacking)
        )
    return "\n\n".join(parts) + "\n"


def _protocol(name: str, draws: int) -> str:
    return (
        f"{ROWS[name].protocol}, mean ± standard deviation over {draws} draws"
        if ROWS[name].sampled
        else ROWS[name].protocol
    )


def _table(kind: str, records: Sequence[Record]) -> str:
    tasks = list(dict.fromkeys(record["task"] for record in records))
    lines = [f"## {TITLES[kind]}\n", f"| method | {' | '.join(tasks)} | mean | s |", "|---" * (len(tasks) + 3) + "|"]
    for method in dict.fromkeys(record["method"] for record in records):
        row = [record for record in records if record["method"] == method]
        mark = " †" if (kind, method) in NOT_REPRODUCED else ""
        mean, seconds = sum(record["ours"] for record in row) / len(row), sum(record["seconds"] for record in row)
        lines.append(f"| {ROWS[method].label}{mark} | {' | '.join(map(_cell, row))} | {mean:.2f} | {seconds:.1f} |")
    return "\n".join(lines)


def _cell(record: Record) -> str:
    text = f"{record['ours']:.2f}" + (f" ± {record['std']:.2f}" if record["std"] is not None else "")
    if record["deviation"] is None:
        return text
    return f"{text} =" if equal(record) else f"{text} ({record['deviation']:+.2f})"
