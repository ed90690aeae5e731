"""What a run remembers: means since the last log, the best evaluation, the first loss that is not finite."""

import json

import numpy as np
import pytest

from dlcv.engine.record import Record


def test_means_are_over_all_steps_since_the_last_log():
    record = Record()
    record.add(0, {"model/loss": np.array([1.0, 2.0])}, 0)
    record.add(0, {"model/loss": np.array([6.0, 7.0])}, 2)
    assert record.means(0) == {"model/loss": 4.0}
    assert record.means(0) == {}


@pytest.mark.parametrize("name", ["critic/loss", "critic/gradient_norm"])
def test_the_first_step_that_is_not_finite_is_named(name):
    record = Record()
    assert record.add(3, {name: np.array([1.0, 2.0])}, 8) is None
    bad = record.add(3, {"maker/loss": np.array([1.0, 1.0, np.inf]), name: np.array([1.0, np.nan, np.nan])}, 10)
    assert bad == ("critic", 12)  # steps count from 1
    assert record.diverged == {"3": ["critic", 12]}


def test_a_metric_that_is_not_finite_stops_nothing():
    assert Record().add(0, {"model/ratio": np.array([np.nan]), "model/loss": np.array([1.0])}, 0) is None


@pytest.mark.parametrize(("mode", "best"), [("max", 2), ("min", 3)])
def test_the_best_evaluation_is_kept_per_seed(mode, best):
    record, values = Record(), {1: 0.5, 2: 0.9, 3: 0.1, 4: 0.9}
    for step, value in values.items():
        better = record.evaluated(0, step, {"valid/accuracy": value}, "valid/accuracy", mode)
        assert better == (record.best["0"]["step"] == step)
    assert record.best["0"] == {"step": best, "metrics": {"valid/accuracy": values[best]}}
    assert record.last["0"] == {"valid/accuracy": 0.9}
    assert not record.evaluated(1, 5, {"valid/accuracy": float("nan")}, "valid/accuracy", mode)
    assert "1" not in record.best


def test_nothing_is_forgotten_on_the_way_through_a_checkpoint():
    record = Record(seconds=1.5)
    record.add(0, {"model/loss": np.array([0.1, np.nan], np.float32)}, 0)
    record.evaluated(0, 2, {"valid/accuracy": 0.3}, "valid/accuracy", "max")
    again = Record.from_notes(json.loads(json.dumps(record.notes())))
    assert repr(again) == repr(record)  # nan is not equal to itself
