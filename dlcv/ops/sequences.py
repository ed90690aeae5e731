"""The shapes in which a recurrent network is used, each a loop over one step.

A step is `(state, x) -> (state, y)`: any cell with its read-out. Sequences are (T, B, ...): time first, as a loop reads them.
Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015; Sutskever, Vinyals and Le, "Sequence to Sequence
Learning with Neural Networks", 2014 (the asynchronous one).
"""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import Array, Shaped

Step = Callable[[Any, Array], tuple[Any, Array]]


def many_to_many(step: Step, state: Any, x_TBD: Shaped[Array, "T B *D"]) -> tuple[Any, Shaped[Array, "T B *O"]]:
    """Synchronous: an output with every input, as in tagging or language models; (last state, outputs)."""
    return jax.lax.scan(step, state, x_TBD)


def many_to_one(step: Step, state: Any, x_TBD: Shaped[Array, "T B *D"]) -> Shaped[Array, "B *O"]:
    """One output after the last input, as in classification."""
    _, y_TBO = many_to_many(step, state, x_TBD)
    return y_TBO[-1]


def one_to_many(
    step: Step, state: Any, x_BD: Shaped[Array, "B *D"], steps: int, feed: Callable = lambda y: y
) -> Shaped[Array, "T B *O"]:
    """`steps` outputs from one input, as in captioning: each output, through `feed`, is the next input."""

    def one(before, _):
        state, x_BD = before
        state, y_BO = step(state, x_BD)
        return (state, feed(y_BO)), y_BO

    return jax.lax.scan(one, (state, x_BD), length=steps)[1]


def many_to_many_asynchronous(
    encode: Step, decode: Step, state: Any, x_TBD: Shaped[Array, "T B *D"], first_BD: Shaped[Array, "B *E"], steps: int,
    feed: Callable = lambda y: y,
) -> Shaped[Array, "S B *O"]:  # fmt: skip
    """All inputs are read, then `steps` outputs are made from the state alone, beginning with `first`, as in translation."""
    state, _ = many_to_many(encode, state, x_TBD)
    return one_to_many(decode, state, first_BD, steps, feed)
