"""A sweep: its table says what the runs found, and its runs are those of the experiment with one field changed."""

import json

import pytest

from dlcv.engine import catalogue
from dlcv.engine.study import run_study
from dlcv.errors import Misuse
from dlcv.studies import sweep


def result(*seeds: float):
    return {
        "by_seed": {str(seed): {"valid/kl": value} for seed, value in enumerate(seeds)},
        "seconds": 61.0,
        "experiment": "x",
    }


def test_the_table_has_mean_and_deviation_of_each_value():
    table = sweep.as_table({"0.5": result(1.0, 3.0), "2": result(0.5, 0.5)}, "task_kw.beta", {"valid/kl": "nats"})
    lines = table.splitlines()
    assert lines[0] == "| task_kw.beta | valid/kl, nats | time |"
    assert lines[2].startswith("| 0.5 | 2 ± 1.4 |") and lines[3].startswith("| 2 | 0.5 ± 0 |")


def test_a_run_without_a_finite_seed_is_named():
    with pytest.raises(Misuse, match="stayed finite"):
        sweep.by_seed({"by_seed": {"0": None}, "experiment": "x"}, "valid/kl")


@pytest.mark.all
def test_each_value_is_a_run_of_its_own(tmp_path):
    config = catalogue.load("experiments/generative/kl_weight.py:smoke")
    found = run_study(config, tmp_path / "run", None, name="generative/kl_weight", rung="smoke", quiet=True)
    assert {name.split("/")[0] for name in found["metrics"]} == {"0.5", "2"}
    for value in ("0_5", "2"):
        held = json.loads((tmp_path / "run" / f"task_kw_beta_{value}" / "config.json").read_text())
        assert held["task_kw"]["beta"] == float(value.replace("_", "."))
    assert (tmp_path / "run" / "figures" / "sweep.png").stat().st_size > 1000
