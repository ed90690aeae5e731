"""Named sets read from their published files; skipped without --data_dir."""

import numpy as np
import pytest

from dlcv import data

NAMED = [
    ({"name": "mnist"}, {"train": 60000, "valid": 10000}),
    ({"name": "mnist", "size": 32, "channels": 3, "limit": 100}, {"train": 100, "valid": 10000}),
    ({"name": "usps", "size": 28}, {"train": 7291, "valid": 2007}),
    ({"name": "cifar10_jpg"}, {"train": 50000, "valid": 10000}),
    ({"name": "mnist_m"}, {"train": 8000, "valid": 4000}),
    ({"name": "mnist_m", "train": "generated", "size": 28}, {"train": 60000, "valid": 4000}),
]


@pytest.mark.parametrize(("options", "examples"), NAMED, ids=lambda value: value.get("name"))
def test_named_images(options, examples, data_dir):
    loaded, spec = data.load(options, str(data_dir)), data.spec(options)
    assert loaded.info["examples"] == examples and loaded.info["classes"] == spec.info["classes"]
    for source in (loaded.train, loaded.splits["valid"]):
        images, labels = source.arrays["image"], source.arrays["label"]
        assert images.shape[1:] == spec.example["image"].shape and images.dtype == np.uint8
        assert labels.dtype == np.int32 and set(np.unique(labels)) == set(range(10))
        assert 20 < images[:100].mean() < 160
    assert all(len(digest) == 64 for digest in loaded.facts["sha256"].values())


def test_class_counts(data_dir):
    """Counts as published with the sets (MNIST's files, USPS's zip.info)."""
    counts = {
        "mnist": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
        "usps": [359, 264, 198, 166, 200, 160, 170, 147, 166, 177],
        "cifar10_jpg": [1000] * 10,
    }
    for name, expected in counts.items():
        labels = data.load({"name": name}, str(data_dir)).splits["valid"].arrays["label"]
        np.testing.assert_array_equal(np.bincount(labels), expected)


@pytest.mark.parametrize("train", ["real", "generated"])
def test_mnist_m_blends_the_digits_of_mnist_in_order(train, data_dir):
    target = data.load({"name": "mnist_m", "train": train, "limit": 2000}, str(data_dir)).train.arrays
    source = data.load({"name": "mnist", "size": 32, "limit": 2000}, str(data_dir)).train.arrays
    np.testing.assert_array_equal(target["label"], source["label"])
    strokes = source["image"][..., 0] > 0
    checked = 0
    for image, stroke in zip(target["image"][..., 0].astype(float), strokes, strict=True):
        paper = image[~stroke]
        if paper.std() < 6 and abs(paper.mean() - 127) > 50:  # on an even ground every stroke pixel is turned over
            turned = np.abs(image[stroke] - (255 - paper.mean())) < np.abs(image[stroke] - paper.mean())
            assert turned.mean() > 0.9
            checked += 1
    assert checked > 20


@pytest.mark.parametrize(
    ("name", "characters", "dropped"),
    [("shakespeare", 1115394, 0), ("war_and_peace", 3258230, 1), ("linux", 4410823, 0)],
)
def test_named_texts_are_covered_by_their_vocabulary(name, characters, dropped, data_dir):
    loaded = data.load({"name": name, "length": 50}, str(data_dir))
    assert sum(loaded.info["tokens"].values()) == characters and loaded.facts["dropped"] == dropped
    assert set(np.unique(loaded.train.arrays["tokens"])) <= set(range(len(loaded.info["vocabulary"])))
    used = np.unique(np.concatenate([loaded.train.arrays["tokens"], loaded.splits["valid"].arrays["tokens"]]))
    assert len(used) == len(loaded.info["vocabulary"])  # no character of the constant is absent from the text
    assert data.spec({"name": name, "length": 50}).example["tokens"].shape == (51,)


def test_mnist_to_mnist_m(data_dir):
    options = {"name": "domains", "source": {"name": "mnist", "channels": 3}, "target": {"name": "mnist_m", "size": 28}}
    loaded, spec = data.load(options, str(data_dir)), data.spec(options)
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 3, 8))
    for side, columns in spec.batch(8).items():
        assert {key: leaf.shape for key, leaf in columns.items()} == {key: v.shape for key, v in batch[side].items()}
