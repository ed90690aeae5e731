"""The experiments folder as a registry."""

import pytest

from dlcv.engine import catalogue
from dlcv.errors import Misuse


def test_an_experiment_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert catalogue.locate("experiments/adaptation/dann.py") == catalogue.files()["adaptation/dann"]
    assert catalogue.split_name("experiments/adaptation/dann.py:small") == ("adaptation/dann", "small")
    assert catalogue.split_name("experiments/adaptation/dann.py") == ("adaptation/dann", "default")


@pytest.mark.parametrize("typed", ["experiments/adaptation/dan.py", "adaptation/dan", "experiments/adaptation/dann"])
def test_a_misspelt_experiment_gets_the_nearest(typed):
    with pytest.raises(Misuse, match=r"did you mean --config=experiments/adaptation/dann.py\?"):
        catalogue.locate(typed)


def test_a_misspelt_rung_gets_the_nearest():
    with pytest.raises(Misuse, match=r"unknown rung 'papper'.*paper"):
        catalogue.load("experiments/adaptation/dann.py:papper")


def test_changes_reach_the_config():
    experiment = catalogue.experiment("experiments/adaptation/dann.py:smoke", None, seed=3, seeds=2)
    assert (experiment.config.seed, experiment.config.seeds, experiment.rung) == (3, 2, "smoke")


def test_the_list_names_every_experiment_with_its_rungs():
    lines = catalogue.listing().splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue.files())
    assert all("smoke" in line.split() and {"default", "small"} & set(line.split()) for line in lines)


def test_an_experiment_elsewhere_can_be_run(tmp_path):
    file = tmp_path / "topic" / "mine.py"
    file.parent.mkdir()
    file.write_text('"""Mine."""\nRUNGS = ("smoke",)\ndef get_config(rung):\n    return rung\n')
    assert catalogue.load(f"{file}:smoke") == "smoke"
    assert catalogue.split_name(f"{file}:smoke") == ("topic/mine", "smoke")
    assert catalogue.rungs(file) == ("smoke",)
