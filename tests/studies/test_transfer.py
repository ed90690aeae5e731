"""The study of transfer: what is carried over stays where it is frozen, gains count against the first arm, mistakes come first."""

import jax
import numpy as np
import pytest

from dlcv.engine import catalogue, restore
from dlcv.engine.config import study
from dlcv.errors import Misuse
from dlcv.studies import transfer

METRIC = "valid/accuracy"
STUDY = catalogue.load("experiments/adaptation/transfer.py:smoke").study_kw
SCRATCH, TUNED, FROZEN = STUDY.arms[:3]


def result(*accuracies):
    by_seed = {str(seed): {METRIC: value} for seed, value in enumerate(accuracies)}
    metrics = {METRIC: transfer.spread(list(accuracies))}
    return dict(
        by_seed=by_seed, metrics=metrics, seconds=30.0, seeds=list(range(len(accuracies))), step=4, params_sha256="0"
    )


def test_gains_count_against_the_first_arm_with_as_many_labels():
    results = {
        ("scratch", 1): result(0.2, 0.4), ("scratch", 5): result(0.8, 0.9),
        ("frozen", 1): result(0.5, 0.5), ("frozen", 5): result(0.5, 0.6),
    }  # fmt: skip
    found = transfer.summary(results, {"digits": result(0.9, 0.9)}, METRIC)
    assert {name: np.round(values, 6).tolist() for name, values in found["by_seed"].items()} == {
        "frozen/1/gain": [0.3, 0.1], "frozen/5/gain": [-0.3, -0.3],
    }  # fmt: skip
    assert found["metrics"][f"source digits/{METRIC}"]["mean"] == 0.9 and found["seconds"] == 150
    assert transfer.as_table(results, found, METRIC).splitlines() == [
        "| labels a class | 1 | 5 | time |",
        "|---|---|---|---|",
        "| scratch | 30.0 ± 14.1 | 85.0 ± 7.1 | 1:00 |",
        "| frozen | 50.0 ± 0.0 (+20.0 ± 14.1) | 55.0 ± 7.1 (-30.0 ± 0.0) | 1:00 |",
        "",
        "In brackets the gain over the first row in points, paired by seed (2).",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": (SCRATCH, SCRATCH)}, "study_kw.arms has a label twice"),
        ({"arms": (("x", SCRATCH[1], "digts", {}),)}, "unknown source of arm 'x' 'digts': did you mean 'digits'"),
        ({"shown": ("frozen",)}, "unknown arm in config.study_kw.shown 'frozen'"),
    ],
)
def test_wrong_arms_are_misuse_before_anything_is_trained(changes, message, tmp_path):
    with pytest.raises(Misuse, match=message):
        transfer.run(study("transfer"), tmp_path, None, True, **{**STUDY, **changes})
    assert not list(tmp_path.iterdir())


@pytest.mark.all
def test_frozen_features_are_the_source_s_and_fine_tuned_ones_begin_there(tmp_path):
    how = {**STUDY, "arms": (SCRATCH, TUNED, FROZEN), "sources": STUDY.sources[:1], "labelled": (2,), "shown": ()}
    found = transfer.run(study("transfer", seeds=1), tmp_path, None, True, **how)
    assert {f"{arm[0]}/2/gain" for arm in (TUNED, FROZEN)} == set(found["by_seed"])
    assert (tmp_path / "figures" / "transfer.png").stat().st_size > 10_000

    def weights(folder):
        return restore.open_run(tmp_path / folder, None)[2][0].params["model"]

    source, tuned, frozen = map(weights, ("sources/digits", "fine_tuned_from_digits/2", "frozen_from_digits/2"))
    scratch = weights("from_scratch/2")
    for name in source:
        same = jax.tree.map(np.array_equal, source[name], frozen[name])
        assert all(jax.tree.leaves(same)) == (name != "head"), name
    distance = {
        label: sum(np.abs(a - b).sum() for a, b in zip(jax.tree.leaves(source["conv_0"]), jax.tree.leaves(params["conv_0"]), strict=True))
        for label, params in (("tuned", tuned), ("scratch", scratch))
    }  # fmt: skip
    assert 0 < distance["tuned"] < 0.5 * distance["scratch"]
