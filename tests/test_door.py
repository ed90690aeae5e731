"""The doors' flags: options that an experiment's file does not write down, another data set, values as Python reads them."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcv import door


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("0.5", 0.5), ("(1, 2)", (1, 2)), ("True", True), ("a/b.txt", "a/b.txt"), ("", "")]
)
def test_literals_are_python_values_where_they_read_as_such(text, value):
    assert door.literal(text) == value and type(door.literal(text)) is type(value)


@pytest.mark.all
def test_a_folder_of_pairs_trains_pix2pix(run_door, tmp_path):
    """`path` and `size` stand in no experiment, and the options of pix2pix's own set are gone."""
    (tmp_path / "pairs").mkdir()
    for index in range(20):
        pixels = np.random.default_rng(index).integers(0, 256, (16, 32, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pairs" / f"{index}.png")
    run_door(
        "--config=experiments/generative/pix2pix.py:smoke", "--config.data.name=paired_folder",
        f"--config.data.path={tmp_path / 'pairs'}", "--config.data.size=16", f"--workdir={tmp_path / 'run'}", "--quiet", check=True,
    )  # fmt: skip
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["data"] == {"name": "paired_folder", "path": str(tmp_path / "pairs"), "size": 16}
    assert json.loads((tmp_path / "run" / "result.json").read_text())["step"] == config["steps"]


@pytest.mark.all
def test_options_of_the_experiments_own_set_stay(run_door, tmp_path):
    run_door(
        "--config=experiments/generative/pix2pix.py:smoke", "--config.data.size=16", "--config.task_kw.dropout=0.0",
        "--config.steps=3", f"--workdir={tmp_path / 'run'}", "--quiet", check=True,
    )  # fmt: skip
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (
        config["data"]["direction"] == "b_to_a" and config["data"]["size"] == 16 and config["task_kw"]["dropout"] == 0.0
    )
