"""A folder of the user's images: `path`; its subfolders are the classes, or it is flat and the images have no label."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcv.data.images import check, eight_bits, image_spec
from dlcv.data.items import MEMORY_MIB, Subset, items_data, split
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


@dataclass(frozen=True)
class Pictures:
    """Decoded examples of a list of image files, by index."""

    paths: tuple[Path, ...]
    labels: tuple[int, ...] | None
    size: int
    channels: int

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict[str, Any]:
        from PIL import Image

        path = self.paths[index]
        try:
            with Image.open(path) as image:
                pixels = squared(image, self.size, self.channels)
        except (OSError, ValueError) as error:
            raise Misuse(f"damaged image {path}: {error}") from error
        return {"image": pixels} if self.labels is None else {"image": pixels, "label": np.int32(self.labels[index])}


def spec(
    *,
    path: str,
    size: int = 64,
    channels: int = 3,
    held_out: float = 0.1,
    limit: int | None = None,
    memory_mib: int = MEMORY_MIB,
) -> Spec:
    """Images [size, size, channels], with a label where the folder has subfolders of images; lists the folder."""
    del held_out, limit, memory_mib
    check("size", size, range(16, 1025))
    check("channels", channels, (1, 3))
    return image_spec(size, channels, _listed(path)[1])


def load(
    *,
    data_dir: str | None = None,
    path: str,
    size: int = 64,
    channels: int = 3,
    held_out: float = 0.1,
    limit: int | None = None,
    memory_mib: int = MEMORY_MIB,
) -> Data:
    """The central squares of all images, resampled; a seeded `held_out` fraction is valid, train keeps its first
    `limit`.

    More than `memory_mib` of decoded images stay on disk. Raises Misuse for a folder without images and for damaged
    images.
    """
    del data_dir
    chosen = spec(path=path, size=size, channels=channels)
    files, classes = _listed(path)
    if len(files) < 2 or not 0 < held_out < 1:
        raise Misuse(
            f"data.path={path!r} has {len(files)} images and data.held_out={held_out}: expected two or more, and 0 to 1"
        )
    labels = tuple(classes.index(file.relative_to(path).parts[0]) for file in files) if classes else None
    pictures = Pictures(files, labels, size, channels)
    train, valid = split(len(files), held_out)
    if limit is not None:  # of rows in random order, so that a cut set holds every class
        train = np.sort(np.random.Generator(np.random.Philox(1)).permutation(train)[:limit])
    return items_data(
        chosen,
        Subset(pictures, tuple(train.tolist())),
        Subset(pictures, tuple(valid.tolist())),
        name="folder",
        facts={"path": path},
        memory_mib=memory_mib,
    )


def squared(image: Any, size: int, channels: int) -> np.ndarray:
    """The central square of a PIL image, resampled to uint8 [size, size, channels]. Raises ValueError as `eight_bits` does."""
    from PIL import Image, ImageOps

    image = eight_bits(ImageOps.exif_transpose(image), "RGB" if channels == 3 else "L")
    return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)).reshape(size, size, channels)


def _listed(path: str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Image files in the order of their names, and the classes (subfolders); a flat folder has none."""
    root = Path(path)
    if not root.is_dir():
        raise Misuse(f"data.path={path!r} is no folder: expected one of images, or of one subfolder of images a class")
    files = sorted(file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise Misuse(f"data.path={path!r} holds no image ({', '.join(sorted(SUFFIXES))})")
    flat = [file for file in files if file.parent == root]
    if flat and len(flat) < len(files):
        raise Misuse(
            f"data.path={path!r} holds images and class folders, such as {flat[0].name!r}: expected one or the other"
        )
    return tuple(files), () if flat else tuple(sorted({file.relative_to(root).parts[0] for file in files}))
