"""Reading strips: errors by greedy decoding and by a beam, what is shown, and data that have no label sequences."""

import jax
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.tasks.ctc import beam_score, posteriors_figure, readings

CLASSES = ("", *"0123456789")


def seen() -> View:
    """Two strips over frames that say 1 2 2 and 3; the second is labelled 3 4."""
    path = np.array([[2, 0, 3, 0, 3, 0], [4, 4, 0, 0, 0, 0]])
    logits = 9 * np.eye(11, dtype=np.float32)[path]
    outputs = {
        "logits": logits, "frames": np.array([6, 4]), "labels": np.array([[2, 3, 3, 0, 0, 0], [4, 0, 0, 0, 0, 0]]),
        "lengths": np.array([3, 1]), "distance": np.array([0, 1]),
    }  # fmt: skip
    examples = {
        "image": np.zeros((2, 20, 24, 1), np.uint8), "labels": np.array([[2, 3, 3], [4, 5, 0]]), "length": np.array([3, 2])
    }  # fmt: skip
    return View(Variables({}), {"valid": outputs}, {"valid": examples}, jax.random.key(0), {"classes": CLASSES})


def test_the_beam_is_scored_by_strips_and_by_labels():
    assert beam_score(seen(), 4) == pytest.approx({"sequence_error": 0.5, "label_error": 1 / 5})


def test_strips_that_are_read_wrongly_are_shown_first():
    arrays = posteriors_figure(seen()).arrays
    assert arrays["titles"] == ["34, read 3", "122, read right"]
    np.testing.assert_allclose(arrays["posteriors"].sum(-1), 1, atol=1e-5)


def test_readings_tell_the_truth_and_the_likeliest_sequences():
    view = seen()
    found = readings(lambda *_: view.outputs["valid"], view, count=2, width=4)["readings"].splitlines()
    assert found[0].startswith("122: 122 0.9") and found[1].startswith("34: 3 0.9") and found[0].count(",") == 2
    (line,) = readings(lambda *_: view.outputs["valid"], view, count=1, width=1)["readings"].splitlines()
    assert line.startswith("122: 122 ") and "," not in line


def test_data_without_label_sequences_are_refused():
    with pytest.raises(Misuse, match="no label sequences"):
        make_task(configs.experiment(task="ctc", data=dict(name="digits")))
