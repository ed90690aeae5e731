"""MNIST-M: MNIST digits blended into photographs, 32x32 colour; a target domain for MNIST.

train="real" (default) is the published training set: 59,001 images where the archive mnist_m.tar.gz (folder mnist_m/
with mnist_m_{train,test}/*.png and their _labels.txt) lies in <data_dir>/mnist_m/, or its first 8,000 where the
lossless mosaics do. train="generated" makes all 60,000 from <data_dir>/mnist/ and the 200 photographs
<data_dir>/bsds500_train/images_train.zip by the published recipe: |patch - digit| per channel, digits binarised above
0, one seeded random patch each. Valid is always real: 9,001 published test images or their first 4,000.
Source: Ganin, Ustinova, Ajakan, Germain, Larochelle, Laviolette, Marchand and Lempitsky, "Domain-Adversarial Training
of Neural Networks", 2016. The digits of the published images are padded from 28 to 32 and binarised, which the
generator repeats.
"""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcv.data import builder, mnist, photographs
from dlcv.data.files import File, Form, find
from dlcv.data.idx import FILES, read_idx
from dlcv.data.images import check, image_data, image_spec, pad
from dlcv.data.mnist import CLASSES
from dlcv.data.source import Data, Spec

MOSAICS = {
    "test_00000.webp": "c379451b1c1bcd513cb005dedcdf2626cab54ccf94fff2f8aa172ea7a8e185e0",
    "test_01000.webp": "5a638f83c568d738ad780ec86dc9ad498286a679bdbd3805ee33e936a7012130",
    "test_02000.webp": "94cb83a46c09dba17174f4d0f3c57e4b8da5da1830ff31b6834bc59b665496b4",
    "test_03000.webp": "730568f875688c5c847c0d80f29f9c69b03eb1f60ef752d92b5d32b4b9752417",
    "test_labels.npy": "68838fb328dea569adc23cb96dc3fc321b7c6334915efbdf4b18ef4346a48834",
    "train_00000.webp": "d5f8068fd99cec0126a58b773b86abf34f836c2e68a092e21b8ef76e053f3561",
    "train_01000.webp": "b2bf9aa934b23f8f3422b90820a4085624b60ff832ba0b51f3f2c740d7151f9a",
    "train_02000.webp": "bce387e8842314965323ecfb2b376bcf8c6fd5a12b9547aed70a36e62d3945e8",
    "train_03000.webp": "a3f5f7a2b859d3f758c405226c9bc8590fbd35804dbeef8d37daae25a86ea96d",
    "train_04000.webp": "cf4532c104669a582919a70341e76e83a8d138aea766f88e69231c1829c89d71",
    "train_05000.webp": "309e2004f577d795a711a3a8a4633d1fcd7684dab43be2c948152230d45f8810",
    "train_06000.webp": "0f1a9b509b87ab5e837ef2e7a1aa4108fc6ce9a357c28e58986c019aea782a21",
    "train_07000.webp": "e8816b502b925b6248c25d419944a5f29b325beab831d7b5efcea37264a35283",
    "train_labels.npy": "63ee065a9f3b32777e9dcf5c98fa9894734572a75bb13ce954cf0fdf5cab4003",
}
PHOTOGRAPHS = File("images_train.zip", "9e9b9ca88eb4ebbeba841910281f123446611204eea38b40752dd1d5b7dbac01")


def spec(*, size: int = 32, train: str = "real", limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, 3] of 10 classes, size 32 or its central 28; counts are those of the published set."""
    check("size", size, (28, 32))
    check("train", train, ("real", "generated"))
    return image_spec(size, 3, CLASSES, examples={"train": 59001 if train == "real" else 60000, "valid": 9001})


def load(
    *,
    data_dir: str | None = None,
    size: int = 32,
    train: str = "real",
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """Image i of a split is made from MNIST's image i; `Data.info["examples"]` says how many are present."""
    chosen = spec(size=size, train=train)
    splits, sha256 = builder.arrays("mnist_m", FORMS, data_dir)
    if train == "generated":
        digits = find("mnist", mnist.FORMS, data_dir)
        form = Form((PHOTOGRAPHS,), lambda paths: _generated(digits.paths, paths[PHOTOGRAPHS.name]), "bsds500_train")
        generated, ground = builder.arrays("mnist_m_generated", (form,), data_dir)
        splits = {"train": generated["train"], "valid": splits["valid"]}
        sha256 = {**sha256, **digits.sha256, **ground}
    return image_data(
        chosen,
        splits,
        name="mnist_m",
        facts={"sha256": sha256, "train": train},
        fit=lambda images: pad(images, size),
        limit=limit,
        valid_limit=valid_limit,
    )


def _generated(digits: Mapping[str, Path], archive: Path, seed: int = 0) -> builder.Splits:
    from PIL import Image

    images, labels = read_idx(digits[FILES[0]]), read_idx(digits[FILES[1]])
    with zipfile.ZipFile(archive) as opened:
        names = sorted(name for name in opened.namelist() if name.endswith(".jpg"))
        grounds = [np.asarray(Image.open(io.BytesIO(opened.read(name))).convert("RGB")) for name in names]
    patches = photographs.patches(grounds, len(images), 32, np.random.Generator(np.random.Philox(seed)))
    strokes = photographs.binarise(pad(images[..., None], 32), 0)
    return {"train": {"image": photographs.blend(patches, strokes), "label": labels.astype(np.int32)}}


def _read_mosaics(paths: Mapping[str, Path]) -> builder.Splits:
    """Lossless mosaics of 40 x 25 images, row by row."""
    from PIL import Image

    splits = {}
    for split, prefix in (("train", "train"), ("valid", "test")):
        tiles = []
        for name in sorted(name for name in paths if name.startswith(prefix) and name.endswith(".webp")):
            with Image.open(paths[name]) as mosaic:
                tiles.append(np.asarray(mosaic.convert("RGB")).reshape(25, 32, 40, 32, 3).transpose(0, 2, 1, 3, 4))
        images = np.concatenate(tiles).reshape(-1, 32, 32, 3)
        splits[split] = {"image": images, "label": np.load(paths[f"{prefix}_labels.npy"]).astype(np.int32)}
    return splits


def _read_archive(paths: Mapping[str, Path]) -> builder.Splits:
    """The published archive: PNGs, and a text of "name label" lines a split."""
    from PIL import Image

    images: dict[str, np.ndarray] = {}
    labels: dict[str, dict[str, int]] = {"train": {}, "test": {}}
    with tarfile.open(paths["mnist_m.tar.gz"]) as archive:
        for member in archive:
            place = Path(member.name)
            content = archive.extractfile(member).read() if member.isfile() else b""
            if place.suffix == ".png":
                images[f"{place.parent.name}/{place.name}"] = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
            elif place.name.endswith("_labels.txt"):
                split = "train" if "train" in place.name else "test"
                labels[split] = {
                    name: int(label) for name, label in (line.split() for line in content.decode().splitlines())
                }
    return {
        "valid" if split == "test" else split: {
            "image": np.stack([images[f"mnist_m_{split}/{name}"] for name in sorted(named)]),
            "label": np.array([named[name] for name in sorted(named)], np.int32),
        }
        for split, named in labels.items()
    }


FORMS = (
    Form((File("mnist_m.tar.gz"),), _read_archive),
    Form(tuple(File(name, sha256) for name, sha256 in MOSAICS.items()), _read_mosaics),
)
