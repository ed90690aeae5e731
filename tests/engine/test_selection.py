"""What a run is selected and scored by: a metric or a score that is not there is named, before the first step where that is possible."""

import json
from dataclasses import replace

import pytest
import tiny

from dlcv.engine import loop, restore
from dlcv.errors import Misuse


def scored(metric: str = "", **task):
    """A tiny run that is scored at every evaluation, in the group `judge`."""
    made = tiny.Tiny(tiny.config(score_every=2, select=dict(metric=metric, mode="min")))
    made.__dict__["task"] = replace(made.task, scores={"judge": lambda view: {"distance": 1.0}}, **task)
    return made


def test_a_part_of_a_score_that_is_not_there_is_named_at_the_first_score_and_nothing_is_lost(tmp_path):
    message = (
        r"metric 'judge/distanse': did you mean 'judge/distance'\?; the checkpoint of step 2 is kept in .*/checkpoints$"
    )
    for _ in range(2):  # the same command does not go on in silence
        with pytest.raises(Misuse, match=message):
            loop.train(scored("judge/distanse"), tmp_path / "run", quiet=True)
    assert restore.weights(scored("judge/distanse"), tmp_path / "run")[0] == 2
    found = map(json.loads, (tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    assert [line["split"] for line in found if line["step"] == 2] == ["train", "valid", "judge"]
    assert loop.train(scored("judge/distance"), tmp_path / "right", quiet=True)["best_step"]


@pytest.mark.parametrize("metric", ["judge", "judge/", "judgee/distance", "valid/judge"])
def test_a_metric_of_no_split_and_no_score_is_named_before_the_first_step(tmp_path, metric):
    with pytest.raises(Misuse, match=f"unknown config.select.metric '{metric}'"):
        loop.train(scored(metric), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_split_too_small_for_its_scores_is_named_before_the_first_step(tmp_path):
    assert loop.train(scored(least_examples=10), tmp_path / "enough", quiet=True)["step"] == 6
    with pytest.raises(Misuse, match=r"need 11 held-out examples, split 'valid' has 10: raise data\.valid_limit"):
        loop.train(scored(least_examples=11), tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
