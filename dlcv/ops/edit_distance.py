"""Edit distance between sequences of labels."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int


def edit_distance(
    a_BT: Int[Array, "B T"], lengths_a_B: Int[Array, "B"], b_BL: Int[Array, "B L"], lengths_b_B: Int[Array, "B"]
) -> Int[Array, "B"]:
    """The fewest insertions, deletions and substitutions that turn the first labels of `a` into those of `b`.

    Levenshtein, "Binary Codes Capable of Correcting Deletions, Insertions, and Reversals", 1966.
    """
    place = jnp.arange(b_BL.shape[1] + 1)

    def row(distance, step):
        i, a_B = step
        other_BL = (a_B[:, None] != b_BL).astype(distance.dtype)
        first_B = jnp.full((len(b_BL), 1), i + 1, distance.dtype)
        either = jnp.minimum(distance[:, 1:] + 1, distance[:, :-1] + other_BL)
        # Insertions along the row, one each: the least of d(k) + (j - k) over k <= j.
        shifted = jnp.concatenate([first_B, either], axis=1) - place
        new = jax.lax.associative_scan(jnp.minimum, shifted, axis=1) + place
        return jnp.where((i < lengths_a_B)[:, None], new, distance), None

    start = jnp.broadcast_to(place, (len(b_BL), len(place))).astype(jnp.int32)
    distance, _ = jax.lax.scan(row, start, (jnp.arange(a_BT.shape[1]), a_BT.T))
    return jnp.take_along_axis(distance, lengths_b_B[:, None], axis=1)[:, 0]
