"""Predictors of the next word: a recurrent network, and the bag of the words before, which knows no order."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.recurrent import LAYOUTS as RECURRENT_LAYOUTS
from dlcv.models.recurrent import Recurrent


class WordSize(NamedTuple):
    layers: int
    width: int  # of the embedding too


SIZES = {
    "tiny": WordSize(1, 16),  # for tests; no paper
    "prose": WordSize(1, 128),  # for an hour's worth of pages; no paper
    "wide": WordSize(1, 400),  # for Penn Treebank on a CPU; no paper
    # Zaremba, Sutskever and Vinyals, "Recurrent Neural Network Regularization", 2014
    "small": WordSize(2, 200),
    "medium": WordSize(2, 650),
    "large": WordSize(2, 1500),
}


class WordModel(nn.Module):
    """(tokens [B, T], carry) to (logits [B, T, V] in float32, (carry, {"features": [B, T, H]})).

    Dropout acts on the embedding, between layers and before the output, never on the recurrent connections: Zaremba, Sutskever and
    Vinyals, "Recurrent Neural Network Regularization", 2014. `variational`: one mask for all steps of a call, as Gal and Ghahramani, "A
    Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016. `tied`: the words' vectors score them too, with a
    bias a word: Press and Wolf, "Using the Output Embedding to Improve Language Models", 2017.
    """

    size: WordSize
    vocabulary: int
    cell: str = "lstm"
    dropout: float = 0.0
    variational: bool = False
    tied: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BT: jax.Array, carry: Any, *, train: bool):
        drop = nn.Dropout(self.dropout, broadcast_dims=(1,) if self.variational else (), deterministic=not train)
        embed = nn.Embed(self.vocabulary, self.size.width, dtype=self.dtype, name="embed")
        h_BTH, carry = self.recurrent(name="recurrent")(drop(embed(tokens_BT)), carry, train=train)
        if self.tied:
            logits_BTV = embed.attend(drop(h_BTH)) + self.param("bias", nn.initializers.zeros, (self.vocabulary,))
        else:
            logits_BTV = nn.Dense(self.vocabulary, dtype=self.dtype, name="head")(drop(h_BTH))
        return logits_BTV.astype(jnp.float32), (carry, {"features": h_BTH})

    def recurrent(self, **fields: Any) -> Recurrent:
        layers, width = self.size
        masks = dict(dropout=self.dropout, variational=self.variational)
        return Recurrent(self.cell, width, layers, dtype=self.dtype, **masks, **fields)

    def initial_carry(self, batch: int) -> Any:
        """The state before the first word."""
        return self.recurrent(parent=None).initial_carry(batch)


class BagOfWords(nn.Module):
    """The next word from the mean vector of the last `window` words: (tokens [B, T], carry) as of `WordModel`.

    The carry is the last `window` - 1 words, 0 where there is none. Whatever order these words have, the logits are the same.
    """

    vocabulary: int
    width: int
    window: int
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BT: jax.Array, carry: Any, *, train: bool):
        tokens_BN = jnp.concatenate([carry["words"], tokens_BT], axis=1)
        there_BN1 = (tokens_BN != 0)[..., None]
        vectors_BND = nn.Embed(self.vocabulary, self.width, dtype=self.dtype, name="embed")(tokens_BN) * there_BN1
        sums_BTD, counts_BT1 = (self.over_window(x, tokens_BT.shape[1]) for x in (vectors_BND, there_BN1))
        bag_BTD = nn.Dropout(self.dropout)(sums_BTD / jnp.maximum(counts_BT1, 1), deterministic=not train)
        logits_BTV = nn.Dense(self.vocabulary, dtype=self.dtype, name="head")(bag_BTD).astype(jnp.float32)
        last = tokens_BN[:, tokens_BN.shape[1] - self.window + 1 :]
        return logits_BTV, ({"words": last}, {"features": bag_BTD})

    def over_window(self, x_BND: jax.Array, steps: int) -> jax.Array:
        """Sums of each step and the `window` - 1 places before it, added one place at a time: equal bags give equal sums."""
        return sum(x_BND[:, place : place + steps].astype(jnp.float32) for place in range(self.window))

    def initial_carry(self, batch: int) -> Any:
        """No words."""
        return {"words": jnp.zeros((batch, self.window - 1), jnp.int32)}


def word_model(size: str, vocabulary: int, **fields: Any) -> WordModel:
    """The WordModel of a row of `SIZES`; raises Misuse for an unknown row."""
    if size not in SIZES:
        raise unknown("word model size", size, SIZES)
    return WordModel(SIZES[size], vocabulary, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        *RECURRENT_LAYOUTS["fsdp"],
        (r"head/kernel$", ("data",)),
        (r"embed/embedding$", (None, "data")),
        (".*", ()),
    ),
    "tensor": (*RECURRENT_LAYOUTS["tensor"], (r"head/kernel$", ("model", None)), (".*", ())),
}
