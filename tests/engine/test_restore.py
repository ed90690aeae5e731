"""Weights back from a run: as the start of another one, by rules; what is refused is refused before anything is written."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tiny

from dlcv.engine import catalogue, loop, restore
from dlcv.engine.task import Player, Variables
from dlcv.errors import Misuse

RULES = ((r"model/(.*)", r"left/\1"), (r"model/(.*)", r"right/\1"))


def pair(optimizer, rows, **fields):
    """Two copies of the regression: `left` is trained, `right` is frozen; the loss is that of the sum of both."""
    alone = tiny.regression(optimizer, rows)

    def init(key, spec):
        one = alone.init(key, spec)
        return Variables({name: jax.tree.map(jnp.copy, one.params["model"]) for name in ("left", "right")},
                         {name: {"seen": jnp.zeros(())} for name in ("left", "right")})  # fmt: skip

    def loss(params, stats, carry, batch, key, step):
        both = {"model": jax.tree.map(jnp.add, params["left"], params["right"])}
        value, aux = alone.players[0].loss(both, {"model": stats["left"]}, {}, batch, key, step)
        return value, aux._replace(stats={"left": aux.stats["model"], "right": aux.stats["model"]})

    def predict(variables, batch, key):
        return alone.predict(Variables({"model": variables.params["left"]}), batch, key)

    return replace(
        alone, init=init, players=(Player("model", ("left",), loss, optimizer),), predict=predict, frozen=("right",)
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """(a trained experiment, its workdir): two seeds, an average of the weights, the best kept."""
    config = tiny.config(
        seeds=2, steps=4, ema=dict(decay=0.5, subtrees=()), select=dict(metric="valid/error", mode="min")
    )
    folder = tmp_path_factory.mktemp("source") / "run"
    made = tiny.Tiny(config)
    loop.train(made, folder, quiet=True)
    return made, folder


@pytest.fixture
def opened(monkeypatch, source):
    """Workdirs hold tiny experiments here, which the registry of tasks does not know."""
    monkeypatch.setattr(restore, "Experiment", lambda config, data_dir: tiny.Tiny(config))
    return source


def started(source, rules=RULES, **changes):
    return tiny.Tiny(tiny.config(steps=2, start=dict(source=str(source), which="last", rules=rules), **changes), pair)


def test_weights_are_the_averaged_ones(source):
    made, folder = source
    step, found = restore.weights(made, folder)
    assert step == 4 and len(found) == 2
    assert not np.array_equal(found[0].params["model"]["kernel"], found[1].params["model"]["kernel"])
    best_step, best = restore.weights(made, folder, "best")
    assert best_step in (2, 4) and len(best) == 2
    if best_step == 4:
        tiny.same(best[0].params, found[0].params)


def test_one_subtree_starts_several_and_a_frozen_one_stays(opened, tmp_path):
    made, folder = opened
    _, weights = restore.weights(made, folder)
    experiment = started(folder, ema=dict(decay=0.5, subtrees=("left",)))
    loop.train(experiment, tmp_path / "run", quiet=True)
    _, (found,) = restore.weights(experiment, tmp_path / "run")
    tiny.same(found.params["right"], weights[0].params["model"])
    tiny.same(found.stats["right"], weights[0].stats["model"])
    assert not np.array_equal(found.params["left"]["kernel"], weights[0].params["model"]["kernel"])


def test_every_seed_starts_from_its_own_or_shares_one(opened, tmp_path):
    made, folder = opened
    _, weights = restore.weights(made, folder)
    experiment = started(folder, seeds=3)
    loop.train(experiment, tmp_path / "run", quiet=True)
    _, found = restore.weights(experiment, tmp_path / "run")
    for index, variables in enumerate(found):
        tiny.same(variables.params["right"], weights[index % 2].params["model"])


def test_every_seed_of_the_source_can_be_named(opened, tmp_path):
    made, folder = opened
    _, weights = restore.weights(made, folder)
    rules = ((r"seed_1/model/(.*)", r"right/\1"), (r"model/(.*)", r"left/\1"))
    target = restore.weights(started(folder), _run(started(folder, rules), tmp_path))[1][0]
    tiny.same(target.params["right"], weights[1].params["model"])
    with pytest.raises(Misuse, match=r"'seed_2/model/\(\.\*\)' matches no weight"):
        _run(started(folder, ((r"seed_2/model/(.*)", r"right/\1"),)), tmp_path / "other")


def _run(experiment, folder):
    loop.train(experiment, folder / "run", quiet=True)
    return folder / "run"


def test_a_frozen_subtree_is_filled_wholly_or_not_at_all(opened, tmp_path):
    with pytest.raises(Misuse, match=r"leaves right/bias of the frozen subtree 'right' at random"):
        loop.train(started(opened[1], ((r"model/kernel", r"right/kernel"),)), tmp_path / "run", quiet=True)


def test_an_experiment_is_trained_on_demand_and_once(monkeypatch, tmp_path):
    trained = []
    plain = loop.train
    monkeypatch.setattr(catalogue, "experiment", lambda source, data_dir: tiny.Tiny(tiny.config(steps=2)))
    monkeypatch.setattr(
        loop, "train", lambda experiment, folder, **more: trained.append(folder) or plain(experiment, folder, **more)
    )
    experiment = started("experiments/tiny/regression.py:smoke")
    result = plain(experiment, tmp_path / "run", quiet=True)
    assert trained == [tmp_path / "run" / "start"] and (tmp_path / "run" / "start" / "result.json").exists()
    again = started("experiments/tiny/regression.py:smoke")
    assert plain(again, tmp_path / "run", quiet=True)["params_sha256"] == result["params_sha256"]
    assert len(trained) == 1  # the run goes on from its own checkpoint


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (((r"modle/(.*)", r"left/\1"),), r"'modle/\(\.\*\)' matches no weight of the source"),
        (((r"model/(.*)", r"middle/\1"),), r"unknown target of config.start.rules 'middle/"),
        (((r"model/kernel", r"left/bias"),), r"left/bias is \[3\] in the source, \[\] here"),
        (((r"model/(.*", r"left/\1"),), r"no regular expression"),
        (((r"model/.*", r"left/\1"),), r"no regular expression"),
    ],
)
def test_rules_that_do_not_fit_are_refused_before_anything_is_written(opened, tmp_path, rules, message):
    with pytest.raises(Misuse, match=message):
        loop.train(started(opened[1], rules), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_source_that_is_no_run_is_refused(opened, tmp_path):
    with pytest.raises(Misuse, match="holds no run"):
        loop.train(started(tmp_path / "nothing"), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_that_is_not_there_is_refused(source, tmp_path):
    made, folder = source
    with pytest.raises(Misuse, match=r"unknown checkpoint 'newest'"):
        restore.weights(made, folder, "newest")
    with pytest.raises(Misuse, match="no intact checkpoint"):
        restore.weights(made, tmp_path)
