"""The loop: resume is exact wherever a run stopped, a loss that is not finite stops its seed, a finished run is left alone."""

import json
import logging
import os
import signal

import numpy as np
import pytest
import tiny

from dlcv.data.source import Data, Examples
from dlcv.engine import loop, restore
from dlcv.errors import Misuse

EMA = dict(decay=0.9, subtrees=())


def lines(folder):
    return (folder / "metrics.jsonl").read_text().splitlines()


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def stopping(experiment, call: int, monkeypatch, how):
    """Makes the run call `how()` after the `call`-th call of the compiled step."""
    plain, count = loop.Run._call, iter(range(1, 1000))

    def counted(self):
        plain(self)
        if next(count) == call:
            how()

    monkeypatch.setattr(loop.Run, "_call", counted)
    return plain


class Crash(Exception):
    pass


def crash():
    raise Crash


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(
    "changes", [{}, dict(seeds=2, steps_per_call=2, log_every=2, ema=EMA), dict(log_every=3, accumulate=2)]
)
@pytest.mark.parametrize(("how", "raised"), [(crash, Crash), (terminate, loop.Interrupted)])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, monkeypatch, changes, how, raised):
    make = lambda: tiny.Tiny(tiny.config(select=dict(metric="valid/error", mode="min"), **changes), noise=0.1)  # noqa: E731
    whole = loop.train(make(), tmp_path / "whole", quiet=True)
    for call in (1, 3) if how is crash else (2,):
        folder = tmp_path / f"{call}"
        plain = stopping(make(), call, monkeypatch, how)
        with pytest.raises(raised) as stopped:
            loop.train(make(), folder, quiet=True)
        assert raised is Crash or stopped.value.code == 0
        monkeypatch.setattr(loop.Run, "_call", plain)
        resumed = loop.train(make(), folder, quiet=True)
        for name in ("params_sha256", "metrics", "best", "best_step", "by_seed"):
            assert resumed[name] == whole[name], name
        assert lines(folder) == lines(tmp_path / "whole")
        for which in ("last", "best"):
            (a, left), (b, right) = (restore.weights(make(), each, which) for each in (folder, tmp_path / "whole"))
            assert a == b
            tiny.same(left, right)


def test_seeds_past_nine_resume_in_their_order(tmp_path, monkeypatch):
    config = tiny.config(seed=8, seeds=4, steps=4)
    whole = loop.train(tiny.Tiny(config), tmp_path / "whole", quiet=True)
    plain = stopping(tiny.Tiny(config), 3, monkeypatch, crash)
    with pytest.raises(Crash):
        loop.train(tiny.Tiny(config), tmp_path / "run", quiet=True)
    monkeypatch.setattr(loop.Run, "_call", plain)
    assert loop.train(tiny.Tiny(config), tmp_path / "run", quiet=True)["params_sha256"] == whole["params_sha256"]


def test_a_finished_run_is_left_alone(tmp_path, capsys):
    make = lambda: tiny.Tiny(tiny.config(select=dict(metric="valid/error", mode="min")))  # noqa: E731
    first = loop.train(make(), tmp_path / "run", quiet=True)
    before = files(tmp_path / "run")
    second = loop.train(make(), tmp_path / "run")
    assert json.loads(json.dumps(first)) == second
    assert files(tmp_path / "run") == before
    assert "tiny/regression test: 6 steps" in capsys.readouterr().out


def test_every_line_of_the_metrics_is_complete(tmp_path):
    loop.train(tiny.Tiny(tiny.config(seeds=2, log_every=2)), tmp_path / "run", quiet=True)
    found = [json.loads(line) for line in lines(tmp_path / "run")]
    assert [(line["step"], line["split"], line["seed"]) for line in found] == [
        (step, split, seed) for step in (2, 4, 6) for split in ("train", "valid") for seed in (0, 1)
    ]
    assert all(np.isfinite(value) for line in found for value in line.values() if isinstance(value, float))


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_checkpoint(tmp_path):
    with pytest.raises(
        loop.Diverged, match=r"player 'model' is not finite at step 4 \(seed 0\); the checkpoint of step 2 is kept"
    ):
        loop.train(tiny.Tiny(tiny.config(), finite_until=3), tmp_path / "run", quiet=True)
    step, (weights,) = restore.weights(tiny.Tiny(tiny.config()), tmp_path / "run")
    assert step == 2 and np.isfinite(weights.params["model"]["kernel"]).all()
    assert not (tmp_path / "run" / "result.json").exists()


class Poisoned(Examples):
    """Seed 0 reads nothing but the last row, which is not finite, from step 3 on."""

    def __len__(self):
        return len(self.arrays["y"]) - 1

    def indices(self, seed, step, batch_size):
        rows = super().indices(seed, step, batch_size)
        return np.full_like(rows, len(self)) if seed == 0 and step >= 3 else rows


@pytest.mark.parametrize("vectorised", [False, True])
def test_only_the_seed_that_diverged_stops(tmp_path, caplog, monkeypatch, vectorised):
    monkeypatch.setattr(logging.getLogger("dlcv"), "propagate", True)
    if vectorised:
        plain = loop.Execution
        monkeypatch.setattr(loop, "Execution", lambda *arguments: plain(*arguments, vectorised=True))
    single = loop.train(tiny.Tiny(tiny.config(seed=1)), tmp_path / "single", quiet=True)
    made = tiny.Tiny(tiny.config(seeds=2))
    columns = {
        name: np.concatenate([column, np.full_like(column[:1], np.nan)]) for name, column in tiny.batch(21, 1).items()
    }
    made.__dict__["data"] = Data(Poisoned(columns, "train"), made.data.splits, {})
    result = loop.train(made, tmp_path / "run", quiet=True)
    assert result["diverged"] == {"0": ["model", 4]}
    assert [record.getMessage() for record in caplog.records if "go on" in record.getMessage()] == [
        "the loss of player 'model' is not finite at step 4 (seed 0); the other seeds go on"
    ]
    assert result["metrics"]["valid/error"]["mean"] == pytest.approx(single["metrics"]["valid/error"]["mean"], rel=1e-5)
    assert result["by_seed"]["0"] == {} and set(result["by_seed"]["1"]) == {"valid/error"}  # it was evaluated before
    _, (stopped, alive) = restore.weights(made, tmp_path / "run")
    (finite,) = restore.finite_weights(made, tmp_path / "run", result).items()
    assert finite[0] == "1"
    tiny.same(finite[1], alive)
    assert np.isfinite(stopped.params["model"]["kernel"]).all() or vectorised
    assert np.isfinite(alive.params["model"]["kernel"]).all()
    assert {line["seed"] for line in map(json.loads, lines(tmp_path / "run")) if line["step"] > 4} == {1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            dict(select=dict(metric="valid/eror", mode="min")),
            r"unknown config.select.metric 'valid/eror': did you mean 'valid/error'\?",
        ),
        (dict(ema=dict(decay=0.9, subtrees=("modle",))), r"config.ema.subtrees 'modle': did you mean 'model'\?"),
        (dict(batch_size=10, mesh=dict(data=3)), r"config.mesh .* does not fit 1 device"),
        (dict(eval_batch_size=0), r"config.eval_batch_size must be at least 1"),
    ],
)
def test_misuse_leaves_no_folder(tmp_path, changes, message):
    from dlcv.engine import config as configs

    config = tiny.config(**changes)
    with pytest.raises(Misuse, match=message):
        configs.check(config)
        loop.train(tiny.Tiny(config), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_profile_is_written_and_changes_nothing(tmp_path):
    plain = loop.train(tiny.Tiny(tiny.config()), tmp_path / "plain", quiet=True)
    traced = loop.train(tiny.Tiny(tiny.config()), tmp_path / "traced", quiet=True, profile=True)
    assert traced["params_sha256"] == plain["params_sha256"] and traced["metrics"] == plain["metrics"]
    assert lines(tmp_path / "traced") == lines(tmp_path / "plain")
    assert list((tmp_path / "traced" / "profile").rglob("*.xplane.pb"))
