"""The adding task: random numbers, two of them marked, whose sum is asked for at the end; generated, no download.

One mark lies in each half. Always saying 1 has the mean squared error 1/6.
Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Le, Jaitly and Hinton, "A Simple Way to Initialize Recurrent
Networks of Rectified Linear Units", 2015 (numbers in [0, 1]).
"""

import jax
import numpy as np

from dlcv.data.images import image_data
from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse

EXAMPLES = {"train": 20_000, "valid": 1_000}


def spec(*, length: int = 100, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Inputs [length, 2], a number in [0, 1) and its mark (0 or 1), and the target []. Limits keep the first examples."""
    if isinstance(length, bool) or not isinstance(length, int) or length < 2:
        raise Misuse(f"data.length={length!r}: expected a number of steps, 2 or more")
    example = {
        "inputs": jax.ShapeDtypeStruct((length, 2), np.float32),
        "target": jax.ShapeDtypeStruct((), np.float32),
    }
    return Spec(example, {"examples": dict(EXAMPLES)})


def load(
    *, data_dir: str | None = None, length: int = 100, limit: int | None = None, valid_limit: int | None = None
) -> Data:
    """Independent draws by a fixed seed; reads no file of the user's."""
    del data_dir
    chosen, splits = spec(length=length), {}
    for seed, (split, count) in enumerate(EXAMPLES.items()):
        rng, rows = np.random.Generator(np.random.Philox(seed)), np.arange(count)
        inputs = np.zeros((count, length, 2), np.float32)
        inputs[..., 0] = rng.random((count, length), np.float32)
        inputs[rows, rng.integers(length // 2, size=count), 1] = 1
        inputs[rows, rng.integers(length // 2, length, size=count), 1] = 1
        splits[split] = {"inputs": inputs, "target": inputs.prod(-1).sum(-1)}
    return image_data(chosen, splits, name="adding", facts={}, limit=limit, valid_limit=valid_limit)
