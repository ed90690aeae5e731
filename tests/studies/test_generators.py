"""Generative systems compared: gains paired by seed, their interval, and the norm of a generator's gradient."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import catalogue
from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.step import init_state, train_step
from dlcv.engine.study import run_study
from dlcv.errors import Misuse
from dlcv.studies import comparison, generators, vanishing_gradients

POINTS = "experiments/generative/points_gan.py"


def test_gains_are_paired_by_seed_with_students_interval():
    first, second = [1.0, 5.0, 9.0, 2.0], [2.0, 6.5, 9.5, 3.0]
    results = {
        label: {
            "by_seed": {str(seed): {"a/b": value} for seed, value in enumerate(values)}, "metrics": {}, "best": {}, "seconds": 1.0,
            "seeds": [0, 1, 2, 3], "step": 3, "params_sha256": label,
        }
        for label, values in (("one", first), ("two", second))
    }  # fmt: skip
    found = generators.summary(results, ["a/b"])
    differences = np.array([1.0, 1.5, 0.5, 1.0])
    assert found["by_seed"] == {"two/gain/a/b": differences.tolist()}
    half = (
        3.182446305284263 * differences.std(ddof=1) / 2
    )  # the 97.5 % quantile of Student's t with 3 degrees of freedom
    np.testing.assert_allclose(found["intervals"]["two/gain/a/b"], [1 - half, 1 + half], rtol=1e-9)
    assert comparison.interval([1.0]) is None


ARMS = {  # study -> its options
    "generators": dict(arms=(("plain", POINTS, {}), ("other", POINTS, {"task_kw.loss": "hinge"})), rung="smoke"),
    "paired_arms": dict(source=POINTS, rung="smoke", arms=(("plain", {}), ("other", {"task_kw.loss": "hinge"}))),
    "sweep": dict(source=POINTS, rung="smoke", field="task_kw.mode_seeking", points=(0.5, 2.0)),
}


def metrics_of(study: str, name: str):
    return {"generators": ((name, ""),), "paired_arms": (name,), "sweep": {name: ""}}[study]


@pytest.mark.parametrize("study", ARMS)
@pytest.mark.parametrize(("metric", "near"), [("valid/tolld", "valid/told"), ("modess/covered", "modes/...")])
def test_a_metric_that_no_evaluation_gives_is_named_before_anything_is_trained(
    study, metric, near, tmp_path, monkeypatch
):
    monkeypatch.setattr(comparison.loop, "train", None)
    config = configs.study(study, study_kw=ARMS[study] | dict(metrics=metrics_of(study, metric)))
    with pytest.raises(Misuse, match=f"unknown metric of arm '(plain|0.5)' '{metric}': did you mean '{near}'"):
        run_study(config, tmp_path / "run", None, name="x", rung="smoke", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_part_of_a_score_that_is_not_there_is_named_after_the_first_arm(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison.loop, "train", lambda *_, **__: {"metrics": {"modes/covered": {}}})
    assert comparison.trained("plain", None, tmp_path, ["modes/covered"], True)
    with pytest.raises(Misuse, match="metric of arm 'plain' 'modes/coverd': did you mean 'modes/covered'"):
        comparison.trained("plain", None, tmp_path, ["modes/coverd"], True)


def test_the_generator_stands_still_while_its_discriminator_is_trained_and_its_gradient_is_that_of_its_loss():
    config = catalogue.load("experiments/generative/points_gan.py:smoke")
    task = make_task(config)
    batch = {"point": jax.random.normal(jax.random.key(3), (16, 2)), "label": jnp.zeros(16, jnp.int32)}
    trained = jax.jit(partial(init_state, task))(jax.random.key(1)).variables
    alone = vanishing_gradients.only_discriminator(task)
    state = jax.jit(partial(init_state, alone))(jax.random.key(2))
    state = state.replace(variables=vanishing_gradients.holding(state.variables, trained))
    after, _ = jax.jit(partial(train_step, task=alone))(state, batch, jax.random.key(0))
    jax.tree.map(np.testing.assert_array_equal, after.variables.params["generator"], trained.params["generator"])

    found = jax.jit(partial(vanishing_gradients.gradient_norm, task))(after.variables, batch, jax.random.key(0))
    params, loss = after.variables.params, task.players[1].loss

    def value(generator):
        return loss({**params, "generator": generator}, {}, {}, batch, jax.random.key(0), 0)[0].value

    direction = jax.grad(value)(params["generator"])
    norm = np.sqrt(sum(float((leaf**2).sum()) for leaf in jax.tree.leaves(direction)))
    np.testing.assert_allclose(found["gradient_norm"], norm, rtol=1e-4)
    assert 0 <= float(found["told"]) <= 1


def studies():
    """(experiment, rung) of every comparison of generators but `smoke`."""
    for name, file in catalogue.files().items():
        if not name.startswith("generative/"):
            continue
        for rung in set(catalogue.rungs(file)) - {"smoke"}:
            if catalogue.load(f"experiments/{name}.py:{rung}").get("study") == "generators":
                yield name, rung


@pytest.mark.parametrize(("name", "rung"), sorted(studies()))
def test_every_arm_of_every_rung_has_the_metrics_that_are_asked_for(name, rung):
    """From the configs alone, no data: a judge's scores are there where they are compared."""
    config = catalogue.load(f"experiments/{name}.py:{rung}")
    for _, source, own in config.study_kw.arms:
        changes = {**dict(config.study_kw.get("changes", ())), **dict(own)}
        task = comparison.changed(f"{source}:{rung}", None, changes).task
        for metric, _ in config.study_kw.metrics:
            group, _, part = metric.partition("/")
            assert group in task.scores or part in task.metrics, metric
