"""Multi30k: 31,014 image captions in English, German and French (task 1), as byte pairs; 29,000 of them train, 1,000 of 2016 are `test`.

Files: train, val and test_2016_flickr, each .en.gz, .de.gz, .fr.gz, in <data_dir>/multi30k/.
Source: Elliott, Frank, Sima'an and Specia, "Multi30K: Multilingual English-German Image Descriptions", 2016; French: Elliott, Frank,
Barrault, Bougares and Specia, 2017.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path

from dlcv.data.files import File, Form, find
from dlcv.data.images import check
from dlcv.data.sequences import Texts, between, kept_byte_pairs, sequence_data, sequence_spec
from dlcv.data.source import Data, Spec
from dlcv.language.tokenisers import BytePairs

LANGUAGES = ("en", "de", "fr")
SPLITS = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
PLACE = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw"
SHA256 = {
    "train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "train.de.gz": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    "train.fr.gz": "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
    "val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "val.de.gz": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    "val.fr.gz": "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
    "test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    "test_2016_flickr.de.gz": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    "test_2016_flickr.fr.gz": "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
}


def spec(
    *, source: str = "en", target: str = "de", size: int = 8000, joint: bool = False, width: int = 64,
    buckets: tuple[int, ...] = (16, 24, 32), limit: int | None = None,
) -> Spec:  # fmt: skip
    """At most `width` byte pairs a side, from a vocabulary of `size` a language or, where `joint`, of both together."""
    del buckets, limit
    check("source", source, LANGUAGES)
    check("target", target, tuple(language for language in LANGUAGES if language != source))
    between("size", size, 200, 32_000)
    return sequence_spec(width, width, size, size, joint)


def load(
    *, data_dir: str | None = None, source: str = "en", target: str = "de", size: int = 8000, joint: bool = False,
    width: int = 64, buckets: tuple[int, ...] = (16, 24, 32), limit: int | None = None,
) -> Data:  # fmt: skip
    """Byte pairs learnt from the training lines, the first `limit` of which are kept. Raises Misuse for missing or damaged files."""
    chosen = spec(source=source, target=target, size=size, joint=joint, width=width)
    names = [f"{file}.{language}.gz" for file in SPLITS.values() for language in (source, target)]
    form = Form(tuple(File(name, SHA256[name], f"{PLACE}/{name}") for name in names), _read)
    found = find("multi30k", [form], data_dir)
    lines = found.read()
    splits = {
        split: Texts(*(lines[f"{file}.{side}.gz"] for side in (source, target))) for split, file in SPLITS.items()
    }
    sides = {
        side: (texts, found.sha256[f"train.{side}.gz"])
        for side, texts in zip((source, target), splits["train"], strict=True)
    }
    groups = [tuple(sorted(sides))] if joint else [(side,) for side in sides]
    pairs = [_pairs(size, {side: sides[side] for side in group}) for group in groups] * (2 if joint else 1)
    splits["train"] = Texts(*(texts[:limit] for texts in splits["train"]))
    facts = {"sha256": found.sha256, "languages": [source, target]}
    return sequence_data("multi30k", chosen, splits, *pairs, buckets=buckets, facts=facts)


def _read(paths: Mapping[str, Path]) -> dict[str, list[str]]:
    return {name: gzip.decompress(path.read_bytes()).decode("utf-8").splitlines() for name, path in paths.items()}


def _pairs(size: int, sides: Mapping[str, tuple[list[str], str]]) -> BytePairs:
    """The byte pairs of some languages {language: (lines, sha256 of their file)}, learnt once and kept in the cache."""
    name = "-".join(sides)
    key = [name, size, *(sha256 for _, sha256 in sides.values())]
    return kept_byte_pairs(f"multi30k-{name}", key, [line for texts, _ in sides.values() for line in texts], size)
