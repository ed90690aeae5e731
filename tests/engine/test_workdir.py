"""A run's folder is claimed by one config and taken over by no other."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcv.engine import config as configs
from dlcv.engine import workdir
from dlcv.errors import Misuse


def test_the_same_config_takes_its_folder_up_again(tmp_path):
    config = configs.experiment(task="gan")
    assert workdir.claim(tmp_path / "a" / "run", config) == tmp_path / "a" / "run"
    workdir.claim(tmp_path / "a" / "run", configs.experiment(task="gan"))
    assert configs.resolved(workdir.held_config(tmp_path / "a" / "run")) == configs.resolved(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(steps=7), r"holds another run \(config.steps: 5 there, 7 here\)"),
        (dict(optimizer=configs.optimizer("sgd")), r"config.optimizer.name: 'adam' there, 'sgd' here"),
        (dict(data=dict(name="digits", size=32)), r"config.data.size: missing there, 32 here"),
    ],
)
def test_another_config_is_refused_and_told_what_differs(tmp_path, changes, message):
    workdir.claim(tmp_path / "run", configs.experiment(steps=5))
    before = (tmp_path / "run" / "config.json").read_bytes()
    with pytest.raises(Misuse, match=message):
        workdir.claim(tmp_path / "run", configs.experiment(**{"steps": 5, **changes}))
    assert (tmp_path / "run" / "config.json").read_bytes() == before


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(Misuse, match="not empty and holds no run"):
        workdir.claim(tmp_path, configs.experiment())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_claim_that_was_killed_half_way_can_be_repeated(tmp_path):
    (tmp_path / "config.json.partial").write_text("{")
    workdir.claim(tmp_path, configs.experiment())
    assert json.loads((tmp_path / "config.json").read_text())["steps"] == 1


def test_processes_of_one_run_claim_its_folder_at_once(tmp_path):
    config, workers = configs.experiment(), 8
    with ThreadPoolExecutor(workers) as pool:
        for run in range(20):
            folder = tmp_path / str(run)
            claimed = pool.map(lambda _, folder=folder: workdir.claim(folder, config), range(workers))
            assert list(claimed) == [folder] * workers
            assert [path.name for path in folder.iterdir()] == ["config.json"]


def test_a_config_that_is_not_json_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(Misuse, match="not readable JSON"):
        workdir.claim(tmp_path, configs.experiment())
    with pytest.raises(Misuse, match="not readable JSON"):
        workdir.held_config(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(Misuse, match="cannot be written"):
            workdir.claim(folder, configs.experiment())


def test_a_folder_without_a_run_holds_no_config(tmp_path):
    with pytest.raises(Misuse, match="holds no run"):
        workdir.held_config(tmp_path)


def test_a_released_folder_leaves_nothing(tmp_path):
    folder = workdir.claim(tmp_path / "run", configs.experiment())
    workdir.release(folder)
    assert not folder.exists()
    folder = workdir.claim(tmp_path / "run", configs.experiment())
    (folder / "metrics.jsonl").write_text("{}")
    workdir.release(folder)  # a run that has begun is left alone
    assert (folder / "config.json").exists()
