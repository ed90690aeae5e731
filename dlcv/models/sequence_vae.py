"""Recurrent encoder of a token sequence to a code, and recurrent decoder back.

Source: Bowman, Vilnis, Vinyals, Dai, Jozefowicz and Bengio, "Generating Sentences from a Continuous Space", 2016.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.recurrent import Recurrent
from dlcv.ops.recurrence import LstmCarry


class SequenceSize(NamedTuple):
    width: int  # of the LSTM of the encoder and of the decoder
    embedding: int


SIZES = {
    "tiny": SequenceSize(32, 16),  # for tests; no paper
    "small": SequenceSize(128, 48),  # for a CPU; no paper
    "bowman": SequenceSize(512, 256),  # a single layer each; the paper searched over sizes and does not print them
}


class SequenceEncoder(nn.Module):
    """Tokens [B, T] to [B, outputs] in float32, read off the last state of an LSTM."""

    size: SequenceSize
    vocabulary: int
    outputs: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BT: jax.Array, *, train: bool) -> jax.Array:
        x_BTD = nn.Embed(self.vocabulary, self.size.embedding, dtype=self.dtype, name="embed")(tokens_BT)
        h_BTH, _ = Recurrent("lstm", self.size.width, dtype=self.dtype, name="recurrent")(x_BTD, train=train)
        return nn.Dense(self.outputs, dtype=self.dtype, name="head")(h_BTH[:, -1]).astype(jnp.float32)


class SequenceDecoder(nn.Module):
    """Codes [B, Z] and the tokens before each place [B, T] to (logits [B, T, V] in float32, carry).

    The code sets the first state and is shown again at every step. Where `hidden` [B, T] is 1, the token before is not shown
    (word dropout), nor is there one before the first: the embedding is zero. A `carry` goes on from an earlier call.
    """

    size: SequenceSize
    vocabulary: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, codes_BZ, previous_BT, hidden_BT, carry: dict[str, LstmCarry] | None = None, *, train: bool):
        width = self.size.width
        first = nn.Dense(2 * width, dtype=self.dtype, name="first")(codes_BZ.astype(self.dtype)).astype(jnp.float32)
        if carry is None:
            carry = {"layer_0": LstmCarry(first[:, :width], jnp.tanh(first[:, width:]))}
        x_BTD = nn.Embed(self.vocabulary, self.size.embedding, dtype=self.dtype, name="embed")(previous_BT)
        x_BTD = x_BTD * (1 - hidden_BT[..., None]).astype(self.dtype)
        codes_BTZ = jnp.repeat(codes_BZ.astype(self.dtype)[:, None], x_BTD.shape[1], axis=1)
        x_BTD = jnp.concatenate([x_BTD, codes_BTZ], -1)
        h_BTH, carry = Recurrent("lstm", width, dtype=self.dtype, name="recurrent")(x_BTD, carry, train=train)
        return nn.Dense(self.vocabulary, dtype=self.dtype, name="head")(h_BTH).astype(jnp.float32), carry


def sequence_size(name: str) -> SequenceSize:
    """A row of `SIZES`; raises Misuse for an unknown one."""
    if name not in SIZES:
        raise unknown("size of the sequence VAE", name, SIZES)
    return SIZES[name]
