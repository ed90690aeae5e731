"""The gated recurrent unit, as torch and cuDNN have it: the reset gate acts after the product with h.

Gates lie in the order reset, update, candidate; the bias has a fourth row, added to the candidate's h U under the reset gate.
Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio, "Learning Phrase Representations using RNN
Encoder-Decoder for Statistical Machine Translation", 2014. The paper resets h before the product, U (r * h), which asks for
two products one after the other; the variant here, r * (U h + b), asks for one and is as expressive.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.ops.recurrence.scan import Cell, scan, scan_with_states, step


class GruCarry(NamedTuple):
    """State between two steps, which is what comes out: a GRU has no memory cell apart from h."""

    h_BH: Float[Array, "*B H"]


def gru_cell(
    carry: GruCarry, zx_BGH: Float[Array, "B 3 H"], zh_BGH: Float[Array, "B 3 H"]
) -> tuple[GruCarry, Float[Array, "B 4 H"]]:
    """h' = (1 - z) * n + z * h with r, z = sigmoid(zx + zh), n = tanh(zx + r * zh); (carry, (r, z, n, the candidate's zh))."""
    r, z = (jax.nn.sigmoid(zx_BGH[:, gate] + zh_BGH[:, gate]) for gate in range(2))
    n = jnp.tanh(zx_BGH[:, 2] + r * zh_BGH[:, 2])
    return GruCarry(n + z * (carry.h_BH - n)), jnp.stack([r, z, n, zh_BGH[:, 2]], axis=1)


def _backward(dcarry: GruCarry, before: GruCarry, gates_BGH: Array) -> tuple[GruCarry, Array]:
    r, z, n, q = (gates_BGH[:, gate] for gate in range(4))
    dh_BH = dcarry.h_BH
    dn_BH = dh_BH * (1 - z) * (1 - n**2)
    dz_BH = dh_BH * (before.h_BH - n) * z * (1 - z)
    return GruCarry(dh_BH * z), jnp.stack([dn_BH * q * r * (1 - r), dz_BH, dn_BH], axis=1)


def _through(dz: Array, gates: Array) -> Array:
    """Of the candidate, h U is seen through the reset gate."""
    r = gates[..., :1, :]
    return dz * jnp.concatenate([jnp.ones_like(r), jnp.ones_like(r), r], axis=-2)


GRU = Cell(gru_cell, _backward, _through)
gru_step = partial(step, GRU)
gru_scan = partial(scan, GRU)
gru_scan_with_states = partial(scan_with_states, GRU)
