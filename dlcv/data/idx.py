"""The idx format of MNIST and its successors: type and rank in four bytes, big-endian sizes, then the array."""

import gzip
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dlcv.data import builder
from dlcv.data.files import Form
from dlcv.data.images import check, image_data, image_spec, pad, with_channels
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def read_idx(path: Path) -> np.ndarray:
    """The uint8 array of an idx file, gzipped or not; raises Misuse when it is truncated or of another type."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read()
    except EOFError as error:
        raise Misuse(f"damaged data file {path}: its gzip stream ends early; fetch it again") from error
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise Misuse(
            f"damaged data file {path}: expected an idx file of unsigned bytes, got {content[:4].hex() or 'nothing'}"
        )
    rank = content[3]
    shape = tuple(int.from_bytes(content[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(rank))
    got, expected = len(content) - 4 - 4 * rank, math.prod(shape)
    if got != expected:
        raise Misuse(
            f"damaged data file {path}: expected {expected} bytes for shape {shape}, got {max(got, 0)}; fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_mnist(paths: Mapping[str, Path]) -> builder.Splits:
    """Splits {"train", "valid"} of {"image": [N, Y, X, 1], "label": [N]} from the four files of `FILES`."""
    images, labels, valid_images, valid_labels = (read_idx(paths[name]) for name in FILES)
    return {
        "train": {"image": images[..., None], "label": labels.astype(np.int32)},
        "valid": {"image": valid_images[..., None], "label": valid_labels.astype(np.int32)},
    }


def idx_spec(classes: tuple[str, ...], size: int, channels: int) -> Spec:
    """Spec of a set of MNIST's form; raises Misuse unless size is 28 or 32 and channels 1 or 3."""
    check("size", size, (28, 32))
    check("channels", channels, (1, 3))
    return image_spec(size, channels, classes, examples={"train": 60000, "valid": 10000})


def idx_data(
    name: str, forms: Sequence[Form], spec: Spec, data_dir: str | None, limit: int | None, valid_limit: int | None
) -> Data:
    """Data of a set of MNIST's form, padded with zeros and repeated over channels as `spec` says."""
    size, _, channels = spec.example["image"].shape
    splits, sha256 = builder.arrays(name, forms, data_dir)
    return image_data(
        spec,
        splits,
        name=name,
        facts={"sha256": sha256},
        fit=lambda images: with_channels(pad(images, size), channels),
        limit=limit,
        valid_limit=valid_limit,
    )
