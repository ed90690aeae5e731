"""A folder of the user's with many text files, as byte pairs: every .txt below `path` is a document, an end token behind it.

Options: path=FOLDER, size=32000, length=256, tokens=FOLDER of GPT-2's vocab.json and merges.txt in place of a learnt vocabulary. The tokens
are written once into the cache and read from there as a memory map, so that a folder may be larger than memory.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from dlcv.data.source import Data, Spec
from dlcv.data.token_streams import digest_of, kept, token_data, token_spec
from dlcv.disk import cache_dir, caching, whole
from dlcv.errors import Misuse
from dlcv.language import byte_level
from dlcv.language.byte_level import ByteLevel

HELD_OUT = 10  # of as many files, in an order shuffled once, one is held out
RESIDENT = 1 << 28  # tokens up to which a split is read into memory
LEARNT_FROM = 20_000  # documents that the vocabulary is learnt from


def spec(*, path: str, size: int = 32_000, length: int = 256, tokens: str = "") -> Spec:
    """Rows of `length` + 1 tokens; the vocabulary has `size`, or what the folder `tokens` has."""
    del path
    return token_spec(len(byte_level.load(Path(tokens))) if tokens else size, length)


def load(*, data_dir: str | None = None, path: str, size: int = 32_000, length: int = 256, tokens: str = "") -> Data:
    """A tenth of the files is `valid`. Raises Misuse for a folder without two text files, and for one that is no UTF-8 text."""
    del data_dir
    chosen, files = spec(path=path, size=size, length=length, tokens=tokens), found(path)
    parts = {"valid": files[::HELD_OUT], "train": [file for place, file in enumerate(files) if place % HELD_OUT]}
    stamps = [[str(file.relative_to(path)), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    digest = digest_of(str(Path(path).resolve()), stamps)
    if tokens:
        tokeniser = byte_level.load(Path(tokens))
    else:
        tokeniser, _ = kept("text_folder", lambda: islice(map(read, parts["train"]), LEARNT_FROM), size, digest)
    name = digest_of(digest, tokeniser.tokens, tokeniser.merges)
    rows = {split: mapped(parts[split], tokeniser, f"{name}-{split}") for split in ("train", "valid")}
    return token_data(
        "text_folder", tokeniser, rows, chosen, {"files": {split: len(part) for split, part in parts.items()}}
    )


def found(path: str) -> list[Path]:
    """The text files below a folder, in an order shuffled once by their names' digests. Raises Misuse for fewer than two."""
    files = sorted(Path(path).rglob("*.txt"), key=lambda file: digest_of(str(file.relative_to(path))))
    if len(files) < 2:
        raise Misuse(f"data.path={path!r} holds {len(files)} text files: expected a folder of at least two .txt")
    return files


def read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise Misuse(f"{file} is no UTF-8 text: {error}") from error


def mapped(files: Sequence[Path], tokeniser: ByteLevel, name: str) -> np.ndarray:
    """The documents' tokens as 16-bit numbers on disk, written file by file the first time: read into memory, or mapped where they are many."""
    place = cache_dir() / "tokens" / f"{name}.bin"
    if not place.exists():
        with caching():
            place.parent.mkdir(parents=True, exist_ok=True)
            with whole(place) as partial, open(partial, "wb") as out:
                for row in documents(files, tokeniser):
                    out.write(row.tobytes())
    row = np.memmap(place, np.uint16, "r")
    return row if len(row) > RESIDENT else np.array(row, np.int32)


def documents(files: Sequence[Path], tokeniser: ByteLevel) -> Iterator[np.ndarray]:
    """Each file's tokens with the end behind them."""
    for file in files:
        yield np.append(tokeniser.encode(read(file)), tokeniser.end).astype(np.uint16)
