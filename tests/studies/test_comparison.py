"""The study of many methods: fields replaced by path, gains paired by seed, the table, runs that are not made twice."""

import json

import pytest
from ml_collections import ConfigDict

from dlcv.engine.config import study
from dlcv.errors import Misuse
from dlcv.studies import comparison

SOURCE_ONLY, DANN = (f"experiments/adaptation/{name}.py" for name in ("source_only", "dann"))
METRIC = "target/accuracy"


def result(*target, reference=None, seconds=60.0):
    """What a run leaves, with these accuracies on the target, one a seed (None: diverged)."""
    by_seed = {str(s): {} if a is None else {METRIC: a, "source/accuracy": 0.9} for s, a in enumerate(target)}
    finite = [a for a in target if a is not None]
    metrics = {METRIC: comparison.spread(finite), "source/accuracy": {"mean": 0.9, "std": 0.0}}
    return dict(
        by_seed=by_seed, metrics=metrics, seconds=seconds, reference=reference or {}, seeds=[0, 1, 2], step=9,
        params_sha256="0",
    )  # fmt: skip


def cells(*named):
    return [comparison.Cell(task, arm, found, {"features": {}}) for task, arm, found in named]


def test_fields_are_replaced_by_path():
    changes = {"data.labelled": "all", "seeds": 2, "optimizer.rules": (("encoder", "frozen", 1),)}
    plain = comparison.changed(f"{DANN}:small", None, {}).config
    config = comparison.changed(f"{DANN}:small", None, changes).config
    assert (config.data.labelled, config.seeds, config.optimizer.rules) == ("all", 2, (("encoder", "frozen", 1),))
    assert config.data.source == plain.data.source and plain.reference and not config.reference
    pair = {"name": "domains", "source": {"name": "mnist"}, "target": {"name": "usps", "size": 28}}
    assert comparison.changed(f"{DANN}:small", None, {"data": pair}).config.data.to_dict() == pair


@pytest.mark.parametrize("path", ["stpes", "optimizer.learning_rte", "optimiser.learning_rate"])
def test_a_field_that_is_not_there_is_misuse(path):
    with pytest.raises(Misuse, match=f"unknown field of a config '{path}': did you mean"):
        comparison.changed(f"{DANN}:smoke", None, {path: 1})


def test_labels_become_folder_names():
    assert comparison.folder_name("features", "") == "features"
    assert comparison.folder_name("features", "MNIST to MNIST-M") == "features_mnist_to_mnist_m"


def test_gains_are_paired_by_seed_and_leave_diverged_seeds_out():
    found = comparison.summary(
        cells(("", "source only", result(0.2, 0.3, 0.4)), ("", "DANN", result(0.5, None, 0.9))), METRIC
    )
    assert found["by_seed"] == {"gain": [pytest.approx(0.3), pytest.approx(0.5)]}
    assert found["metrics"]["gain"]["mean"] == pytest.approx(0.4)
    assert found["metrics"]["DANN/target/accuracy"]["mean"] == pytest.approx(0.7)
    assert found["seconds"] == 120 and found["step"] == 9


def test_each_task_is_compared_with_its_own_first_arm():
    accuracy = {"A": {"x": 0.1, "y": 0.2, "z": 0.4}, "B": {"x": 0.5, "y": 0.4, "z": 0.5}}
    rows = [(task, arm, result(value)) for task, by_arm in accuracy.items() for arm, value in by_arm.items()]
    gains = comparison.summary(cells(*rows), METRIC)["by_seed"]
    assert {name: round(values[0], 6) for name, values in gains.items()} == {
        "A/y/gain": 0.1, "A/z/gain": 0.3, "B/y/gain": -0.1, "B/z/gain": 0.0,
    }  # fmt: skip


def test_the_table_of_one_task():
    own = {METRIC: {"value": 0.767, "source": "a paper"}}
    made = cells(("", "source only", result(0.2, 0.3, 0.4)), ("", "DANN", result(0.5, 0.6, 0.7, reference=own)))
    text = comparison.as_table(made, comparison.summary(made, METRIC), METRIC, {})
    assert text.splitlines() == [
        "| method | source accuracy, % | target accuracy, % | reported target, % | time |",
        "|---|---|---|---|---|",
        "| source only | 90.0 ± 0.0 | 30.0 ± 10.0 | – | 1:00 |",
        "| DANN | 90.0 ± 0.0 | 60.0 ± 10.0 | 76.7 (a paper) | 1:00 |",
        "",
        "Gain on the target: +30.0 ± 0.0 points over 3 seeds, paired.",
    ]


def test_the_table_of_several_tasks_has_the_papers_number_of_each():
    reference = {f"B/y/{METRIC}": {"value": 0.8, "source": "a paper"}}
    made = cells(*((t, a, result(0.5)) for t in "AB" for a in "xy"))
    lines = comparison.as_table(made, comparison.summary(made, METRIC), METRIC, reference).splitlines()
    assert lines[2].startswith("| A | x | 90.0") and "| – |" in lines[4] and "| 80.0 (a paper) |" in lines[5]
    assert lines[-1] == "Gain of B on the target: +0.0 ± 0.0 points over 1 seeds, paired."


@pytest.mark.parametrize(
    ("arms", "tasks", "message"),
    [
        ((("x", SOURCE_ONLY), ("x", DANN)), (("", {}),), "study_kw.arms has a label twice"),
        ((("x", SOURCE_ONLY),), (("A", {}), ("A", {})), "study_kw.tasks has a label twice"),
        (
            (("ADDA", "experiments/adaptation/adda.py"),),
            (("A", {"data.labelled": 1}),),
            "starts from an experiment on its own data",
        ),
    ],
)
def test_a_wrong_table_is_misuse_before_anything_is_trained(arms, tasks, message, tmp_path):
    config = study("comparison", seeds=1)
    with pytest.raises(Misuse, match=message):
        comparison.run(config, tmp_path, None, True, arms=arms, tasks=tasks, rung="default", metric=METRIC)
    assert not list(tmp_path.iterdir())


@pytest.mark.all
def test_every_task_is_trained_once(tmp_path):
    config = study("comparison", seeds=1, reference=ConfigDict())
    few = {"data.source.valid_limit": 30, "data.target.valid_limit": 30}
    how = dict(
        arms=(("source only", SOURCE_ONLY),), rung="smoke", metric=METRIC,
        tasks=(("no label", few), ("1 label", {**few, "data.labelled": 1})),
    )  # fmt: skip
    found = comparison.run(config, tmp_path, None, True, **how)
    configs = {
        f: json.loads((tmp_path / f / "source_only" / "config.json").read_text()) for f in ("no_label", "1_label")
    }
    assert configs["1_label"]["data"]["labelled"] == 1 and "labelled" not in configs["no_label"]["data"]
    assert set(found["arms"]) == {"no label/source only", "1 label/source only"} and not found["by_seed"]
    stamps = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*/source_only/result.json")}
    again = comparison.run(config, tmp_path, None, True, **how)
    assert again == found and {file: file.stat().st_mtime_ns for file in stamps} == stamps
    pictures = {file.name for file in (tmp_path / "figures").iterdir()}
    assert pictures == {"accuracy.png", "features_no_label.png", "features_1_label.png"}
