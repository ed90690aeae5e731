"""Copying, adding and digits in sequence: what a row holds, that draws are seeded and splits differ, and what is refused."""

import numpy as np
import pytest

from dlcv import data
from dlcv.errors import Misuse

COPYING = {"name": "copying", "symbols": 3, "delay": 5, "limit": 500, "valid_limit": 50}
ADDING = {"name": "adding", "length": 9, "limit": 2000, "valid_limit": 50}
DIGITS = {"name": "sequential_digits"}


@pytest.mark.parametrize("options", [COPYING, ADDING, DIGITS, {**DIGITS, "order": "rows"}])
def test_spec_equals_what_is_loaded(options):
    spec, loaded = data.spec(options), data.load(options, None)
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 0, 8))
    wanted = {key: (leaf.shape, leaf.dtype) for key, leaf in spec.batch(8).items()}
    assert {key: (leaf.shape, leaf.dtype) for key, leaf in batch.items()} == wanted
    assert not np.array_equal(loaded.train.arrays["inputs"][:50], loaded.splits["valid"].arrays["inputs"][:50])
    again = data.load(options, None)
    np.testing.assert_array_equal(loaded.train.arrays["inputs"], again.train.arrays["inputs"])


def test_a_row_to_copy_is_letters_a_pause_a_mark_and_a_pause():
    arrays = data.load(COPYING, None).train.arrays
    tokens = arrays["inputs"].argmax(-1)
    np.testing.assert_array_equal(arrays["inputs"].sum(-1), 1)
    np.testing.assert_array_equal(tokens[:, :3], arrays["label"])
    np.testing.assert_array_equal(tokens[:, 3:], np.tile([8, 8, 8, 8, 9, 8, 8, 8], (500, 1)))
    assert set(np.unique(arrays["label"])) == set(range(8))


def test_a_sum_is_that_of_the_marked_numbers_one_in_each_half():
    arrays = data.load(ADDING, None).train.arrays
    numbers, marks = arrays["inputs"][..., 0], arrays["inputs"][..., 1]
    assert set(np.unique(marks)) == {0, 1} and numbers.min() >= 0 and numbers.max() < 1
    np.testing.assert_array_equal(marks[:, :4].sum(-1), 1)
    np.testing.assert_array_equal(marks[:, 4:].sum(-1), 1)
    np.testing.assert_allclose(
        arrays["target"], [row[mark > 0].sum() for row, mark in zip(numbers, marks, strict=True)]
    )
    assert arrays["target"].var() == pytest.approx(1 / 6, abs=0.02)


def test_orders_hold_the_same_pixels():
    rows, pixels, permuted = (
        data.load({**DIGITS, "order": order}, None).train.arrays for order in ("rows", "pixels", "permuted")
    )
    assert rows["inputs"].shape[1:] == (10, 10) and pixels["inputs"].shape[1:] == (100, 1)
    np.testing.assert_array_equal(rows["inputs"].reshape(-1, 100), pixels["inputs"][..., 0])
    np.testing.assert_array_equal(np.sort(permuted["inputs"], 1), np.sort(pixels["inputs"], 1))
    assert not np.array_equal(permuted["inputs"], pixels["inputs"])
    assert pixels["inputs"].min() >= 0 and pixels["inputs"].max() == 1
    np.testing.assert_array_equal(rows["label"], permuted["label"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({**COPYING, "delay": 0}, "data.delay=0"),
        ({**ADDING, "length": 1}, "data.length=1"),
        ({**DIGITS, "order": "columns"}, "data.order='columns': expected one of 'rows', 'pixels', 'permuted'"),
        ({**DIGITS, "of": {"name": "digits", "channels": 3}}, "takes grey images with labels"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(Misuse) as caught:
        data.spec(options)
    assert message in str(caught.value)
