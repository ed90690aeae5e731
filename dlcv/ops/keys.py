"""Random streams by name: a key is folded from names and numbers, never stored."""

from zlib import crc32

import jax


def named(key: jax.Array, *names: str | int | jax.Array) -> jax.Array:
    """The key of the stream called `names` under `key`; strings are folded by their CRC-32, integers as they are."""
    for name in names:
        key = jax.random.fold_in(key, crc32(name.encode()) if isinstance(name, str) else name)
    return key
