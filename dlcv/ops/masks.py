"""Who may attend to whom: boolean arrays that broadcast to (batch, heads, queries, keys), True where it may; they combine by `&` and `|`."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

Length = Int[Array, "B"]


def padding(lengths_B: Length, keys: int) -> Bool[Array, "B 1 1 M"]:
    """Every query sees the keys before its row's length."""
    return (jnp.arange(keys) < lengths_B[:, None])[:, None, None, :]


def cross(memory_lengths_B: Length, memory: int) -> Bool[Array, "B 1 1 M"]:
    """Every query of a decoder sees the whole memory of its row, which has an end of its own."""
    return padding(memory_lengths_B, memory)


def bidirectional(queries: int, keys: int | None = None) -> Bool[Array, "1 1 L M"]:
    """Every query sees every key."""
    return jnp.ones((1, 1, queries, queries if keys is None else keys), bool)


def causal(queries: int, keys: int | None = None, first: Int[Array, ""] | int = 0) -> Bool[Array, "1 1 L M"]:
    """A query sees itself and what stands before it; the first query stands at position `first` among the keys."""
    return (_distance(queries, keys, first) >= 0)[None, None]


def prefix(
    prefix_lengths_B: Length, queries: int, keys: int | None = None, first: Int[Array, ""] | int = 0
) -> Bool[Array, "B 1 L M"]:
    """Causal, but all see the whole prefix: bidirectional within it; the first query stands at `first` among the keys.

    Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2020, section 3.2.1.
    """
    return causal(queries, keys, first) | padding(prefix_lengths_B, queries if keys is None else keys)


def local(
    queries: int, window: int, keys: int | None = None, first: Int[Array, ""] | int = 0
) -> Bool[Array, "1 1 L M"]:
    """A query sees the keys at most `window` positions away, on both sides; with `causal` those before it alone."""
    return (jnp.abs(_distance(queries, keys, first)) <= window)[None, None]


def _distance(queries: int, keys: int | None, first: jax.Array | int) -> Int[Array, "L M"]:
    """How far the key stands before the query, negative where it stands behind."""
    return first + jnp.arange(queries)[:, None] - jnp.arange(queries if keys is None else keys)[None, :]
