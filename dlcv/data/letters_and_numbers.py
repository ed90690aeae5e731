"""Letters with a number each, some numbers missing: a to 1, b to 2, as a set or as a sequence; generated, no download.

"own": a number is told by its own letter, wherever that stands: a set. "before": by the letter before it (the first by its own), so that
equal letters have unequal numbers: a sequence. "fixed" maps a to 1, b to 2 in every row: what an element's number is, its letter says
alone. "drawn" maps them anew in every row: only the numbers that are given tell which, and each missing one has a given fellow.
The masked recovery of lectures on attention: missing targets are found again from the elements that have theirs.
"""

import jax
import numpy as np

from dlcv.data.images import check, image_data
from dlcv.data.sequences import between
from dlcv.data.source import Data, Spec

EXAMPLES = {"train": 20_000, "valid": 1_000}
RULES, MAPPINGS = ("own", "before"), ("fixed", "drawn")


def spec(
    *, rule: str = "own", mapping: str = "drawn", letters: int = 2, length: int = 10, limit: int | None = None,
    valid_limit: int | None = None,
) -> Spec:  # fmt: skip
    """"letter" and "number" [length], both counted from 0, and "asked" [length], True where the number is missing: about a half.

    Limits keep the first examples. Raises Misuse for an unknown rule or mapping, and for letters or lengths out of range.
    """  # fmt: skip
    check("rule", rule, RULES)
    check("mapping", mapping, MAPPINGS)
    between("letters", letters, 2, 26)
    between("length", length, 2, 1000)
    example = {
        "letter": jax.ShapeDtypeStruct((length,), np.int32),
        "number": jax.ShapeDtypeStruct((length,), np.int32),
        "asked": jax.ShapeDtypeStruct((length,), np.bool_),
    }
    return Spec(example, {"letters": letters, "rule": rule, "examples": dict(EXAMPLES)})


def load(
    *, data_dir: str | None = None, rule: str = "own", mapping: str = "drawn", letters: int = 2, length: int = 10,
    limit: int | None = None, valid_limit: int | None = None,
) -> Data:  # fmt: skip
    """Independent draws by a fixed seed; reads no file of the user's."""
    del data_dir
    chosen, splits = spec(rule=rule, mapping=mapping, letters=letters, length=length), {}
    for seed, (split, count) in enumerate(EXAMPLES.items()):
        rng = np.random.Generator(np.random.Philox(seed))
        letter_NL = rng.integers(letters, size=(count, length), dtype=np.int32)
        telling_NL = letter_NL if rule == "own" else np.concatenate([letter_NL[:, :1], letter_NL[:, :-1]], 1)
        numbers_NC = np.tile(np.arange(letters, dtype=np.int32), (count, 1))
        numbers_NC = rng.permuted(numbers_NC, axis=1) if mapping == "drawn" else numbers_NC
        asked_NL = rng.permuted(np.tile(np.arange(length) < length // 2, (count, 1)), axis=1)
        splits[split] = {
            "letter": letter_NL, "number": np.take_along_axis(numbers_NC, telling_NL, 1),
            "asked": asked_NL & ~first_of_none_given(telling_NL, asked_NL, letters),
        }  # fmt: skip
    return image_data(chosen, splits, name="letters_and_numbers", facts={}, limit=limit, valid_limit=valid_limit)


def first_of_none_given(telling_NL: np.ndarray, asked_NL: np.ndarray, letters: int) -> np.ndarray:
    """True at the first place of each letter of a row that has no number given to it."""
    here_NLC = telling_NL[..., None] == np.arange(letters)
    none_given_NC = ~(here_NLC & ~asked_NL[..., None]).any(1)
    first_NLC = here_NLC & (here_NLC.cumsum(1) == 1)
    return (first_NLC & none_given_NC[:, None]).any(-1)
