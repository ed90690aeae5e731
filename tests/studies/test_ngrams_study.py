"""The study of n-grams: the places at which words are shuffled, and what a row of its table says."""

from types import SimpleNamespace

import numpy as np

from dlcv.engine import restore
from dlcv.engine.task import Variables
from dlcv.language.vocabulary import END
from dlcv.studies import ngrams as study

TOKENS = np.array([5, 6, 7, 8, 9, END, 6, 5, END, 9, 8, 7, 6, 5, 4, END])


def test_the_words_before_a_place_are_of_one_sentence():
    rows = study.windows(TOKENS, 3)
    assert [row.tolist() for row in rows] == [
        [5, 6, 7, 8], [6, 7, 8, 9], [7, 8, 9, END], [9, 8, 7, 6], [8, 7, 6, 5], [7, 6, 5, 4], [6, 5, 4, END],
    ]  # fmt: skip


def test_shuffling_keeps_the_words_before_and_the_next_one():
    rows = np.arange(8 * 40).reshape(40, 8)
    mixed = study.shuffled(rows)
    np.testing.assert_array_equal(mixed[:, -1], rows[:, -1])
    np.testing.assert_array_equal(np.sort(mixed, axis=1), rows)
    assert (mixed != rows).any(1).mean() > 0.9
    np.testing.assert_array_equal(mixed, study.shuffled(rows))


def test_an_n_gram_model_is_measured_and_kept(tmp_path):
    tokens = {"train": np.tile(TOKENS, 30), "valid": TOKENS, "test": TOKENS[6:]}
    found = study.count_model("kneser_ney", {"order": 3}, tokens, 10, study.windows(TOKENS, 3), tmp_path / "model")
    assert found["test"] < found["shuffled"] and found["in_order"] < found["shuffled"]
    assert found["megabytes"] == (tmp_path / "model" / "model.npz").stat().st_size / 1e6
    flat = study.count_model("kneser_ney", {"order": 1}, tokens, 10, study.windows(TOKENS, 3), tmp_path / "flat")
    assert flat["in_order"] == flat["shuffled"]  # one word alone has no order to lose


def test_a_diverged_seed_leaves_the_others_beside_their_own_weights(tmp_path, monkeypatch):
    """The first of three seeds diverged: each value of another seed is of that seed's weights."""
    values = {"valid/perplexity": 1.0, "test/perplexity": 2.0}
    by_seed = {"0": {}, "1": values, "2": {name: 10 * value for name, value in values.items()}}
    result = {"seeds": [0, 1, 2], "by_seed": by_seed, "seconds": 3.0}
    monkeypatch.setattr(study.loop, "train", lambda *arguments, **options: result)
    trained = [Variables({"model": np.full(seed + 1, 7.0)}) for seed in range(3)]
    monkeypatch.setattr(restore, "weights", lambda *arguments: (4, trained))
    monkeypatch.setattr(study, "last_word", lambda task, variables, rows: variables.params["model"].size)
    found = study.learn_model(SimpleNamespace(task=None), np.zeros((2, 3), int), tmp_path, True)
    assert found["test"] == [2.0, 20.0] and found["in_order"] == found["shuffled"] == [2, 3]
    assert len(found["megabytes"]) == len(found["seconds"]) == 2


def test_a_row_of_the_table_has_a_spread_where_there_are_seeds():
    measures = dict(valid=2.0, test=3.0, in_order=2.0, shuffled=5.0, megabytes=1.5, seconds=61.0)
    models = {
        "counted": {name: [value] for name, value in measures.items()},
        "learnt": {name: [value, value + 1] for name, value in measures.items()},
    }
    lines = study.as_table(models).splitlines()
    assert lines[2] == "| counted | 2.0 | 3.0 | 1.50 | 2.50 | 1:01 |"
    assert lines[3].startswith("| learnt | 2.5 ± 0.")
    found = study.summary(models, SimpleNamespace(seed=0, seeds=2))
    assert found["metrics"]["learnt/test"]["mean"] == 3.5 and "counted/seconds" not in found["metrics"]
    assert found["seeds"] == [0, 1]
    del models["learnt"]
    assert study.summary(models, SimpleNamespace(seed=0, seeds=2))["seeds"] == []
