"""Digits, digits on photographs, domains: disjoint splits, the recipe, withheld labels."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data import photographs
from dlcv.data.digits import scanned
from dlcv.data.images import cubic_matrix, pad, upsample, with_channels


def test_scans_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    known = {
        (image * (255 / 16)).astype(np.float32).tobytes(): int(digit)
        for image, digit in zip(*load_digits(return_X_y=True), strict=True)
    }
    for scans, labels in scanned().values():
        assert [known[scan.tobytes()] for scan in scans] == labels.tolist()


def test_valid_is_balanced_and_disjoint_from_train():
    (train, train_labels), (valid, labels) = scanned().values()
    assert len(train) == 1397 and len(valid) == 400
    np.testing.assert_array_equal(np.bincount(labels), [40] * 10)
    assert not {scan.tobytes() for scan in train} & {scan.tobytes() for scan in valid}
    assert np.bincount(train_labels[:100]).min() >= 5  # a limit keeps all classes


@pytest.mark.parametrize("size", [28, 32])
def test_digits_are_white_on_a_black_margin(size):
    images = data.load({"name": "digits", "size": size}, None).train.arrays["image"]
    assert images.dtype == np.uint8
    assert images.max() == 255
    assert images[:, [0, -1]].max() < 32 and images[:, :, [0, -1]].max() < 32


def test_cubic_convolution_reproduces_a_parabola():
    # Keys (1981): exact for quadratics away from the border
    inside = np.arange(12.0)
    centres = (np.arange(36) + 0.5) / 3 - 0.5
    values = cubic_matrix(12, 36) @ (inside**2 - 3 * inside)
    np.testing.assert_allclose(values[6:-6], (centres**2 - 3 * centres)[6:-6], atol=1e-4)


def test_resampling_helpers():
    images = np.arange(2 * 8 * 8, dtype=np.float32).reshape(2, 8, 8)
    np.testing.assert_array_equal(upsample(images, 8), images.astype(np.uint8))
    grey = images.astype(np.uint8)[..., None]
    np.testing.assert_array_equal(pad(pad(grey, 12), 8), grey)
    np.testing.assert_array_equal(with_channels(with_channels(grey, 3), 1), grey)


def test_blend_is_the_absolute_difference():
    patch = np.array([[[[10, 200, 128]], [[0, 255, 90]]]], np.uint8)
    digit = np.array([[[[255]], [[0]]]], np.uint8)
    np.testing.assert_array_equal(photographs.blend(patch, digit), [[[[245, 55, 127]], [[0, 255, 90]]]])
    rng = np.random.default_rng(0)
    patch, digit = rng.integers(0, 256, (9, 4, 4, 3), np.uint8), rng.integers(0, 256, (9, 4, 4, 1), np.uint8)
    np.testing.assert_array_equal(photographs.blend(patch, digit), np.abs(patch.astype(int) - digit))


def test_photographs_of_valid_are_never_trained_on():
    assert not set(photographs.TRAIN) & set(photographs.VALID)
    pictures = [photographs.photograph(name) for name in photographs.TRAIN + photographs.VALID]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_patches_are_windows_of_the_photographs():
    ground = np.arange(40 * 50 * 3, dtype=np.uint8).reshape(40, 50, 3)
    windows = {ground[y : y + 28, x : x + 28].tobytes() for y in range(13) for x in range(23)}
    cut = photographs.patches([ground], 20, 28, np.random.default_rng(0))
    assert all(patch.tobytes() in windows for patch in cut)


def test_digits_on_photographs_repeat_each_digit_over_other_patches():
    loaded = data.load({"name": "digits_on_photographs", "draws": 2}, None)
    images, labels = loaded.train.arrays["image"], loaded.train.arrays["label"]
    count = len(labels) // 2
    np.testing.assert_array_equal(labels[:count], labels[count:])
    np.testing.assert_array_equal(labels[:count], scanned()["train"][1])
    assert (images[:count] != images[count:]).any(axis=(1, 2, 3)).all()
    again = data.load({"name": "digits_on_photographs", "draws": 2}, None)
    np.testing.assert_array_equal(images, again.train.arrays["image"])


def test_domains_withhold_the_labels_of_the_target():
    options = {"name": "domains", "source": {"name": "digits"}, "target": {"name": "digits"}}
    loaded = data.load(options, None)
    indices = loaded.train.indices(0, 0, 16)
    batch = loaded.train.gather(loaded.train.arrays, indices)
    assert set(batch["source"]) == {"image", "label"} and set(batch["target"]) == {"image"}
    assert not np.array_equal(indices["source"], indices["target"])  # one set on both sides, yet two orders
    assert set(loaded.splits) == {"source", "target"}
    assert all("label" in split.arrays for split in loaded.splits.values())
