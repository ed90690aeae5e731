"""CoLA, is a sentence grammatical: 8,551 train, 527 of the same books are `valid`, 516 of other books `out_of_domain`.

Files: in_domain_train.tsv, in_domain_dev.tsv and out_of_domain_dev.tsv (the raw form) in <data_dir>/cola/; the test labels are not public.
Source: Warstadt, Singh and Bowman, "Neural Network Acceptability Judgments", 2019.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcv.data.files import File, Form, find
from dlcv.data.marked_rows import labelled_set
from dlcv.data.treebank import Labelled

CLASSES = ("unacceptable", "acceptable")
SPLITS = {"train": "in_domain_train.tsv", "valid": "in_domain_dev.tsv", "out_of_domain": "out_of_domain_dev.tsv"}
SHA256 = {
    "in_domain_train.tsv": "f320a10f92d3bce6b29152fde322a362eac39238e50d8de0c8815457fdf4fc12",
    "in_domain_dev.tsv": "77176f6a03faa5a1c4f23c69971fc1bff565931112fb65af47b2d6e24b7f42f7",
    "out_of_domain_dev.tsv": "201b9c57b2a20f1282242eec0ed8995729e3be19c29a46c047b3727338836c05",
}


def _read(data_dir: str | None) -> tuple[dict[str, Any], dict[str, Labelled]]:
    found = find("cola", [Form(tuple(File(name, SHA256[name]) for name in SPLITS.values()), _rows)], data_dir)
    return {"sha256": found.sha256}, found.read()


def _rows(paths: Mapping[str, Path]) -> dict[str, Labelled]:
    found = {}
    for split, name in SPLITS.items():
        rows = [line.split("\t") for line in paths[name].read_text(encoding="utf-8").splitlines()]
        found[split] = Labelled(tuple(row[3] for row in rows), tuple(int(row[1]) for row in rows))
    return found


spec, load = labelled_set("cola", CLASSES, _read, corpus="english")
