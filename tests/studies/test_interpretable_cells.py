"""Interpretable cells: recorded states are the model's, labels stand beside their characters, the study leaves page and figure."""

import base64
import json
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import catalogue
from dlcv.engine.study import run_study
from dlcv.engine.task import Variables
from dlcv.errors import Misuse
from dlcv.language.lexer import labels
from dlcv.studies import interpretable_cells as study

CODE = dict(name="code", length=16, limit=8000)


@pytest.fixture(scope="module")
def experiment():
    return catalogue.experiment("experiments/recurrence/char_lm.py:smoke", None, data=CODE)


@pytest.fixture(scope="module")
def variables(experiment):
    return jax.jit(lambda key: experiment.task.init(key, experiment.task.batch_spec))(jax.random.key(0))


def test_recorded_states_are_those_that_a_stretch_leaves_behind(experiment, variables):
    """One call over a stretch of length n ends in the state that is recorded n characters after the beginning."""
    task = experiment.task
    tokens = experiment.data.splits["valid"].arrays["tokens"][:18]
    units, values, nats = study.states(task, variables, tokens)
    assert len(units) == values.shape[1] == 256 and len(values) == len(nats) == 17
    assert units[0] == "layer 0 c 0" and units[128] == "layer 0 h 0"
    rested = jax.tree.map(lambda leaf: np.zeros((1, *leaf.shape[1:]), leaf.dtype), variables.carry)
    for length in (1, 9, 17):
        batch = {"tokens": jnp.asarray(tokens[None, : length + 1])}
        outputs = jax.jit(task.predict)(variables.replace(carry=rested), batch, jax.random.key(0))
        c, h = (np.asarray(leaf)[0] for leaf in outputs["carry"]["model"]["layer_0"])
        np.testing.assert_allclose(values[length - 1], np.concatenate([c, h]), atol=1e-5)
        np.testing.assert_allclose(nats[:length], outputs["nats"][0], atol=1e-4)


def test_labels_stand_beside_their_characters_and_know_what_came_before(experiment):
    text, found = study.passage(experiment.data, "python", 300)
    vocabulary, data = experiment.data.info["vocabulary"], experiment.data
    parts = [data.train.arrays["tokens"], data.splits["valid"].arrays["tokens"][:300]]
    whole = "".join(vocabulary[token] for token in np.concatenate(parts))
    assert whole.endswith(text) and len(text) == 300
    for name, expected in labels(whole, "python").items():
        np.testing.assert_array_equal(found[name], expected[-300:])


def test_colours_are_what_the_cell_shows():
    levels = study.coloured(["layer 0 c 0", "layer 0 h 0"], np.array([[2.0, 0.5], [-0.1, 3.0]]))
    np.testing.assert_allclose(levels, [[np.tanh(2.0), 0.5], [np.tanh(-0.1), 1.0]])


def test_a_passage_is_shown_where_labels_vary():
    text = "a\n" * 50 + "b\n" * 20 + "a\n" * 50
    found = {"string": np.array([character == "b" for character in text]), "position": np.arange(len(text)) % 2}
    start = study.telling(found, text, 0, 40)
    assert text[start - 1] == "\n" and found["string"][start : start + 40].sum() >= 19


def test_cells_are_ranked_shown_and_reported(experiment, variables, tmp_path, monkeypatch):
    text, labels = study.passage(experiment.data, "python", 600)
    found = study.searched_cells(experiment, variables, text, labels, 2, 0)
    best = found["labels"]["position"]["cells"]
    assert [cell["chosen"] for cell in best] == sorted((cell["chosen"] for cell in best), reverse=True)
    assert found["units"] == 128 and len(found["labels"]["string"]["baseline"]) == 2
    units, values, _ = study.states(experiment.task, variables, study._encoded(experiment.data, text))
    assert units[best[0]["unit"]] == best[0]["name"]
    study.show(tmp_path, "model", text, labels, units, values, found, 150)
    assert (tmp_path / "figures" / "cells.png").stat().st_size > 1000
    page = (tmp_path / "cells.html").read_text()
    content = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    shown = "".join(content["characters"])
    place = text.index(shown)
    kept = np.frombuffer(base64.b64decode(content["values"]), np.int8).reshape(256, len(shown))
    expected = study.coloured(units, values[place : place + len(shown)]).T
    np.testing.assert_allclose(kept / 127, expected, atol=0.5 / 127 + 1e-6)
    assert content["detectors"][0]["name"] == found["labels"]["prose"]["cells"][0]["name"]

    monkeypatch.setattr(study, "GOAL", best[0]["score"])
    found = study.searched_cells(experiment, variables, text, labels, 2, 0)
    result = study.report({"0": found, "1": found}, {"step": 3, "metrics": {}, "seconds": 1.0}, tmp_path, True)
    assert result["metrics"]["position/score"] == {"mean": pytest.approx(best[0]["score"]), "std": 0}
    told = sum(row["cells"][0]["score"] >= study.GOAL for row in found["labels"].values())
    assert result["by_seed"]["labels_told"] == {"0": told, "1": told}
    assert result["metrics"]["cells"]["mean"] >= 1 and told >= 1
    assert f"| position in line | |r| | {best[0]['score']:.2f} ± 0.00 |" in (tmp_path / "table.md").read_text()


def test_units_that_tell_a_label_are_counted_once_and_not_the_best_ten_alone(tmp_path):
    """Of 20 units, 12 hold a bit in c and in h, one of them and one more a number: 13 tell something, on what was held out."""
    rng = np.random.default_rng(0)
    bit, number = np.repeat(rng.random(200) < 0.3, 20), np.repeat(rng.integers(0, 9, 200), 20)
    units = [f"layer 0 {state} {unit}" for state in "ch" for unit in range(20)]
    values = rng.normal(size=(4000, 40)).astype(np.float32)
    for column in (*range(12), *range(20, 32)):
        values[:, column] = 0.3 * values[:, column] + np.where(bit, -2, 2)
    values[:, [3, 15]] = 5 * values[:, [3, 15]] + 20 * number[:, None]
    values[2000:, 7] = rng.normal(size=2000)  # what c tells in the first half alone; h still tells it
    labels = {name: bit if name in ("string", "prose") else rng.random(4000) < 0.1 for name in study.NAMES}
    labels["position"] = number
    found = {name: study.search_label(units, values, label, (700, 1300)) for name, label in labels.items()}
    assert found["string"]["told_by"] == sorted(f"layer 0 {unit}" for unit in range(12))
    assert found["position"]["told_by"] == ["layer 0 15", "layer 0 3"] and found["margin"]["told_by"] == []
    assert len(found["string"]["cells"]) == 10
    searched = {"0": {"nats": 1.0, "units": 20, "labels": found}}
    result = study.report(searched, {"metrics": {}}, tmp_path, True)
    assert result["by_seed"] == {"labels_told": {"0": 3}, "cells": {"0": 13}}
    assert "c and h being one: 13 of 20." in (tmp_path / "table.md").read_text()


@pytest.mark.all
def test_a_workdir_is_searched_as_the_run_of_its_experiment_is(tmp_path):
    config = catalogue.load("experiments/recurrence/interpretable_cells.py:smoke")
    result = run_study(config, tmp_path / "study", None, name="x", rung="smoke", quiet=True)
    config.study_kw.source, config.study_kw.changes = str(tmp_path / "study" / "run"), {}
    again = run_study(config, tmp_path / "again", None, name="x", rung="smoke", quiet=True)
    assert again["metrics"]["position/score"] == result["metrics"]["position/score"]


def test_a_model_that_keeps_no_state_is_refused():
    task = SimpleNamespace(batch_spec={}, init=lambda key, spec: Variables({}))
    with pytest.raises(Misuse, match="recurrent language model"):
        study.states(task, Variables({}), np.zeros(3, np.int32))
