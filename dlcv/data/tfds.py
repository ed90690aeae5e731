"""Any TFDS set of images and labels by its name, `tfds:<name>`, read without TensorFlow where it is prepared as
array_record.

Preparing a stock set takes TensorFlow (extra [tf]); with it the set is prepared on first use.
"""

import difflib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dlcv.data.folder import squared
from dlcv.data.images import check, image_spec
from dlcv.data.items import MEMORY_MIB, Subset, items_data
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse


@dataclass(frozen=True)
class Pictures:
    """Examples of a TFDS data source with the shape of `spec`."""

    source: Any
    spec: Spec
    whole: bool  # as they are; else the central square, resampled

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> dict[str, Any]:
        from PIL import Image

        row = self.source[index]
        image = row["image"]
        if not self.whole:
            rows, _, channels = self.spec.example["image"].shape
            image = squared(Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image), rows, channels)
        return {"image": image, "label": np.int32(row["label"])} if "label" in self.spec.example else {"image": image}


def spec(
    *,
    builder: str,
    train: str = "train",
    valid: str = "test",
    size: int | None = None,
    channels: int = 3,
    path: str | None = None,
    limit: int | None = None,
    memory_mib: int = MEMORY_MIB,
) -> Spec:
    """Images as registered, or [size, size, channels]; labels where the set has them.

    Raises Misuse for a name TFDS lacks (and `path` does not hold), for a set without images, and where images differ in
    size and `size` is not given.
    """
    del train, valid, limit, memory_mib
    return _spec(builder, _builder(builder, path), size, channels)


def load(
    *,
    data_dir: str | None = None,
    builder: str,
    train: str = "train",
    valid: str = "test",
    size: int | None = None,
    channels: int = 3,
    path: str | None = None,
    limit: int | None = None,
    memory_mib: int = MEMORY_MIB,
) -> Data:
    """TFDS splits `train` and `valid` of a set in `path`, else <data_dir>/tfds, else TFDS's own folder.

    Raises Misuse as `spec`, and where the set is not prepared or cannot be read by index.
    """
    if path is None and data_dir is not None and (Path(data_dir) / "tfds").is_dir():
        path = str(Path(data_dir) / "tfds")
    found = _builder(builder, path)
    chosen = _spec(builder, found, size, channels)
    sources = {split: _source(builder, found, split) for split in (train, valid)}
    pictures = {split: Pictures(source, chosen, whole=size is None) for split, source in sources.items()}
    kept = Subset(pictures[train], tuple(range(min(limit or len(pictures[train]), len(pictures[train])))))
    facts = {"tfds": str(found.info.full_name)}
    return items_data(chosen, kept, pictures[valid], name="tfds", facts=facts, memory_mib=memory_mib)


def _builder(name: str, path: str | None):
    import tensorflow_datasets as tfds
    from absl import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)  # it warns of every stock set that is not prepared yet
    try:
        return tfds.builder(name, data_dir=path)
    except tfds.core.registered.DatasetNotFoundError as error:
        near = difflib.get_close_matches(name, tfds.list_builders(with_community_datasets=False), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "data.path may name the folder of a set of your own"
        raise Misuse(f"TFDS has no set {name!r}: {hint}") from error
    except (ValueError, ImportError) as error:
        raise Misuse(f"TFDS set {name!r} cannot be read here: {str(error).strip().splitlines()[0]}") from error
    finally:
        logging.set_verbosity(verbosity)


def _spec(name: str, found: Any, size: int | None, channels: int) -> Spec:
    features = found.info.features
    if "image" not in features:
        raise Misuse(f"TFDS set {name!r} has the features {sorted(features)}: expected image, with or without label")
    if size is not None:
        check("size", size, range(1, 1025))
        check("channels", channels, (1, 3))
        shape = (size, size, channels)
    else:
        shape = features["image"].shape
    if None in shape:
        raise Misuse(f"TFDS set {name!r} has images of different sizes: give data.size")
    names = getattr(features["label"], "names", None) if "label" in features else None
    return image_spec(shape[:2], shape[2], tuple(names or ()))


def _source(name: str, found: Any, split: str):
    if not found.is_prepared():
        if find_spec("tensorflow") is None:
            raise Misuse(
                f"TFDS set {name!r} is not prepared in {found.data_path}: that takes TensorFlow, 'dlcv[tf]', "
                "or prepare it elsewhere with `tfds build --file_format=array_record` and copy that folder"
            )
        found.download_and_prepare(file_format="array_record")
    if split.split("[")[0] not in found.info.splits:
        raise Misuse(f"TFDS set {name!r} has no split {split!r}: it has {', '.join(sorted(found.info.splits))}")
    try:
        return found.as_data_source(split=split)
    except NotImplementedError as error:
        raise Misuse(
            f"TFDS set {name!r} in {found.data_path} cannot be read by index: prepare it as array_record"
        ) from error
