"""The user's own data: an image folder, an .npz, a text, a TFDS set prepared in a temporary folder."""

import numpy as np
import pytest
from PIL import Image

from dlcv import data
from dlcv.data.images import eight_bits
from dlcv.data.loader import prefetch
from dlcv.data.source import Examples, Records
from dlcv.errors import Misuse


@pytest.fixture
def folder(tmp_path):
    """Twenty images of two classes: cats are red, dogs blue; wider than high."""
    for name, colour in (("cat", (200, 0, 0)), ("dog", (0, 0, 200))):
        (tmp_path / name).mkdir()
        for row in range(10):
            Image.new("RGB", (40, 20 + row), colour).save(tmp_path / name / f"{row}.png")
    return tmp_path


def test_class_folders_are_labels(folder):
    options = {"name": "folder", "path": str(folder), "size": 16, "held_out": 0.2}
    loaded, spec = data.load(options, None), data.spec(options)
    assert spec.info["classes"] == ("cat", "dog") and spec.example["image"].shape == (16, 16, 3)
    assert loaded.info["examples"] == {"train": 16, "valid": 4}
    for source in (loaded.train, loaded.splits["valid"]):
        images, labels = source.arrays["image"], source.arrays["label"]
        assert images.dtype == np.uint8 and labels.dtype == np.int32
        np.testing.assert_array_equal(
            images[..., 2] > images[..., 0], (labels == 1)[:, None, None].repeat(16, 1).repeat(16, 2)
        )


def test_a_folder_larger_than_memory_stays_on_disk(folder):
    options = {"name": "folder", "path": str(folder), "size": 16, "channels": 1, "held_out": 0.2}
    inside, outside = data.load(options, None), data.load({**options, "memory_mib": 0}, None)
    assert isinstance(inside.train, Examples) and isinstance(outside.train, Records)
    for indices, _ in outside.splits["valid"].sweep(3):
        got = outside.splits["valid"].gather({}, indices)
        np.testing.assert_array_equal(
            got["image"], inside.splits["valid"].gather(inside.splits["valid"].arrays, indices)["image"]
        )
    epoch = list(prefetch(outside.train, seed=0, batch_size=4, start=0, stop=4))
    assert sorted(np.concatenate([batch["label"] for batch in epoch])) == sorted(inside.train.arrays["label"])
    assert epoch[0]["image"].shape == (4, 16, 16, 1)


def test_a_flat_folder_has_no_label(folder):
    loaded = data.load({"name": "folder", "path": str(folder / "cat"), "size": 16}, None)
    assert set(loaded.train.arrays) == {"image"} and loaded.info["classes"] == ()


def saved(folder, mode, colour, **options):
    """An image of one colour, as it is read back from its file; a palette is red throughout."""
    image = Image.new(mode, (20, 20), colour)
    if mode == "P":
        image.putpalette([255, 0, 0] * 2)
    image.save(folder / "image.png", **options)
    return Image.open(folder / "image.png")


@pytest.mark.parametrize(
    ("mode", "colour", "options", "shown"),
    [
        ("RGBA", (255, 0, 0, 0), {}, (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), {}, (255, 0, 0)),
        ("RGBA", (255, 0, 0, 51), {}, (255, 204, 204)),
        ("LA", (10, 0), {}, (255, 255, 255)),
        ("LA", (10, 255), {}, (10, 10, 10)),
        ("P", 1, {}, (255, 0, 0)),
        ("P", 1, {"transparency": 1}, (255, 255, 255)),
        ("RGB", (255, 0, 0), {"transparency": (255, 0, 0)}, (255, 255, 255)),
        ("I;16", 257 * 100, {}, (100, 100, 100)),
        ("I;16", 65535, {}, (255, 255, 255)),
        ("I;16", 7, {"transparency": 7}, (255, 255, 255)),
        ("L", 100, {}, (100, 100, 100)),
        ("1", 1, {}, (255, 255, 255)),
    ],
)
def test_images_of_every_kind_are_seen_on_white_in_eight_bits(tmp_path, mode, colour, options, shown):
    """What shows through is white, not the hidden colour; grey of 16 bits is not cut off at 255."""
    image = saved(tmp_path, mode, colour, **options)
    np.testing.assert_array_equal(eight_bits(image, "RGB"), np.broadcast_to(np.uint8(shown), (20, 20, 3)))
    grey = np.asarray(eight_bits(image, "L"), int)
    assert grey.shape == (20, 20) and np.abs(grey - np.dot(shown, (0.299, 0.587, 0.114))).max() <= 1


def test_sixteen_bits_keep_every_shade(tmp_path):
    shades = np.arange(0, 65536, 257).astype(np.uint16).reshape(16, 16)
    for name in ("a.png", "a.tiff"):
        Image.fromarray(shades).save(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            np.testing.assert_array_equal(np.asarray(eight_bits(image, "L")).ravel(), np.arange(256))


def test_a_folder_may_mix_kinds_and_sizes(tmp_path):
    images = {
        "a.png": Image.new("L", (30, 70), 40),
        "b.jpg": Image.new("RGB", (64, 20), (40, 40, 40)),
        "c.png": Image.new("I;16", (17, 17), 257 * 40),
        "d.png": Image.new("RGBA", (500, 16), (40, 40, 40, 255)),
        "e.png": Image.new("LA", (16, 16), (40, 255)),
    }
    for name, image in images.items():
        image.save(tmp_path / name)
    for channels in (1, 3):
        options = {"name": "folder", "path": str(tmp_path), "size": 16, "channels": channels, "held_out": 0.4}
        loaded = data.load(options, None)
        for source, count in ((loaded.train, 3), (loaded.splits["valid"], 2)):
            np.testing.assert_array_equal(source.arrays["image"], np.full((count, 16, 16, channels), 40, np.uint8))


def test_folder_misuse(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (folder / "cat" / "0.png").write_bytes(b"no image")
    cases = [("nowhere", "is no folder"), ("empty", "holds no image"), (".", r"damaged image .*0\.png")]
    for name, message in cases:
        with pytest.raises(Misuse, match=message):
            data.load({"name": "folder", "path": str(folder / name)}, None)
    Image.new("F", (20, 20)).save(folder / "cat" / "0.tiff")
    (folder / "cat" / "0.png").unlink()
    with pytest.raises(Misuse, match=r"damaged image .*0\.tiff: expected pixels of 8 or 16 bits"):
        data.load({"name": "folder", "path": str(folder)}, None)
    for size in (0, 15, 1025, 64.0):
        with pytest.raises(Misuse, match=f"data.size={size}: expected 16 to 1024, a whole number"):
            data.spec({"name": "folder", "path": str(folder), "size": size})
    (folder / "stray.png").write_bytes(b"")
    with pytest.raises(Misuse, match="images and class folders"):
        data.spec({"name": "folder", "path": str(folder)})


def test_npz_with_and_without_a_valid_split(tmp_path):
    images, labels = np.arange(20 * 4 * 4, dtype=np.uint8).reshape(20, 4, 4), np.arange(20) % 3
    np.savez(tmp_path / "a.npz", image=images, label=labels)
    np.savez(tmp_path / "b.npz", image=images, label=labels, valid_image=images[:5], valid_label=labels[:5])
    one, two = (data.load({"name": "npz", "path": str(tmp_path / name)}, None) for name in ("a.npz", "b.npz"))
    assert one.info["examples"] == {"train": 18, "valid": 2} and two.info["examples"] == {"train": 20, "valid": 5}
    together = np.concatenate([one.train.arrays["image"], one.splits["valid"].arrays["image"]])
    np.testing.assert_array_equal(np.sort(together, axis=0)[..., 0], np.sort(images, axis=0))
    spec = data.spec({"name": "npz", "path": str(tmp_path / "a.npz")})
    assert spec.example["image"].shape == (4, 4, 1) and spec.example["label"].dtype == np.int32
    assert spec.info["classes"] == ("0", "1", "2")


def test_npz_misuse(tmp_path):
    np.savez(tmp_path / "short.npz", image=np.zeros((3, 4, 4)), label=np.zeros(2))
    np.savez(tmp_path / "half.npz", image=np.zeros((3, 4, 4)), label=np.zeros(3), valid_image=np.zeros((3, 4, 4)))
    (tmp_path / "text.npz").write_text("no archive")
    for name, message in [
        ("short", "different lengths"),
        ("half", "of all or of none"),
        ("text", "cannot be read"),
        ("no", "cannot be read"),
    ]:
        with pytest.raises(Misuse, match=message):
            data.load({"name": "npz", "path": str(tmp_path / f"{name}.npz")}, None)


def test_a_text_is_its_own_vocabulary(tmp_path):
    (tmp_path / "a.txt").write_text("to be, or not to be é\n" * 20, encoding="utf-8")
    options = {"name": "text", "path": str(tmp_path / "a.txt"), "length": 8}
    spec, loaded = data.spec(options), data.load(options, None)
    assert spec.info["vocabulary"] == tuple(sorted(set("to be, or not to be é\n")))
    written = "".join(spec.info["vocabulary"][token] for token in loaded.train.arrays["tokens"])
    held = "".join(spec.info["vocabulary"][token] for token in loaded.splits["valid"].arrays["tokens"])
    assert written + held == "to be, or not to be é\n" * 20
    assert len(held) == 44 and loaded.facts["dropped"] == 0
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\xff")
    for changed, message in [
        ({"path": "nowhere.txt"}, "cannot be read"),
        ({"path": str(tmp_path / "b.txt")}, "no UTF-8"),
        ({"length": 80}, "needs 811 or more"),
    ]:
        with pytest.raises(Misuse, match=message):
            data.load({**options, **changed}, None)


def test_code_holds_printable_characters_only():
    loaded = data.load({"name": "code", "limit": 50_000}, None)
    vocabulary = loaded.info["vocabulary"]
    assert len(vocabulary) == 96 and loaded.facts["dropped"] < 100
    again = data.load({"name": "code", "limit": 50_000}, None)
    assert loaded.facts["corpus_sha256"] == again.facts["corpus_sha256"]
    assert "def " in "".join(vocabulary[token] for token in loaded.train.arrays["tokens"])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A TFDS set "two_greys" of ten images, prepared without TensorFlow."""
    import tensorflow_datasets as tfds

    def info(self):
        features = {
            "image": tfds.features.Image(shape=(None, None, 3)),
            "label": tfds.features.ClassLabel(names=["dark", "light"]),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def generate(count):
        for row in range(count):
            yield row, {"image": Image.new("RGB", (12 + row, 9), (200 * (row % 2),) * 3), "label": row % 2}

    members = {
        "VERSION": tfds.core.Version("1.0.0"),
        "_info": info,
        "_split_generators": lambda self, manager: {"train": generate(10), "test": generate(4)},
        "_generate_examples": lambda self: None,
    }
    with tfds.core.registered.skip_registration():
        builder = type("TwoGreys", (tfds.core.GeneratorBasedBuilder,), members)
    folder = tmp_path_factory.mktemp("tfds")
    tfds.display_progress_bar(False)
    builder(data_dir=folder, file_format="array_record").download_and_prepare()
    return folder


@pytest.mark.parametrize("memory_mib", [1, 0])
def test_tfds_by_name(prepared, memory_mib):
    options = {"name": "tfds:two_greys", "path": str(prepared), "size": 8, "memory_mib": memory_mib}
    loaded = data.load(options, None)
    assert loaded.info["classes"] == ("dark", "light") and loaded.info["examples"] == {"train": 10, "valid": 4}
    for source in (loaded.train, loaded.splits["valid"]):
        for indices, mask in source.sweep(3):
            batch = source.gather(source.arrays, indices)
            assert batch["image"].shape == (3, 8, 8, 3) and batch["image"].dtype == np.uint8
            np.testing.assert_array_equal(batch["image"][mask].mean((1, 2, 3)), 200 * batch["label"][mask])


def test_tfds_misuse(prepared):
    for options, message in [
        ({"name": "tfds:two_greys", "path": str(prepared)}, "give data.size"),
        ({"name": "tfds:two_greys", "path": str(prepared), "size": 8, "valid": "tests"}, "no split 'tests'"),
        ({"name": "tfds:two_blacks", "path": str(prepared)}, "TFDS has no set 'two_blacks'"),
        ({"name": "tfds:mnst"}, "did you mean 'mnist'"),
        ({"name": "tfds:mnist", "path": str(prepared)}, "is not prepared in .*'dlcv\\[tf\\]'"),
    ]:
        with pytest.raises(Misuse, match=message):
            data.load(options, None)
