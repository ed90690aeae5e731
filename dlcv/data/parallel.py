"""Parallel text in the form it is published in: `path`, a folder with a file a split and language, line by line each other's translation.

<path>/train.en and train.de, and the same for the splits held out, UTF-8, plain or as .gz. WMT14 English-German as Luong, Pham and Manning
("Effective Approaches to Attention-based Neural Machine Translation", 2015) published it tokenised: train, newstest2013 and newstest2014,
each .en and .de, from https://nlp.stanford.edu/projects/nmt/, 4.5 million pairs, about 5 GiB of memory at width 128.
"""

import gzip
import hashlib
from pathlib import Path

from dlcv.data.sequences import Texts, between, kept_byte_pairs, sequence_data, sequence_spec
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse


def spec(
    *, path: str = "", source: str = "en", target: str = "de", valid: str = "newstest2013", test: str = "newstest2014",
    size: int = 37_000, joint: bool = True, width: int = 128, buckets: tuple[int, ...] = (16, 24, 32, 48, 64, 96),
    limit: int | None = None,
) -> Spec:  # fmt: skip
    """At most `width` byte pairs a side, from a vocabulary of `size` a language or, where `joint`, of both together. Reads no file."""
    del path, valid, test, buckets, limit
    if source == target:
        raise Misuse(f"data.source={source!r} and data.target are one language: expected two")
    between("size", size, 200, 64_000)
    return sequence_spec(width, width, size, size, joint)


def load(
    *, data_dir: str | None = None, path: str = "", source: str = "en", target: str = "de", valid: str = "newstest2013",
    test: str = "newstest2014", size: int = 37_000, joint: bool = True, width: int = 128,
    buckets: tuple[int, ...] = (16, 24, 32, 48, 64, 96), limit: int | None = None,
) -> Data:  # fmt: skip
    """Byte pairs learnt from the training lines, the first `limit` of which are kept; `path` is <data_dir>/wmt14 when not given.

    `valid` and `test` are the names of held-out files without the language; an empty `test` is none. Raises Misuse for missing files.
    """
    chosen = spec(source=source, target=target, size=size, joint=joint, width=width)
    folder = Path(path or Path(data_dir or "<data_dir>") / "wmt14")
    names = {"train": "train", "valid": valid, **({"test": test} if test else {})}
    splits, sha256 = {}, {}
    for split, name in names.items():
        sides = [_lines(folder, f"{name}.{language}") for language in (source, target)]
        splits[split] = Texts(*(lines for lines, _ in sides))
        sha256 |= {f"{name}.{language}": found for language, (_, found) in zip((source, target), sides, strict=True)}
    groups = [(source, target)] if joint else [(source,), (target,)]
    train = dict(zip((source, target), splits["train"], strict=True))
    pairs = [
        kept_byte_pairs(
            f"parallel-{'-'.join(group)}", [sha256[f"train.{language}"] for language in group],
            [line for language in group for line in train[language]], size,
        )
        for group in groups
    ] * (2 if joint else 1)  # fmt: skip
    splits["train"] = Texts(*(lines[:limit] for lines in splits["train"]))
    facts = {"path": str(folder), "sha256": sha256, "languages": [source, target]}
    return sequence_data("parallel", chosen, splits, *pairs, buckets=buckets, facts=facts)


def _lines(folder: Path, name: str) -> tuple[list[str], str]:
    """The lines of a file, plain or compressed, and the sha256 of its text."""
    for path, opened in ((folder / name, Path.read_bytes), (folder / f"{name}.gz", _unpacked)):
        if not path.is_file():
            continue
        try:
            content = opened(path)
            return content.decode("utf-8").removesuffix("\n").split("\n"), hashlib.sha256(content).hexdigest()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise Misuse(f"damaged data file {path}: {error}") from error
    raise Misuse(f"data set 'parallel' lacks {name} or {name}.gz: put it into {folder}/, or give data.path=FOLDER")


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())
