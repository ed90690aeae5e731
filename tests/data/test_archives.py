"""Published archives that are too large for tests: their readers on small ones made by hand in the same form."""

import bz2
import gzip
import io
import pickle
import tarfile

import numpy as np
import pytest
from PIL import Image

from dlcv.data import cifar10, mnist_m, usps

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (12, 32, 32, 3), np.uint8)
LABELS = np.arange(12) % 10


def tar(path, members: dict[str, bytes]):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png")
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["python", "binary"])
def test_cifar10_is_planes_of_colour_batch_by_batch(form, tmp_path):
    planes = PICTURES.transpose(0, 3, 1, 2).reshape(12, 3072)

    def batch(rows: slice) -> bytes:
        if form == "python":
            return pickle.dumps({b"data": planes[rows], b"labels": LABELS[rows].tolist()})
        return np.concatenate([LABELS[rows, None].astype(np.uint8), planes[rows]], 1).tobytes()

    suffix = "" if form == "python" else ".bin"
    members = {f"cifar/data_batch_{i + 1}{suffix}": batch(slice(2 * i, 2 * i + 2)) for i in reversed(range(5))}
    members |= {f"cifar/test_batch{suffix}": batch(slice(10, 12)), "cifar/readme.html": b"", "cifar/batches.meta": b""}
    name = f"cifar-10-{form}.tar.gz"
    splits = cifar10.FORMS[form == "binary"].read({name: tar(tmp_path / name, members)})
    for split, rows in (("train", slice(0, 10)), ("valid", slice(10, 12))):
        np.testing.assert_array_equal(splits[split]["image"], PICTURES[rows])
        np.testing.assert_array_equal(splits[split]["label"], LABELS[rows])


def test_mnist_m_archive_pairs_pictures_with_their_labels(tmp_path):
    members = {}
    for split, rows in (("train", range(10)), ("test", range(10, 12))):
        members |= {f"mnist_m/mnist_m_{split}/{row:08d}.png": png(PICTURES[row]) for row in reversed(rows)}
        lines = "".join(f"{row:08d}.png {LABELS[row]}\n" for row in rows)
        members[f"mnist_m/mnist_m_{split}_labels.txt"] = lines.encode()
    (archive,) = mnist_m.FORMS[0].files
    splits = mnist_m.FORMS[0].read({archive.name: tar(tmp_path / archive.name, members)})
    for split, rows in (("train", slice(0, 10)), ("valid", slice(10, 12))):
        np.testing.assert_array_equal(splits[split]["image"], PICTURES[rows])
        np.testing.assert_array_equal(splits[split]["label"], LABELS[rows])


def test_both_forms_of_usps_hold_the_same_digits(tmp_path, monkeypatch):
    monkeypatch.setattr(usps, "COUNTS", {"train": 3, "valid": 2})
    values = RNG.integers(-1000, 1001, (5, 256)) / 1000
    digits = np.array([6, 5, 0, 9, 1])
    rows, libsvm = {}, {}
    for text, packed, part in (("zip.train.gz", "usps.bz2", slice(0, 3)), ("zip.test.gz", "usps.t.bz2", slice(3, 5))):
        pairs = list(zip(digits[part], values[part], strict=True))
        rows[text], libsvm[packed] = tmp_path / text, tmp_path / packed
        lines = [f"{digit:.4f} " + " ".join(f"{value:.4f}" for value in row) for digit, row in pairs]
        rows[text].write_bytes(gzip.compress("\n".join(lines).encode()))
        lines = [f"{digit + 1} " + " ".join(f"{i + 1}:{value}" for i, value in enumerate(row)) for digit, row in pairs]
        libsvm[packed].write_bytes(bz2.compress("\n".join(lines).encode()))
    one, two = usps.FORMS[0].read(rows), usps.FORMS[1].read(libsvm)
    np.testing.assert_array_equal(one["train"]["label"], [6, 5, 0])
    np.testing.assert_array_equal(one["valid"]["image"].reshape(2, 256), np.rint((values[3:] + 1) * 127.5))
    for split in one:
        np.testing.assert_array_equal(one[split]["image"], two[split]["image"])
        np.testing.assert_array_equal(one[split]["label"], two[split]["label"])
