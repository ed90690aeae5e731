"""A user's own images through the door: DCGAN on a folder and pix2pix on pairs, by the data options alone."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcv.engine import catalogue
from dlcv.engine.experiment import elsewhere, make_task
from dlcv.errors import Misuse

RNG = np.random.default_rng(0)
SHORT = (
    "--config.steps=2",
    "--config.seeds=1",
    "--config.task_kw.width=4",
    "--config.eval_every=0",
    "--config.score_every=0",
)


def pictures(folder, count=20, shape=(40, 30, 3)):
    folder.mkdir(parents=True)
    for index in range(count):
        Image.fromarray(RNG.integers(0, 256, shape, np.uint8)).save(folder / f"{index}.png")
    return folder


@pytest.mark.parametrize(
    ("system", "form", "shape", "options"),
    [
        ("dcgan", "folder", (40, 30, 3), ("--config.data.size=16",)),
        pytest.param("dcgan", "folder", (40, 30, 3), ("--config.data.channels=1",), marks=pytest.mark.all),
        pytest.param("pix2pix", "paired_folder", (24, 48, 3), ("--config.data.size=16",), marks=pytest.mark.all),
    ],
)
def test_own_images_train_by_the_data_options_alone(system, form, shape, options, run_door, tmp_path):
    """Only the run's length and the networks' width are changed for speed."""
    folder, run = pictures(tmp_path / "images", shape=shape), tmp_path / "run"
    source = f"--config=experiments/generative/{system}.py"
    done = run_door(
        source,
        f"--config.data.name={form}",
        f"--config.data.path={folder}",
        f"--workdir={run}",
        *options,
        *SHORT,
        check=True,
    )
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("dlcv:")]
    assert "not judged" in line and form in line
    result = json.loads((run / "result.json").read_text())
    assert result["step"] == 2 and not [name for name in result["metrics"] if name.startswith("lenet")]
    assert not (run / "start").exists() and list((run / "figures" / "2").glob("*.png"))


def config_of(system, **data):
    config = catalogue.load(f"experiments/generative/{system}.py")
    own = config.data.copy_and_resolve_references()
    with config.unlocked():
        config.data.update(data)
    return config, own


def test_the_judge_stays_where_it_knows_the_images_and_where_it_is_asked_for(tmp_path):
    for data in ({}, {"size": 32}, {"name": "mnist"}):
        config, own = config_of("dcgan", **data)
        assert elsewhere(config, own) == "" and config.task_kw.judge and config.select.metric == "lenet/frechet"
    for system in ("vae", "autoencoder", "denoising", "acgan"):
        config, own = config_of(system, channels=3)
        assert "not judged" in elsewhere(config, own) and not config.task_kw.judge
    config, own = config_of("dcgan", channels=3)
    assert "not judged" in elsewhere(config, own, given=("task_kw.judge",))
    assert config.task_kw.judge and not config.start.source and not config.select.metric


@pytest.mark.parametrize("system", ["colour_autoencoder", "colourisation", "adversarial_colourisation"])
def test_systems_without_a_judge_are_not_told_to_leave_it(system):
    config, own = config_of(system, name="digits_on_photographs")
    elsewhere(config, own)
    assert make_task(config).players and not config.start.source


@pytest.mark.parametrize("system", ["acgan", "conditional_gan"])
def test_classes_are_asked_of_labelled_images_alone(system, tmp_path):
    config, own = config_of(system, name="folder", path=str(pictures(tmp_path / "flat", 2)))
    elsewhere(config, own)
    with pytest.raises(Misuse, match="one subfolder a class"):
        make_task(config)
