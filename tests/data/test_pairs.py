"""Sets of image pairs: the two sides belong together, directions turn them round, bad files are named."""

import numpy as np
import pytest
from PIL import Image

from dlcv import data
from dlcv.data.pairs import halves
from dlcv.errors import Misuse


def test_halves_are_the_two_squares_in_either_direction():
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8], pixels[:, 8:] = (10, 20, 30), (200, 100, 50)
    forward, back = (halves(Image.fromarray(pixels), 8, direction) for direction in ("a_to_b", "b_to_a"))
    assert (forward["source"] == (10, 20, 30)).all() and (forward["image"] == (200, 100, 50)).all()
    np.testing.assert_array_equal(back["source"], forward["image"])
    np.testing.assert_array_equal(back["image"], forward["source"])
    with pytest.raises(ValueError, match="two squares side by side, got 8x8"):
        halves(Image.fromarray(pixels[:, :8]), 8, "a_to_b")


def test_a_picture_shows_the_digit_it_is_paired_with():
    """One digit lies over several photographs: the pictures of a digit differ, their source does not."""
    pairs = data.load({"name": "digit_pairs", "draws": 2}, None)
    arrays, blended = pairs.train.arrays, data.load({"name": "digits_on_photographs", "draws": 2}, None).train.arrays
    np.testing.assert_array_equal(arrays["image"], blended["image"])
    half = len(arrays["source"]) // 2
    np.testing.assert_array_equal(arrays["source"][:half], arrays["source"][half:])
    assert (arrays["image"][:half] != arrays["image"][half:]).any(axis=(1, 2, 3)).mean() > 0.99
    turned = data.load({"name": "digit_pairs", "draws": 2, "direction": "b_to_a"}, None).train.arrays
    np.testing.assert_array_equal(turned["source"], arrays["image"])
    np.testing.assert_array_equal(turned["image"], arrays["source"])


def test_halves_lie_on_white_in_eight_bits():
    pixels = np.zeros((8, 16, 4), np.uint8)
    pixels[:, :8], pixels[:, 8:] = (255, 0, 0, 0), (200, 100, 50, 255)
    found = halves(Image.fromarray(pixels), 8, "a_to_b")
    assert (found["source"] == 255).all() and (found["image"] == (200, 100, 50)).all()
    shades = np.repeat(np.array([100, 200], np.uint16) * 257, 8)[None].repeat(8, 0)
    found = halves(Image.fromarray(shades), 8, "a_to_b")
    assert (found["source"] == 100).all() and (found["image"] == 200).all()


@pytest.fixture
def folder(tmp_path):
    for index in range(6):
        pixels = np.full((20, 40, 3), 40 * index, np.uint8)
        pixels[:, 20:] = 255 - 40 * index
        Image.fromarray(pixels).save(tmp_path / f"{index}.png")
    return tmp_path


def test_a_folder_of_pairs_is_split_and_resampled(folder):
    found = data.load({"name": "paired_folder", "path": str(folder), "size": 16, "held_out": 0.34}, None)
    sides = [found.train.arrays, found.splits["valid"].arrays]
    assert [len(side["image"]) for side in sides] == [4, 2]
    for side in sides:
        assert side["source"].shape[1:] == side["image"].shape[1:] == (16, 16, 3)
        np.testing.assert_array_equal(side["source"].astype(int) + side["image"], 255)
    values = {int(x) for side in sides for x in side["source"][:, 0, 0, 0]}
    assert values == {0, 40, 80, 120, 160, 200}


def test_subfolders_are_the_splits(folder):
    for split, names in {"train": "01234", "val": "5"}.items():
        (folder / split).mkdir()
        for name in names:
            (folder / f"{name}.png").rename(folder / split / f"{name}.png")
    found = data.load({"name": "paired_folder", "path": str(folder), "size": 16}, None)
    assert len(found.train) == 5
    assert found.splits["valid"].arrays["source"].max() == 200


def moved(folder, split):
    """All files into a subfolder."""
    files = list(folder.iterdir())
    (folder / split).mkdir()
    for file in files:
        file.rename(folder / split / file.name)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            lambda folder: Image.new("RGB", (30, 20)).save(folder / "9.png"),
            "no image pair in .*9.png: expected two squares",
        ),
        (lambda folder: (folder / "9.png").write_bytes(b"no image"), "no image pair in .*9.png"),
        (lambda folder: [file.unlink() for file in folder.iterdir()], "has 0 images"),
        (
            lambda folder: moved(folder, "train"),
            r"has no val/ \(or valid/, test/\) beside its other split, and no image",
        ),
        (lambda folder: moved(folder, "test"), "has no train/ beside its other split"),
    ],
)
def test_bad_folders_are_named(folder, break_it, message):
    break_it(folder)
    with pytest.raises(Misuse, match=message):
        data.load({"name": "paired_folder", "path": str(folder), "size": 16}, None)
    with pytest.raises(Misuse, match="is no folder"):
        data.spec({"name": "paired_folder", "path": str(folder / "nowhere")})


def test_maps_are_in_pairs(data_dir):
    found = data.load({"name": "pix2pix_maps", "size": 64}, data_dir)
    assert len(found.train) == 400 and len(found.splits["valid"]) == 100
    drawn, aerial = (found.train.arrays[key].astype(float) for key in ("source", "image"))
    assert (
        np.abs(np.diff(drawn, axis=1)).mean() < np.abs(np.diff(aerial, axis=1)).mean() / 2
    )  # maps are flat, photographs are not
