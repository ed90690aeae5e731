"""Settings of domain adaptation: which target labels are kept, partial targets, unequal classes; parts of a set."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data import photographs
from dlcv.data.domains import class_sizes
from dlcv.errors import Misuse

SIDES = {
    "name": "domains", "source": {"name": "digits", "channels": 3},
    "target": {"name": "digits_on_photographs", "size": 28, "draws": 1},
}  # fmt: skip
DIGITS = {"name": "subset", "of": {"name": "digits"}}


def batch(loaded, seed=0, step=0, size=64):
    return loaded.train.gather(loaded.train.arrays, loaded.train.indices(seed, step, size))


def shapes(batch):
    return {part: {key: (leaf.shape, np.dtype(leaf.dtype)) for key, leaf in of.items()} for part, of in batch.items()}


def seen(loaded, seed, steps=4, size=64):
    """The distinct labelled images of a seed over some steps, as {bytes: label}."""
    parts = [batch(loaded, seed, step, size)["labelled"] for step in range(steps)]
    return {
        image.tobytes(): int(label) for part in parts for image, label in zip(part["image"], part["label"], strict=True)
    }


@pytest.mark.parametrize("labelled", [0, 3, "all"])
def test_the_spec_knows_the_batch(labelled):
    options = {**SIDES, "labelled": labelled}
    spec = data.spec(options).batch(64)
    assert shapes(spec) == shapes(batch(data.load(options, None)))
    assert ("labelled" in spec) == (labelled != 0) and "label" not in spec["target"]


def test_k_examples_a_class_keep_their_labels_and_each_seed_draws_others():
    loaded = data.load({**SIDES, "labelled": 3}, None)
    target = data.load(SIDES["target"], None).train.arrays
    truth = {image.tobytes(): int(label) for image, label in zip(target["image"], target["label"], strict=True)}
    first, second = seen(loaded, 0), seen(loaded, 1)
    for found in (first, second):
        assert len(found) == 30 and found.items() <= truth.items()
        np.testing.assert_array_equal(np.bincount(list(found.values())), [3] * 10)
    assert first.keys() != second.keys()
    assert first == seen(loaded, 0, steps=2)  # two epochs of 30 in 128 rows: the same examples from the first step on
    again = data.load({**SIDES, "labelled": 3}, None)
    for part, columns in batch(loaded, 5, 7).items():
        np.testing.assert_array_equal(columns["image"], batch(again, 5, 7)[part]["image"])


def test_every_labelled_example_is_met_equally_often():
    loaded = data.load({**SIDES, "labelled": 2}, None)
    rows = np.concatenate([loaded.train.indices(3, step, 10)["labelled"] for step in range(6)])
    assert (np.unique(rows, return_counts=True)[1] == 3).all() and len(set(rows)) == 20


def test_all_labels_of_the_target_are_kept_when_it_is_supervised():
    loaded = data.load({**SIDES, "labelled": "all"}, None)
    size = len(loaded.train.sources["target"])
    rows = np.concatenate([loaded.train.indices(0, step, size)["labelled"] for step in range(1)])
    assert sorted(rows) == list(range(size)) == list(range(1397))


def test_unlabelled_targets_are_those_without_settings():
    plain, few = data.load(SIDES, None), data.load({**SIDES, "labelled": 1}, None)
    for part in ("source", "target"):
        np.testing.assert_array_equal(plain.train.indices(0, 2, 8)[part], few.train.indices(0, 2, 8)[part])
    assert set(batch(plain)) == {"source", "target"}


def test_a_partial_target_has_fewer_classes_in_both_splits_and_the_source_all():
    options = {**SIDES, "target_classes": ("7", "2"), "labelled": 1}
    loaded = data.load(options, None)
    assert set(loaded.splits["target"].arrays["label"]) == {2, 7} and len(loaded.splits["target"]) == 80
    assert set(loaded.splits["source"].arrays["label"]) == set(range(10))
    assert set(batch(loaded)["labelled"]["label"]) == {2, 7}
    assert len(loaded.info["classes"]) == 10
    whole = data.load(SIDES["target"], None).train.arrays
    expected = whole["image"][np.isin(whole["label"], (2, 7))]
    np.testing.assert_array_equal(loaded.train.arrays["target"]["image"], expected)
    counts = {"train": len(expected), "valid": 80}
    assert loaded.info["examples"]["target"] == loaded.facts["target"]["examples"] == counts


def test_an_imbalanced_target_falls_off_by_equal_ratios_and_is_tested_as_before():
    np.testing.assert_array_equal(class_sizes(1000, 4, 1000.0), [1000, 100, 10, 1])
    np.testing.assert_array_equal(class_sizes(7, 3, 1.0), [7, 7, 7])
    loaded = data.load({**SIDES, "imbalance": 10.0, "labelled": "all"}, None)
    counts = np.bincount(loaded.train.arrays["labelled"]["label"])
    whole = np.bincount(data.load(SIDES["target"], None).train.arrays["label"])
    assert counts[0] == whole.min() and counts[-1] == round(whole.min() / 10) and (np.diff(counts) < 0).all()
    assert len(loaded.train.arrays["target"]["image"]) == counts.sum()
    np.testing.assert_array_equal(np.bincount(loaded.splits["target"].arrays["label"]), [40] * 10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labelled": -1}, "data.labelled=-1: expected examples a class, 0 or more, or 'all'"),
        ({"labelled": 2.5}, "data.labelled=2.5"),
        ({"labelled": "some"}, "data.labelled='some'"),
        ({"labelled": True}, "data.labelled=True"),
        ({"target_classes": ("seven",)}, "unknown class in data.target_classes 'seven'"),
        ({"target_classes": "7"}, "expected a tuple of class names"),
        ({"target_classes": ("7", "7")}, "names a class twice"),
        ({"imbalance": 0.5}, "data.imbalance=0.5"),
        ({"imbalance": 10.0, "target_classes": ("7",)}, "data.imbalance=10.0"),
    ],
)
def test_wrong_settings_are_misuse_before_data_is_read(options, message):
    with pytest.raises(Misuse) as caught:
        data.spec({**SIDES, **options})
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_more_labels_than_a_class_has_are_misuse():
    with pytest.raises(Misuse, match=r"labelled=500: one class has only \d+ training examples"):
        data.load({**SIDES, "labelled": 500}, None)


def test_few_source_examples_are_read_and_few_target_images_refused():
    few = {"name": "subset", "of": SIDES["source"], "labelled": 1}
    loaded = data.load({**SIDES, "source": few}, None)
    rows = {row for step in range(4) for row in loaded.train.indices(0, step, 64)["source"]}
    assert len(rows) == 10 and loaded.info["examples"]["source"]["train"] == 10
    with pytest.raises(Misuse, match=r"use data\.labelled, not data\.target\.labelled"):
        data.load({**SIDES, "target": {**few, "of": SIDES["target"]}}, None)


def test_a_subset_keeps_classes_and_few_examples():
    loaded = data.load({**DIGITS, "classes": ("9", "4"), "labelled": 5}, None)
    rows = [loaded.train.rows(seed) for seed in (0, 1)]
    assert [len(each) for each in rows] == [10, 10] and set(rows[0]) != set(rows[1])
    assert set(loaded.train.indices(0, 0, 64)) == set(rows[0])
    np.testing.assert_array_equal(np.bincount(loaded.train.arrays["label"][rows[0]], minlength=10)[[4, 9]], [5, 5])
    assert set(loaded.splits["valid"].arrays["label"]) == {4, 9} and len(loaded.splits["valid"]) == 80
    assert loaded.info["examples"] == loaded.facts["examples"] == {"train": 10, "valid": 80}


def test_a_subset_of_all_is_the_set():
    loaded, whole = data.load(DIGITS, None), data.load({"name": "digits"}, None)
    np.testing.assert_array_equal(loaded.train.arrays["image"], whole.train.arrays["image"])
    assert data.spec(DIGITS).batch(3)["image"].shape == (3, 28, 28, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labelled": 0}, "data.labelled=0: expected examples a class, 1 or more"),
        ({"classes": ("ten",)}, "unknown class in data.classes 'ten'"),
        ({"of": {"name": "prose"}}, "takes sets with classes, which 'prose' has not"),
        ({"of": {"name": "digits", "chanels": 3}}, "did you mean 'channels'"),
    ],
)
def test_a_wrong_subset_is_misuse(options, message):
    with pytest.raises(Misuse) as caught:
        data.spec({**DIGITS, **options})
    assert message in str(caught.value)


def test_photographs_under_digits_name_the_photograph():
    loaded = data.load({"name": "photographs_under_digits", "draws": 1}, None)
    images, labels = loaded.train.arrays["image"], loaded.train.arrays["label"]
    assert np.ptp(np.bincount(labels)) <= 1 and len(loaded.info["classes"]) == 6
    assert loaded.info == data.spec({"name": "photographs_under_digits", "draws": 1}).info
    for one, name in enumerate(
        photographs.TRAIN
    ):  # corners show the photograph alone: its left part holds that very row
        strip = photographs.photograph(name)
        rows = {strip[y, x : x + 4].tobytes() for y in range(len(strip)) for x in range(int(0.7 * strip.shape[1]) - 3)}
        here = images[labels == one][:10]
        assert sum(image[0, :4].tobytes() in rows for image in here) >= 9
