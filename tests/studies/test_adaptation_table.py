"""The table: resumed where it stopped, missing files named, and the printed columns where the files are there."""

import json

import numpy as np
import pytest

from dlcv.engine import catalogue
from dlcv.engine.study import run_study
from dlcv.errors import Misuse
from dlcv.studies import adaptation_table
from dlcv.studies.adaptation_table import domains, markdown
from dlcv.studies.adaptation_table.reference import COLUMNS, NOT_REPRODUCED
from dlcv.studies.adaptation_table.settings import ROWS

NAME = "adaptation/office_caltech"
SOURCE = f"experiments/{NAME}.py"
EXACT = ("raw", "tca", "jda", "tjm", "jgsa_primal", "jgsa_linear", "jgsa_rbf")


def run(folder, data_dir=None, rung="digits", seeds=2, **study_kw):
    config = catalogue.load(f"{SOURCE}:{rung}")
    with config.unlocked():
        config.study_kw.update(study_kw)
        config.seeds = seeds
    return run_study(config, folder, data_dir, name=NAME, rung=rung, quiet=True)


def test_a_table_is_written_and_an_interrupted_one_goes_on(tmp_path, monkeypatch):
    chosen = dict(methods=("raw", "tca", "ot_gl"), tasks=("C->T", "B->C"))
    whole = run(tmp_path / "whole", **chosen)
    records = json.loads((tmp_path / "whole" / "table.json").read_text())
    assert [(record["task"], record["method"]) for record in records] == [
        (task, method) for task in ("C->T", "B->C") for method in chosen["methods"]
    ]
    assert all(
        set(record) >= {"features", "task", "method", "ours", "reference", "deviation", "seconds"} for record in records
    )
    assert all(0 < record["ours"] < 100 and record["seconds"] > 0 for record in records)
    assert (tmp_path / "whole" / "table.png").stat().st_size > 5000

    measure, calls = adaptation_table.measure, []

    def stopping(place, *rest):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append(place)
        return measure(place, *rest)

    monkeypatch.setattr(adaptation_table, "measure", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", **chosen)
    done = {file: file.stat().st_mtime_ns for file in (tmp_path / "run" / "cells").rglob("*.json")}
    assert len(done) == 4
    monkeypatch.setattr(adaptation_table, "measure", lambda *given: calls.append(given[0]) or measure(*given))
    resumed = run(tmp_path / "run", **chosen)
    assert len(calls) == 6 and all(file.stat().st_mtime_ns == time for file, time in done.items())
    assert resumed["metrics"] == whole["metrics"]
    again = json.loads((tmp_path / "run" / "table.json").read_text())
    assert [{**record, "seconds": 0} for record in again] == [{**record, "seconds": 0} for record in records]


def test_sampled_rows_have_a_spread_and_the_others_none(tmp_path):
    metrics = run(tmp_path, methods=("raw", "ot_gl"), tasks=("C->T",), seeds=3)["metrics"]
    assert metrics["digits/raw"]["std"] == 0 < metrics["digits/ot_gl"]["std"]
    assert "±" in next(line for line in (tmp_path / "table.md").read_text().splitlines() if line.startswith("| OT-GL"))


def test_a_sample_is_a_function_of_its_number():
    domain = domains.load(("digits",), None)[0]["digits"]["C"]
    one, same, other = (domains.sampled(domain, draw) for draw in (0, 0, 1))
    np.testing.assert_array_equal(one.features, same.features)
    assert not np.array_equal(one.features, other.features)
    np.testing.assert_array_equal(np.bincount(one.labels), [20] * 10)


def test_without_files_the_missing_ones_and_the_way_out_are_named(run_door, tmp_path):
    done = run_door(f"--config={SOURCE}", f"--workdir={tmp_path / 'run'}", DLCV_DATA_DIR="")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and not (tmp_path / "run").exists()
    for part in ("office_caltech10/surf/Caltech10_SURF_L10.mat", "--data_dir", ":digits"):
        assert part in done.stderr


def test_what_can_be_computed_is_and_the_missing_files_are_listed(tmp_path):
    from scipy.io import savemat

    folder = tmp_path / "data" / "office_caltech10" / "decaf6"
    folder.mkdir(parents=True)
    for name, count in (("dslr", 157), ("webcam", 295)):
        labels = np.arange(count) % 10
        vectors = 3 * np.random.default_rng(0).uniform(size=(10, 4096))[labels] + np.random.default_rng(count).uniform(
            size=(count, 4096)
        )
        savemat(folder / f"{name}_decaf.mat", {"feas": vectors, "labels": labels[:, None] + 1})
    result = run(tmp_path / "run", str(tmp_path / "data"), "default", methods=("raw",))
    assert len(result["missing"]) == 10 and result["metrics"] == {"decaf6/raw": {"mean": 100.0, "std": 0.0}}
    text = (tmp_path / "run" / "table.md").read_text()
    assert "- `office_caltech10/decaf6/caltech_decaf.mat`" in text and "D->W" in text
    assert result["agreement"] == {}  # the printed columns have no Raw on DeCAF6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(methods=("tac",)), "unknown adaptation method 'tac': did you mean 'tca'"),
        (dict(tasks=("C->X",)), "unknown adaptation task 'C->X'"),
        (dict(features=("digit",)), "unknown kind of features 'digit': did you mean 'digits'"),
    ],
)
def test_misspelt_names_are_misuse(change, message, tmp_path):
    with pytest.raises(Misuse, match=message):
        run(tmp_path / "run", **change)
    assert not (tmp_path / "run").exists()


def test_the_columns_are_those_of_known_rows_and_notes_belong_to_columns():
    assert all(set(row) <= set(ROWS) for tasks in COLUMNS.values() for row in tasks.values())
    assert all(method in next(iter(COLUMNS[kind].values())) for kind, method in NOT_REPRODUCED)
    assert not {method for kind, method in NOT_REPRODUCED if kind == "surf"} & set(EXACT)


def test_surf_on_a_small_pair_has_the_printed_numbers(tmp_path, data_dir):
    result = run(tmp_path, str(data_dir), "default", features=("surf",), methods=EXACT, tasks=("W->D", "D->W"))
    for method in EXACT:
        assert result["agreement"][f"surf/{method}"]["equal"] == 2, method
    assert "14 of 14 printed numbers met" in (tmp_path / "table.md").read_text()


def test_decaf6_has_the_printed_numbers(tmp_path, data_dir):
    methods = ("jda", "jgsa_primal", "jgsa_linear", "jgsa_rbf")
    result = run(tmp_path, str(data_dir), "default", features=("decaf6",), methods=methods)
    for method in methods[1:]:
        assert result["agreement"][f"decaf6/{method}"]["equal"] == 2, method
    assert abs(result["agreement"]["decaf6/jda"]["largest_deviation"]) < 100 / 295  # one image of webcam


@pytest.mark.all
def test_surf_has_the_printed_numbers_on_all_tasks(tmp_path, data_dir):
    result = run(
        tmp_path, str(data_dir), "default", features=("surf",), methods=(*EXACT, "gfk"), tasks=tuple(COLUMNS["surf"])
    )
    for method in EXACT:
        assert result["agreement"][f"surf/{method}"]["equal"] == 6, method
    assert abs(result["agreement"]["surf/gfk"]["mean_deviation"]) < 2


def test_the_document_marks_equal_and_deviating_numbers():
    entry = dict(features="surf", method="tca", reference=33.76, seconds=1.0, std=None)
    records = [
        dict(entry, task="A->D", ours=33.76, deviation=0.0),
        dict(entry, task="A->W", ours=30.0, deviation=-6.27),
    ]
    text = markdown.document(records, (), 10)
    assert "| TCA | 33.76 = | 30.00 (-6.27) | 31.88 | 2.0 |" in text and "1 of 2 printed numbers met" in text
