"""Text pairs of the user's: `path`, a UTF-8 file with a source, a tab and a target a line."""

import hashlib
from functools import lru_cache
from pathlib import Path

from dlcv.data.images import check
from dlcv.data.items import split
from dlcv.data.sequences import Texts, sequence_data, sequence_spec
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse
from dlcv.language.tokenisers import KINDS, Tokeniser, learnt


def spec(
    *, path: str, tokeniser: str = "word", size: int = 8000, joint: bool = False, width: int = 64,
    held_out: float = 0.1, buckets: tuple[int, ...] = (16, 32),
) -> Spec:  # fmt: skip
    """At most `width` tokens a side; the vocabularies are learnt from the training lines of the file, one for both sides where `joint`."""
    del buckets
    source, target = _tokenisers(path, tokeniser, size, joint, held_out)
    return sequence_spec(width, width, len(source.vocabulary), len(target.vocabulary), joint)


def load(
    *, data_dir: str | None = None, path: str, tokeniser: str = "word", size: int = 8000, joint: bool = False, width: int = 64,
    held_out: float = 0.1, buckets: tuple[int, ...] = (16, 32),
) -> Data:  # fmt: skip
    """A seeded `held_out` fraction of the lines is valid. Raises Misuse for a file that is missing or not of two columns."""
    del data_dir
    chosen = spec(path=path, tokeniser=tokeniser, size=size, joint=joint, width=width, held_out=held_out)
    facts = {"path": path, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
    tokenisers = _tokenisers(path, tokeniser, size, joint, held_out)
    return sequence_data("tab_pairs", chosen, _splits(path, held_out), *tokenisers, buckets=buckets, facts=facts)


@lru_cache(maxsize=4)
def _tokenisers(path: str, kind: str, size: int, joint: bool, held_out: float) -> tuple[Tokeniser, Tokeniser]:
    check("tokeniser", kind, KINDS)
    train = _splits(path, held_out)["train"]
    if joint:
        return (learnt(kind, [*train.source, *train.target], size),) * 2
    return learnt(kind, train.source, size), learnt(kind, train.target, size)


def _splits(path: str, held_out: float) -> dict[str, Texts]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Misuse(f"data.path={path!r} is no UTF-8 text: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise Misuse(f"data.path={path!r} cannot be read: {error.strerror}; expected a tab-separated file") from error
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) != 2), None)
    if wrong is not None:
        raise Misuse(f"data.path={path!r}, line {wrong}: expected a source, one tab and a target")
    if len(rows) < 2 or not 0 < held_out < 1:
        raise Misuse(
            f"data.path={path!r} has {len(rows)} pairs, data.held_out={held_out}: expected two or more, 0 to 1"
        )
    places = dict(zip(("train", "valid"), split(len(rows), held_out), strict=True))
    return {name: Texts(*([rows[row][side] for row in chosen] for side in (0, 1))) for name, chosen in places.items()}
