"""Position encodings that have no parameters."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


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


def rotary(
    x_BLHK: Float[Array, "B L H K"], positions_BL: Int[Array, "#B L"], *, n: float | int = 10_000
) -> Float[Array, "B L H K"]:
    """Queries or keys turned, pair by pair of columns (2k, 2k + 1), by their position times n ** (-2k / K) radians.

    The product of a turned query and a turned key depends on the difference of their positions alone. Computed in float32, returned in
    x's dtype. Raises ValueError for an odd width. Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
    """
    width = x_BLHK.shape[-1]
    if width % 2:
        raise ValueError(f"width {width} of a head is odd: rotary positions turn pairs of columns, use {width + 1}")
    frequencies_K = n ** (-2.0 * jnp.arange(width // 2, dtype=jnp.float32) / width)
    angles_BL1K = positions_BL[:, :, None, None].astype(jnp.float32) * frequencies_K
    cosine, sine = jnp.cos(angles_BL1K), jnp.sin(angles_BL1K)
    even, odd = x_BLHK[..., 0::2].astype(jnp.float32), x_BLHK[..., 1::2].astype(jnp.float32)
    turned = jnp.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1)
    return turned.reshape(x_BLHK.shape).astype(x_BLHK.dtype)


def alibi_slopes(heads: int) -> Float[Array, "{heads}"]:
    """2 ** (-8 i / heads) for heads a power of two; others take the missing slopes from twice as many heads, every second one.

    Press, Smith and Lewis, "Train Short, Test Long: Attention with Linear Biases", 2022, section 3 and their released code.
    """

    def geometric(count: int) -> list[float]:
        return [2.0 ** (-8.0 * (i + 1) / count) for i in range(count)]

    power = 2 ** int(math.log2(heads))
    return jnp.asarray([*geometric(power), *geometric(2 * power)[0::2][: heads - power]], jnp.float32)


def alibi(
    heads: int, queries: int, keys: int | None = None, first: Int[Array, ""] | int = 0
) -> Float[Array, "1 {heads} L M"]:
    """What is added to the scores: minus each head's slope times the distance between query and key; the first query is at `first`.

    Press, Smith and Lewis, "Train Short, Test Long: Attention with Linear Biases Enables Input Length Extrapolation", 2022.
    """
    distance_LM = jnp.abs(relative_positions(queries, keys, first))
    return -alibi_slopes(heads)[None, :, None, None] * distance_LM


def relative_positions(queries: int, keys: int | None = None, first: Int[Array, ""] | int = 0) -> Int[Array, "L M"]:
    """Position of the key less that of the query; the first query stands at `first` among the keys."""
    return jnp.arange(queries if keys is None else keys)[None, :] - (first + jnp.arange(queries)[:, None])


def relative_buckets(
    distance_LM: Int[Array, "L M"], *, buckets: int = 32, furthest: int = 128, both_ways: bool = True
) -> Int[Array, "L M"]:
    """The row of a learned table of biases for every relative position (key less query): one each when near, wider ones further off.

    Half of the buckets are exact, the others grow by logarithm up to `furthest`, beyond which all share the last; with `both_ways` each
    side has half of the buckets, without it later keys share bucket 0. Raffel et al., "Exploring the Limits of Transfer Learning with a
    Unified Text-to-Text Transformer", 2020, section 2.1.
    """
    side = jnp.zeros_like(distance_LM)
    if both_ways:
        buckets //= 2
        side = jnp.where(distance_LM > 0, buckets, 0)
        away_LM = jnp.abs(distance_LM)
    else:
        away_LM = jnp.maximum(-distance_LM, 0)
    exact = buckets // 2
    # The distance never enters the logarithm below 1: a bucket of its own is chosen for those that are near.
    far = jnp.log(jnp.maximum(away_LM, 1) / exact) / math.log(furthest / exact) * (buckets - exact)
    far_LM = jnp.minimum(exact + far.astype(jnp.int32), buckets - 1)
    return side + jnp.where(away_LM < exact, away_LM, far_LM)
