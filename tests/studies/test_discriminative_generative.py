"""Discriminative against generative: all classifiers see the same labels, errors are those of the models, mistakes come first."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import data
from dlcv.engine import catalogue
from dlcv.engine.config import study
from dlcv.errors import Misuse
from dlcv.shallow.bayes import naive_bayes
from dlcv.studies import discriminative_generative as module
from dlcv.studies.comparison import changed

DIGITS = {"name": "digits", "size": 8}
CLOSED = (("logistic", "logistic_regression", {}), ("naive", "naive_bayes", {}), ("gaussian", "gaussians", {}))


def run(folder, **changes):
    how = {"data": DIGITS, "labelled": (5,), "classifiers": CLOSED, **changes}
    return module.run(study("discriminative_generative", seeds=2), folder, None, True, **how)


def test_errors_are_those_of_the_models_on_the_seed_s_labels(tmp_path):
    found = run(tmp_path)
    drawn = data.load({"name": "subset", "of": DIGITS, "labelled": 5}, None)
    test = drawn.splits["valid"].arrays
    for seed, error in enumerate(found["by_seed"]["naive/5/error"]):
        rows = drawn.train.rows(seed)
        x, labels = drawn.train.arrays["image"][rows].reshape(50, -1) / 255, drawn.train.arrays["label"][rows]
        with jax.enable_x64(True):
            model = naive_bayes(jnp.asarray(x), jnp.asarray(labels), classes=10)
            told = np.asarray(model.log_joint(jnp.asarray(test["image"].reshape(400, -1) / 255))).argmax(1)
        assert error == (told != test["label"]).mean()
    assert all(0 < error < 0.4 for errors in found["by_seed"].values() for error in errors)
    assert found["seeds"] == [0, 1] and found["metrics"]["gaussian/5/error"]["std"] > 0
    assert (tmp_path / "figures" / "discriminative_generative.png").stat().st_size > 10_000
    kept = sorted(file.relative_to(tmp_path / "cells").as_posix() for file in (tmp_path / "cells").rglob("*.npy"))
    assert kept == ["gaussian/5.npy", "naive/5.npy"]
    samples = np.load(tmp_path / "cells" / "naive" / "5.npy")
    assert samples.shape == (80, 8, 8, 1) and samples.min() >= 0 and samples.max() <= 1


def test_a_trained_classifier_sees_the_same_labels():
    vae = catalogue.load("experiments/generative/discriminative_generative.py:smoke").study_kw.classifiers[-1]
    options = {"name": "subset", "of": {"name": "digits"}, "labelled": 3}
    experiment = changed(vae[2]["source"], None, {**vae[2]["changes"], "data": options})
    for seed in (0, 1):
        rows = data.load(options, None).train.rows(seed)
        np.testing.assert_array_equal(experiment.data.train.rows(seed), rows)
        assert set(experiment.data.train.indices(seed, 0, 64)) <= set(rows)


def test_the_least_error_of_each_column_is_bold():
    cells = {
        "a": {2: {"errors": {"0": 0.5, "1": 0.3}}, 5: {"errors": {"0": 0.1, "1": 0.1}}},
        "b": {2: {"errors": {"0": 0.2, "1": 0.2}}, 5: {"errors": {"0": 0.2, "1": 0.4}}},
    }
    for label, steps in (("a", 0), ("b", 7)):
        for cell in cells[label].values():
            cell.update(steps=steps, seconds=1.0)
    found = module.summary(cells, range(2))
    assert found["seconds"] == 4 and found["step"] == 7 and found["by_seed"]["a/2/error"] == [0.5, 0.3]
    assert module.as_table(cells, found).splitlines() == [
        "| labels a class | 2 | 5 |", "|---|---|---|", "| a | 40.0 ± 14.1 | **10.0 ± 0.0** |",
        "| b | **20.0 ± 0.0** | 30.0 ± 14.1 |", "", "Test error, %, over 2 draws of the labels.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classifiers": (("x", "naive_bays", {}),)}, "unknown classifier in config.study_kw.classifiers 'naive_bays': did you mean"),
        ({"classifiers": CLOSED[:1] * 2}, "study_kw.classifiers has a label twice"),
        ({"labelled": (1,), "classifiers": CLOSED[1:2]}, "labels a class: 1 are too few for a variance, use 2 or more"),
        ({"labelled": (500,)}, "one class has only"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(changes, message, tmp_path):
    with pytest.raises(Misuse) as caught:
        run(tmp_path, **changes)
    assert message in str(caught.value) and "\n" not in str(caught.value)
