"""Named sets: published files become array_record by a TFDS builder (no TensorFlow), then numpy, memory-mapped.

Everything derived lies in the cache folder (`disk.cache_dir`), under the digest of the source files; data_dir is only
read.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dlcv.data.files import Form, Found, find
from dlcv.disk import cache_dir, caching
from dlcv.errors import Misuse

Splits = Mapping[str, Mapping[str, np.ndarray]]  # split -> feature -> [N, ...]
VERSION = "1.0.0"


def arrays(name: str, forms: Sequence[Form], data_dir: str | None) -> tuple[Splits, dict[str, str]]:
    """The splits of a named set as read-only memory maps, and the sha256 of its files.

    A form's reader gives `Splits`. Raises Misuse for missing or damaged files and an unwritable cache.
    """
    found = find(name, forms, data_dir)
    digest = hashlib.sha256(json.dumps([name, VERSION, sorted(found.sha256.items())]).encode()).hexdigest()[:16]
    folder = cache_dir() / "sets" / f"{name}-{digest}"
    splits = _mapped(folder)
    if splits is None:
        _prepare(name, found, folder)
        splits = _mapped(folder)
    return splits, found.sha256


def _mapped(folder: Path) -> Splits | None:
    """The arrays of a prepared set, or None where it is absent or incomplete."""
    splits: dict[str, dict[str, np.ndarray]] = {}
    try:
        features = json.loads((folder / "features.json").read_text())
        for split, feature in features:
            mapped = np.load(folder / f"{split}.{feature}.npy", mmap_mode="r")
            splits.setdefault(split, {})[feature] = mapped.view(np.ndarray)
    except (OSError, ValueError):
        return None
    return splits


def _prepare(name: str, found: Found, folder: Path) -> None:
    """Build the set in a folder of its own, then put it into place at once: no start meets a half-built one."""
    with caching():
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    print(f"preparing data set {name!r} once, in {cache_dir()}", file=sys.stderr)
    try:
        splits = found.read()
        source = _records(name, splits, work / "tfds")
        features = [(split, feature) for split in splits for feature in splits[split]]
        for split in splits:
            for feature, array in _read(source[split]).items():
                np.save(work / f"{split}.{feature}.npy", array.astype(splits[split][feature].dtype, copy=False))
        (work / "features.json").write_text(json.dumps(features))
        if _mapped(folder) is None:  # else another process was faster
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(FileExistsError):
                os.replace(work, folder)
    except (OSError, RuntimeError) as error:  # array_record reports a full disk as RuntimeError
        reason = str(error).strip().splitlines()[0][:200]
        raise Misuse(
            f"the cache {cache_dir()} cannot hold data set {name!r}: {reason}; set DLCV_CACHE elsewhere"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _records(name: str, splits: Splits, folder: Path):
    """A TFDS builder over the arrays, prepared as array_record in published order; its data sources by split."""
    import tensorflow_datasets as tfds

    def feature(array: np.ndarray):
        if array.ndim == 1:
            return tfds.features.Scalar(dtype=array.dtype)
        raw = tfds.features.Encoding.BYTES  # the default writes a byte as a 64-bit integer: twice as slow in all
        return tfds.features.Tensor(shape=array.shape[1:], dtype=array.dtype, encoding=raw)

    def generate(columns: Mapping[str, np.ndarray]):
        for row in range(len(next(iter(columns.values())))):
            yield row, {key: column[row] for key, column in columns.items()}

    def info(self):
        features = {key: feature(array) for key, array in next(iter(splits.values())).items()}
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), disable_shuffling=True
        )

    members = {
        "name": f"dlcv_{name}",  # never a stock name: its features may differ
        "VERSION": tfds.core.Version(VERSION),
        "_info": info,
        "_split_generators": lambda self, manager: {split: generate(columns) for split, columns in splits.items()},
        "_generate_examples": lambda self: None,
    }
    with tfds.core.registered.skip_registration():
        builder_class = type(f"Dlcv{name.title().replace('_', '')}", (tfds.core.GeneratorBasedBuilder,), members)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        tfds.display_progress_bar(False)
        builder = builder_class(data_dir=folder, file_format="array_record")
        builder.download_and_prepare()
    return {split: builder.as_data_source(split=split) for split in splits}


def _read(source, block: int = 4096) -> dict[str, np.ndarray]:
    """All rows of a TFDS data source as columns."""
    columns: dict[str, np.ndarray] = {}
    for start in range(0, len(source), block):
        rows = source.__getitems__(range(start, min(start + block, len(source))))
        for key in rows[0]:
            values = np.stack([row[key] for row in rows])
            column = columns.setdefault(key, np.empty((len(source), *values.shape[1:]), values.dtype))
            column[start : start + len(values)] = values
    return columns
