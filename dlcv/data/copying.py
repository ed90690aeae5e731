"""The copying task: a few symbols, a long pause, a mark, and then the symbols again from memory; generated, no download.

A row is `symbols` of 8 letters, `delay` - 1 blanks, the mark and `symbols` blanks, one-hot over 10; the label is the letters, asked
for at the last steps. Without memory 1 of 8 is right.
Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Arjovsky, Shah and Bengio, "Unitary Evolution Recurrent Neural
Networks", 2016 (10 symbols).
"""

import jax
import numpy as np

from dlcv.data.images import image_data
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

LETTERS, BLANK, MARK = 8, 8, 9
EXAMPLES = {"train": 20_000, "valid": 1_000}


def spec(*, symbols: int = 10, delay: int = 50, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Inputs [2 symbols + delay, 10] and labels [symbols]. Limits keep the first examples."""
    for option, given in (("symbols", symbols), ("delay", delay)):
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise Misuse(f"data.{option}={given!r}: expected a number of steps, 1 or more")
    inputs = jax.ShapeDtypeStruct((2 * symbols + delay, LETTERS + 2), np.float32)
    label = jax.ShapeDtypeStruct((symbols,), np.int32)
    return Spec({"inputs": inputs, "label": label}, {"classes": tuple("abcdefgh"), "examples": dict(EXAMPLES)})


def load(
    *, data_dir: str | None = None, symbols: int = 10, delay: int = 50, limit: int | None = None, valid_limit: int | None = None
) -> Data:  # fmt: skip
    """Independent draws by a fixed seed; reads no file of the user's."""
    del data_dir
    chosen, splits = spec(symbols=symbols, delay=delay), {}
    for seed, (split, count) in enumerate(EXAMPLES.items()):
        label = np.random.Generator(np.random.Philox(seed)).integers(LETTERS, size=(count, symbols), dtype=np.int32)
        tokens = np.full((count, 2 * symbols + delay), BLANK)
        tokens[:, :symbols], tokens[:, symbols + delay - 1] = label, MARK
        splits[split] = {"inputs": np.eye(LETTERS + 2, dtype=np.float32)[tokens], "label": label}
    return image_data(chosen, splits, name="copying", facts={}, limit=limit, valid_limit=valid_limit)
