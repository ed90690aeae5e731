"""Stacked digits: each channel is a digit of the set, the label tells all three, valid has digits of its own."""

import numpy as np
import pytest

from dlcv import data
from dlcv.errors import Misuse

NAME = {"name": "stacked_digits", "draws": 3000, "valid_draws": 500}


def digits(split):
    whole = data.load({"name": "digits"}, None)
    arrays = (whole.train if split == "train" else whole.splits[split]).arrays
    known = {image.tobytes(): int(label) for image, label in zip(arrays["image"], arrays["label"], strict=True)}
    return known, arrays["label"]


def test_channels_are_the_digits_of_the_label_and_splits_share_none():
    loaded, spec = data.load(NAME, None), data.spec(NAME)
    for split, arrays in (("train", loaded.train.arrays), ("valid", loaded.splits["valid"].arrays)):
        known, _ = digits(split)
        for image, label in zip(arrays["image"][:300], arrays["label"][:300], strict=True):
            told = [known[np.ascontiguousarray(image[..., channel]).tobytes()] for channel in range(3)]
            assert int("".join(map(str, told))) == label and spec.info["classes"][label] == "".join(map(str, told))
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 0, 8))
    wanted = {key: (leaf.shape, leaf.dtype) for key, leaf in spec.batch(8).items()}
    assert {key: (leaf.shape, leaf.dtype) for key, leaf in batch.items()} == wanted
    assert loaded.info == spec.info and len(loaded.train) == 3000 and len(loaded.splits["valid"]) == 500


def test_the_digits_of_a_triple_are_independent_and_occur_as_in_the_set():
    labels = data.load({**NAME, "draws": 25_600}, None).train.arrays["label"]
    _, single = digits("train")
    share, triples = np.bincount(single) / len(single), np.stack([labels // 100, labels // 10 % 10, labels % 10])
    for digit in triples:
        np.testing.assert_allclose(np.bincount(digit, minlength=10) / len(labels), share, atol=0.01)
    pairs = np.bincount(triples[0] * 10 + triples[1], minlength=100) / len(labels)
    np.testing.assert_allclose(pairs, np.outer(share, share).ravel(), atol=0.005)
    assert len(np.unique(labels)) == 1000


def test_draws_are_seeded():
    one, other = (data.load({**NAME, "draws": draws}, None).train.arrays["label"] for draws in (100, 100))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 0}, "data.draws=0: expected how many triples"),
        ({"valid_draws": True}, "data.valid_draws=True"),
        ({"of": {"name": "digits", "channels": 3}}, "takes grey images of ten classes, which 'digits' has not"),
        ({"of": {"name": "prose"}}, "which 'prose' has not"),
        ({"of": {"name": "digit"}}, "did you mean 'digits'"),
    ],
)
def test_wrong_options_are_misuse(options, message):
    for call in (data.spec, lambda given: data.load(given, None)):
        with pytest.raises(Misuse) as caught:
            call({**NAME, **options})
        assert message in str(caught.value) and "\n" not in str(caught.value)


def test_mnist_stacks_too(data_dir):
    loaded = data.load({**NAME, "of": {"name": "mnist"}}, str(data_dir))
    assert loaded.train.arrays["image"].shape == (3000, 28, 28, 3) and "sha256" in loaded.facts
