"""Any idx files: their splits by name, sizes, class names, and what is refused."""

import gzip

import numpy as np
import pytest

import dlcv.data
from dlcv.errors import Misuse

RNG = np.random.default_rng(0)


def written(file, array):
    head = b"\0\0\x08" + bytes([array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    with gzip.open(file, "wb") if file.suffix == ".gz" else open(file, "wb") as opened:
        opened.write(head + array.tobytes())
    return array


@pytest.fixture
def folder(tmp_path):
    """(options of the set, {file: its array}): letters of 20 pixels, valid without gzip."""
    arrays = {}
    for split, count, ending in (("letters-train", 30, ".gz"), ("letters-test", 12, "")):
        for part, array in (
            ("images-idx3", RNG.integers(0, 256, (count, 20, 20), np.uint8)),
            ("labels-idx1", np.arange(count, dtype=np.uint8) % 6),
        ):
            name = f"{split}-{part}-ubyte{ending}"
            arrays[name] = written(tmp_path / name, array)
    (tmp_path / "notes.txt").write_text("not an idx file of train images")
    return {"name": "idx_folder", "path": str(tmp_path)}, arrays


def test_files_are_found_by_their_names_and_read_in_their_order(folder):
    options, arrays = folder
    data = dlcv.data.load(options, None)
    np.testing.assert_array_equal(data.train.arrays["image"][..., 0], arrays["letters-train-images-idx3-ubyte.gz"])
    np.testing.assert_array_equal(data.splits["valid"].arrays["label"], arrays["letters-test-labels-idx1-ubyte"])
    assert (
        data.info["classes"] == tuple(f"class {one}" for one in range(6))
        and data.train.arrays["label"].dtype == np.int32
    )


def test_sizes_channels_and_names_are_those_asked_for(folder):
    options = folder[0] | {"size": 28, "channels": 3, "classes": tuple("abcdef"), "limit": 5}
    spec, data = dlcv.data.spec(options), dlcv.data.load(options, None)
    assert spec.example["image"].shape == (28, 28, 3) and spec.info["classes"] == tuple("abcdef")
    image = data.train.arrays["image"]
    assert image.shape == (5, 28, 28, 3) and not image[:, :4].any() and (image[..., 0] == image[..., 2]).all()


def test_what_cannot_be_read_is_named(folder, tmp_path):
    options, arrays = folder
    with pytest.raises(Misuse, match="names 2 classes, and the files have labels up to 5"):
        dlcv.data.spec(options | {"classes": ("a", "b")})
    written(tmp_path / "more-train-images-idx3-ubyte", arrays["letters-train-images-idx3-ubyte.gz"])
    with pytest.raises(Misuse, match=r"one idx file of train images, found letters-train.*, more-train"):
        dlcv.data.load(options, None)
    (tmp_path / "more-train-images-idx3-ubyte").unlink()
    (tmp_path / "letters-test-labels-idx1-ubyte").unlink()
    with pytest.raises(Misuse, match="one idx file of valid labels, found none"):
        dlcv.data.load(options, None)
    written(tmp_path / "letters-test-labels-idx1-ubyte", np.zeros(3, np.uint8))
    with pytest.raises(Misuse, match=r"got \[12, 20, 20\] and \[3\]"):
        dlcv.data.load(options, None)
    with pytest.raises(Misuse, match="is no folder"):
        dlcv.data.spec({"name": "idx_folder", "path": str(tmp_path / "nowhere")})


def test_published_mnist_is_one_of_them(data_dir):
    wanted = dlcv.data.load({"name": "mnist"}, str(data_dir))
    found = dlcv.data.load(
        {"name": "idx_folder", "path": str(data_dir / "mnist"), "classes": tuple("0123456789")}, None
    )
    np.testing.assert_array_equal(found.train.arrays["image"][::1000], wanted.train.arrays["image"][::1000])
    assert (found.info["classes"], found.info["examples"]) == (wanted.info["classes"], wanted.info["examples"])
