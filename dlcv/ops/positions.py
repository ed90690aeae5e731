"""Position encodings that have no parameters."""

import jax
import jax.numpy as jnp
from jaxtyping import Float


def sinusoidal_positions(
    length: int, width: int, *, n: float | int = 10_000, first: int = 0
) -> Float[jax.Array, "{length} {width}"]:
    """Table of sines (even columns) and cosines (odd columns) of the position at geometrically spaced frequencies.

    Columns 2k and 2k + 1 of row p hold sin and cos of p * n ** (-2 (k + first) / width), k from 0. Papers and code
    count frequencies from 0, so that the fastest is 1 radian a position; some lectures count from 1: `first=1`.
    Raises ValueError for an odd width.
    Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
    """
    if width % 2:
        raise ValueError(
            f"width {width} of a sinusoidal table is odd: sines and cosines come in pairs, use {width + 1}"
        )
    k = jnp.arange(width // 2, dtype=jnp.float32) + first
    angles_LK = jnp.arange(length, dtype=jnp.float32)[:, None] * n ** (-2.0 * k / width)
    return jnp.stack([jnp.sin(angles_LK), jnp.cos(angles_LK)], axis=-1).reshape(length, width)
