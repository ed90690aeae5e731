"""Published files: read as written, refused in one line when missing, truncated or changed, decoded once."""

import gzip
import hashlib
import struct
import subprocess
import sys

import numpy as np
import pytest

from dlcv import data, disk
from dlcv.data import builder, files, mnist
from dlcv.data.files import File, Form
from dlcv.data.idx import FILES, read_idx, read_mnist
from dlcv.errors import Misuse

IMAGES = np.arange(5 * 28 * 28, dtype=np.uint8).reshape(5, 28, 28)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A cache of its own and no network."""
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "cache"))

    def refuse(request, timeout):
        raise OSError("no network in tests")

    monkeypatch.setattr(files.urllib.request, "urlopen", refuse)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small(tmp_path):
    """A MNIST of five digits in data_dir/mnist, and its form."""
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).write_bytes(gzip.compress(idx(IMAGES if "images" in name else LABELS), mtime=0))
    listed = (File(name, hashlib.sha256((folder / name).read_bytes()).hexdigest()) for name in FILES)
    return folder, (Form(tuple(listed), read_mnist),)


def test_idx_is_read_as_written(tmp_path):
    for name, content in (("a", idx(IMAGES)), ("a.gz", gzip.compress(idx(IMAGES)))):
        (tmp_path / name).write_bytes(content)
        np.testing.assert_array_equal(read_idx(tmp_path / name), IMAGES)


@pytest.mark.parametrize(
    "content",
    [idx(IMAGES)[:-1], idx(IMAGES)[:10], b"", b"\x89PNG" + bytes(20), idx(IMAGES) + b"\0"],
    ids=["short", "header", "empty", "png", "long"],
)
def test_damaged_idx_is_misuse(tmp_path, content):
    for name, written in (
        ("bad", content),
        ("bad.gz", gzip.compress(content)),
        ("cut.gz", gzip.compress(content)[:-6]),
    ):
        (tmp_path / name).write_bytes(written)
        with pytest.raises(Misuse, match=f"damaged data file .*{name}"):
            read_idx(tmp_path / name)


def test_a_named_set_keeps_published_order_and_is_decoded_once(small, monkeypatch):
    folder, forms = small
    first, sha256 = builder.arrays("mnist", forms, str(folder.parent))
    np.testing.assert_array_equal(first["train"]["image"][..., 0], IMAGES)
    np.testing.assert_array_equal(first["valid"]["label"], LABELS)
    assert first["train"]["label"].dtype == np.int32 and set(sha256) == set(FILES)
    monkeypatch.setattr(builder, "_prepare", None)  # must not be called again
    second, _ = builder.arrays("mnist", forms, str(folder.parent))
    np.testing.assert_array_equal(second["train"]["image"], first["train"]["image"])


def test_a_damaged_cache_is_built_anew(small):
    folder, forms = small
    builder.arrays("mnist", forms, str(folder.parent))
    (cached,) = (disk.cache_dir() / "sets").glob("*/train.image.npy")
    cached.write_bytes(cached.read_bytes()[:-9])
    again, _ = builder.arrays("mnist", forms, str(folder.parent))
    np.testing.assert_array_equal(again["train"]["image"][..., 0], IMAGES)


def test_a_cache_that_cannot_be_written_is_misuse(small, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Misuse, match=r"cannot be written.*DLCV_CACHE"):
        builder.arrays("mnist", small[1], str(small[0].parent))


def test_a_full_disk_is_misuse_and_leaves_nothing(small, monkeypatch):
    def fill(*_):
        raise RuntimeError("write() failed: No space left on device; writing\nmore")

    monkeypatch.setattr(builder, "_records", fill)
    with pytest.raises(Misuse, match=r"cannot hold data set 'mnist': .*No space left on device.*DLCV_CACHE"):
        builder.arrays("mnist", small[1], str(small[0].parent))
    assert not list((disk.cache_dir() / "sets").iterdir())


@pytest.mark.parametrize("change", ["truncated", "flipped"])
def test_a_changed_file_is_misuse_even_when_cached(small, change):
    folder, forms = small
    builder.arrays("mnist", forms, str(folder.parent))
    path = folder / FILES[2]
    content = bytearray(path.read_bytes())
    if change == "truncated":
        path.write_bytes(content[:-20])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(Misuse) as caught:
        builder.arrays("mnist", forms, str(folder.parent))
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    for part in (str(path), forms[0].files[2].sha256, got):
        assert part in str(caught.value)


def test_a_reader_that_fails_is_misuse(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.gz").write_bytes(b"no gzip")
    form = Form((File("a.gz"),), lambda paths: gzip.decompress(paths["a.gz"].read_bytes()))
    with pytest.raises(Misuse, match=r"damaged data file among .*a\.gz"):
        files.find("text", (form,), str(tmp_path)).read()


def test_missing_files_say_what_to_put_where(small):
    folder, _ = small
    (folder / FILES[1]).unlink()
    with pytest.raises(Misuse) as caught:
        data.load({"name": "mnist"}, str(folder.parent))
    message = str(caught.value)
    assert f"lacks {FILES[1]}: put it into {folder}/" in message
    assert f"{mnist.URL}{FILES[1]}" in message and "downloading it failed: no network" in message
    assert FILES[0] not in message


def test_missing_data_dir_is_misuse(tmp_path):
    with pytest.raises(Misuse, match="DLCV_DATA_DIR"):
        data.load({"name": "cifar10_jpg"}, None)
    with pytest.raises(Misuse, match="is no folder"):
        data.load({"name": "mnist"}, str(tmp_path / "nowhere"))


def test_a_download_is_verified_and_kept(tmp_path, monkeypatch):
    content = b"to be or not to be"
    (tmp_path / "published").write_bytes(content)
    opened = (tmp_path / "published").open
    monkeypatch.setattr(files.urllib.request, "urlopen", lambda url, timeout: opened("rb"))
    file = File("a.txt", hashlib.sha256(content).hexdigest(), "http://example.org/a.txt")
    form = Form((file,), lambda paths: paths["a.txt"].read_bytes())
    assert files.find("text", (form,), None).read() == content
    monkeypatch.setattr(files.urllib.request, "urlopen", None)  # the second start needs no network
    assert files.find("text", (form,), None).read() == content
    with pytest.raises(Misuse, match="expected sha256"):
        files.find("text", (form._replace(files=(file._replace(sha256="0" * 64),)),), None)


def test_no_heavy_import_at_module_level():
    heavy = ("sklearn", "skimage", "PIL", "tensorflow_datasets", "grain", "tensorflow")
    program = (
        "import sys, importlib; from dlcv import data\n"
        "for name in (*data.names(), *data.HELPERS): importlib.import_module(f'dlcv.data.{name}')\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
