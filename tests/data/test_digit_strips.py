"""Strips say what they show, fit their picture and are the same every time."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data.digit_strips import strip
from dlcv.data.digits import scanned
from dlcv.errors import Misuse


def load(**options):
    return data.load({"name": "digit_strips", "limit": 60, "valid_limit": 20, **options}, None)


def test_labels_lengths_and_ink_agree():
    found = load(shortest=1, longest=5).train.arrays
    place = np.arange(5)
    assert set(found["length"]) == {1, 2, 3, 4, 5}
    np.testing.assert_array_equal(found["labels"] > 0, place < found["length"][:, None])
    columns = found["image"][..., 0].max(1) > 0
    assert all(
        not row[width:].any() and row[width - 3 : width].any()
        for row, width in zip(columns, found["width"], strict=True)
    )


def test_the_longest_strips_fit():
    scans, labels = scanned()["train"]
    for seed in range(40):
        rng = np.random.Generator(np.random.Philox(seed))
        assert strip(scans, labels, 7, 7, rng)["width"] <= 152


def test_digits_stand_in_the_order_of_their_labels():
    """Of a strip of plain blocks, each as bright as its label."""
    labels = np.arange(10)
    scans = np.broadcast_to((labels * 20.0 + 50)[:, None, None], (10, 8, 8))
    for seed in range(5):
        one = strip(scans, labels, 6, 6, np.random.Generator(np.random.Philox(seed)))
        middle = one["image"][10, :, 0].astype(int)
        flat = [middle[i] for i in range(1, len(middle) - 1) if middle[i] and np.ptp(middle[i - 1 : i + 2]) <= 1]
        order = [level for i, level in enumerate(flat) if i == 0 or abs(level - flat[i - 1]) > 3]
        levels = (one["labels"] - 1) * 20 + 50
        wanted = [level for i, level in enumerate(levels) if i == 0 or level != levels[i - 1]]
        np.testing.assert_allclose(order, wanted, atol=5)


def test_two_loads_are_equal_and_splits_differ():
    first, second = load(), load()
    for name, array in first.train.arrays.items():
        np.testing.assert_array_equal(array, second.train.arrays[name])
    assert not np.array_equal(first.train.arrays["image"][:20], first.splits["valid"].arrays["image"])


def test_misuse():
    with pytest.raises(Misuse, match="expected 1 <= shortest <= longest"):
        data.spec({"name": "digit_strips", "shortest": 5, "longest": 3})
