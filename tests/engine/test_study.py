"""A study's cells are computed once, and SIGTERM ends it between or inside of them."""

import os
import signal
import time
from types import ModuleType

import jax
import pytest

from dlcv.engine import config as configs
from dlcv.engine.study import cell, run_study
from dlcv.engine.termination import Interrupted, termination


@pytest.fixture
def study(monkeypatch):
    """A study of three cells; what `before` does happens before the second."""
    module = ModuleType("dlcv.studies.three_cells")

    def run(config, folder, data_dir, quiet):
        def compute(index):
            module.computed.append(index)
            if index == 1:
                module.before()
            return index

        return {"metrics": {f"{i}": cell(folder / f"{i}.json", lambda i=i: compute(i)) for i in range(3)}}

    module.run, module.computed = run, []
    monkeypatch.setattr("dlcv.engine.study.load_module", lambda *_: module)
    return module


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def start(folder):
    return run_study(configs.study("three_cells"), folder, None, name="three_cells", rung="default", quiet=True)


def test_sigterm_ends_a_study_and_it_goes_on_from_the_next_cell(study, tmp_path):
    study.before = terminate
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted) as left:
        start(tmp_path / "run")
    assert left.value.code == 0 and study.computed == [0, 1]
    assert signal.getsignal(signal.SIGTERM) is before
    study.before = lambda: None
    assert start(tmp_path / "run")["metrics"] == {"0": 0, "1": 1, "2": 2}
    assert study.computed == [0, 1, 1, 2]


def test_seconds_are_those_of_all_calls_unless_the_study_gives_its_own(study, tmp_path):
    def terminated_late():
        time.sleep(0.2)
        terminate()

    study.before = terminated_late
    with pytest.raises(Interrupted):
        start(tmp_path / "run")
    study.before = lambda: None
    result = start(tmp_path / "run")
    assert 0.2 < result["seconds"] < start(tmp_path / "run")["seconds"]
    assert result["devices"] == {"platform": "cpu", "kind": "cpu", "count": jax.device_count()}
    plain = study.run
    study.run = lambda config, folder, data_dir, quiet: {**plain(config, folder, data_dir, quiet), "seconds": 7.0}
    assert start(tmp_path / "own")["seconds"] == 7.0


def test_a_run_inside_a_study_hears_of_it_first(study, tmp_path):
    """Its loop sees a flag and may save; the study's own way of leaving is back afterwards."""
    flags = []

    def run_with_a_flag():
        with termination() as flag:
            terminate()
            flags.append(flag.is_set())

    study.before = run_with_a_flag
    assert start(tmp_path / "run")["metrics"]["2"] == 2
    assert flags == [True]
