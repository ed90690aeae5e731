"""Rows of unequal length in one padded array: which steps count, the last of them, and the order turned round."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Shaped


def inside(lengths_B: Int[Array, "B"], steps: int) -> Bool[Array, "B T"]:
    """True before each row's length."""
    return jnp.arange(steps) < lengths_B[:, None]


def reverse(x_BTD: Shaped[Array, "B T *D"], lengths_B: Int[Array, "B"] | None = None) -> Shaped[Array, "B T *D"]:
    """Each row's first `length` steps in reverse order; padding stays where it is. Its own inverse."""
    if lengths_B is None:
        return x_BTD[:, ::-1]
    steps = jnp.arange(x_BTD.shape[1])
    from_BT = jnp.where(inside(lengths_B, len(steps)), lengths_B[:, None] - 1 - steps, steps)
    return jnp.take_along_axis(x_BTD, from_BT.reshape(from_BT.shape + (1,) * (x_BTD.ndim - 2)), axis=1)


def last_inside(x_BTD: Shaped[Array, "B T *D"], lengths_B: Int[Array, "B"] | None = None) -> Shaped[Array, "B *D"]:
    """Each row's step before its length (the first for a length of 0)."""
    if lengths_B is None:
        return x_BTD[:, -1]
    return x_BTD[jnp.arange(len(x_BTD)), jnp.maximum(lengths_B - 1, 0)]
