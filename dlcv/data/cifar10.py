"""CIFAR-10: 50,000 train and 10,000 valid (the published test) colour pictures, 32x32.

Files: cifar-10-python.tar.gz or cifar-10-binary.tar.gz in <data_dir>/cifar10/.
Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

import pickle
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcv.data import builder
from dlcv.data.cifar10_jpg import CLASSES
from dlcv.data.files import File, Form
from dlcv.data.images import image_data, image_spec
from dlcv.data.source import Data, Spec

URL = "https://www.cs.toronto.edu/~kriz/"


def spec(*, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [32, 32, 3] of 10 classes; limits keep the first examples."""
    return image_spec(32, 3, CLASSES, examples={"train": 50000, "valid": 10000})


def load(*, data_dir: str | None = None, limit: int | None = None, valid_limit: int | None = None) -> Data:
    """The published pictures in published order."""
    splits, sha256 = builder.arrays("cifar10", FORMS, data_dir)
    facts = {"sha256": sha256}
    return image_data(spec(), splits, name="cifar10", facts=facts, limit=limit, valid_limit=valid_limit)


def _members(path: Path) -> builder.Splits:
    """Both splits from an archive of batch files, decoded by what their names say, in the order of their names."""
    batches = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            if name.startswith(("data_batch_", "test_batch")):
                content = archive.extractfile(member).read()
                batches[name] = _binary(content) if name.endswith(".bin") else _pickled(content)
    splits = {}
    for split, prefix in (("train", "data_batch_"), ("valid", "test_batch")):
        pixels, labels = zip(*(batches[name] for name in sorted(batches) if name.startswith(prefix)), strict=True)
        images = np.concatenate(pixels).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        splits[split] = {"image": np.ascontiguousarray(images), "label": np.concatenate(labels).astype(np.int32)}
    return splits


def _binary(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    rows = np.frombuffer(content, np.uint8).reshape(-1, 1 + 3072)
    return rows[:, 1:], rows[:, 0]


def _pickled(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    batch = pickle.loads(content, encoding="bytes")  # of an archive whose sha256 was verified
    return batch[b"data"], np.array(batch[b"labels"])


def _archive(name: str, sha256: str) -> Form:
    def read(paths: Mapping[str, Path]) -> builder.Splits:
        return _members(paths[name])

    return Form((File(name, sha256, URL + name),), read)


FORMS = (
    _archive("cifar-10-python.tar.gz", "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"),
    _archive("cifar-10-binary.tar.gz", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
)
