"""Heterogeneous adaptation over draws: it gains more than its spread, goes on where it stopped, and shares draws among methods."""

import json

import pytest

from dlcv.engine import catalogue
from dlcv.engine.study import run_study
from dlcv.errors import Misuse
from dlcv.studies import heterogeneous

NAME = "adaptation/heterogeneous"


def run(folder, rung="default", data_dir=None, **changes):
    config = catalogue.load(f"experiments/{NAME}.py:{rung}")
    with config.unlocked():
        config.update(changes)
    return run_study(config, folder, data_dir, name=NAME, rung=rung, quiet=True)


@pytest.mark.all
def test_structure_preserving_projections_gain_more_than_their_spread(tmp_path):
    result = run(tmp_path / "run", seeds=3, study_kw=dict(tasks=("C->T", "B->C")))
    gain = result["metrics"]["gain/CDSPP"]
    assert gain["mean"] > gain["std"] and gain["mean"] > 3
    files = sorted((tmp_path / "run" / "cells").rglob("*.json"))
    assert len(files) == 6
    files[0].unlink()
    kept = {file: file.stat().st_mtime_ns for file in files[1:]}
    assert run(tmp_path / "run", seeds=3, study_kw=dict(tasks=("C->T", "B->C")))["metrics"] == result["metrics"]
    assert files[0].exists() and all(file.stat().st_mtime_ns == time for file, time in kept.items())
    assert json.loads((tmp_path / "run" / "table.json").read_text()) == result["metrics"]
    assert "| CDSPP |" in (tmp_path / "run" / "table.md").read_text() and (tmp_path / "run" / "table.png").exists()


def test_gains_are_paired_by_draw():
    names = list(heterogeneous.METHODS)
    draws = {"A->B": [dict(zip(names, values, strict=True)) for values in ((50, 60, 66, 70), (60, 70, 74, 80))]}
    metrics = heterogeneous.compare(draws)["metrics"]
    assert metrics["gain/CDSPP"] == {"mean": 10.0, "std": 0.0} and metrics["gain/CDLS"]["mean"] == 5.0
    assert metrics["mean/CDSPP"]["std"] > 7


def test_misuse(tmp_path):
    with pytest.raises(Misuse, match="unknown adaptation task 'T->C'"):
        run(tmp_path / "a", study_kw=dict(tasks=("T->C",)))
    with pytest.raises(Misuse, match=r"SURF_L10\.mat"):
        run(tmp_path / "b", "small")
