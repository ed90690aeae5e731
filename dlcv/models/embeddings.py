"""Tokens as vectors that know their places: a table of tokens, and positions of every kind."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.ops.positions import alibi, relative_buckets, relative_positions, sinusoidal_positions

VECTORS = ("sinusoidal", "learned")  # what is joined to the token's vector
INSIDE = ("rotary", "relative", "alibi")  # what acts inside attention: Style.rotary, and the biases of PositionBias
POSITIONS = ("none", *VECTORS, *INSIDE)
COMBINATIONS = ("add", "concatenate")


class TokenEmbedding(nn.Module):
    """Vectors of tokens with those of their places, the first at `at`: tokens_BL -> x_BLD; `logits` uses the table again.

    `positions` is one of `POSITIONS`; those of `INSIDE` leave the vectors as they are. A learned table has `length` rows. Places are added,
    or take half of the width beside the token ("concatenate"). `scaled` multiplies the tokens' vectors by sqrt(D), as in Vaswani et al.,
    "Attention Is All You Need", 2017, section 3.4, whose sinusoids have `n` = 10,000.
    Raises Misuse for an unknown kind, ValueError for more than `length` learned places and for logits of concatenated vectors.
    """

    vocabulary: int
    width: int
    positions: str = "learned"
    length: int = 512
    combine: str = "add"
    scaled: bool = False
    dropout: float = 0.0
    n: float = 10_000
    dtype: Any = jnp.float32

    def setup(self):
        for what, given, known in (
            ("positions", self.positions, POSITIONS), ("combination of tokens and positions", self.combine, COMBINATIONS),
        ):  # fmt: skip
            if given not in known:
                raise unknown(what, given, known)
        self.beside = self.combine == "concatenate" and self.positions in VECTORS
        self.places_width = self.width // 2 if self.beside else self.width
        tokens_width = self.width - self.places_width if self.beside else self.width
        deviation = tokens_width**-0.5 if self.scaled else 0.02
        self.table = self.param("tokens", nn.initializers.normal(deviation), (self.vocabulary, tokens_width))
        if self.positions == "learned":
            shape = (self.length, self.places_width)
            self.places = self.param("positions", nn.initializers.normal(0.02), shape)
        self.drop = nn.Dropout(self.dropout)

    def __call__(self, tokens_BL: jax.Array, at: jax.Array | int = 0, *, train: bool) -> jax.Array:
        x_BLD = self.table.astype(self.dtype)[tokens_BL]
        if self.scaled:
            x_BLD = x_BLD * jnp.asarray(x_BLD.shape[-1] ** 0.5, self.dtype)
        if self.positions in VECTORS:
            places_LD = self.places_of(tokens_BL.shape[1], at).astype(self.dtype)
            if self.beside:
                places_BLD = jnp.broadcast_to(places_LD, (len(x_BLD), *places_LD.shape))
                x_BLD = jnp.concatenate([x_BLD, places_BLD], axis=-1)
            else:
                x_BLD = x_BLD + places_LD
        return self.drop(x_BLD, deterministic=not train)

    def places_of(self, count: int, at: jax.Array | int) -> jax.Array:
        """Vectors [count, D] of the places at, at + 1, ..."""
        if count > self.length:
            raise ValueError(f"{count} tokens do not fit {self.length} places: shorten them, or give a larger length")
        table = (
            self.places if self.positions == "learned"
            else sinusoidal_positions(self.length, self.places_width, n=self.n)
        )  # fmt: skip
        return jax.lax.dynamic_slice_in_dim(table, at, count)

    def logits(self, x_BLD: jax.Array) -> jax.Array:
        """Scores of every token, (B, L, V) in float32: products with the tokens' own vectors.

        Press and Wolf, "Using the Output Embedding to Improve Language Models", 2017.
        """
        if self.beside:
            raise ValueError("tokens and positions lie side by side: their width is not that of the table of tokens")
        table_VD = self.table.astype(self.dtype)
        x_RD = x_BLD.astype(self.dtype).reshape(
            -1, x_BLD.shape[-1]
        )  # rows, for the table's gradient: see transformer.row_by_row
        scores_RV = jnp.einsum("RD,VD->RV", x_RD, table_VD, preferred_element_type=jnp.float32)
        return scores_RV.reshape(*x_BLD.shape[:2], -1)


class PositionBias(nn.Module):
    """What is added to the scores for the distance of query and key: (queries, keys, first) -> (1, H, L, M), or None for other kinds.

    "relative" learns a number a head for each of `buckets` of distances up to `furthest`: Raffel et al., "Exploring the Limits of Transfer
    Learning with a Unified Text-to-Text Transformer", 2020; "alibi" has none to learn: Press, Smith and Lewis, 2022. With `both_ways`
    later keys have buckets of their own; without, as under a causal mask, they share the nearest. The first query stands at `first`.
    """

    kind: str
    heads: int
    both_ways: bool = True
    buckets: int = 32
    furthest: int = 128

    @nn.compact
    def __call__(self, queries: int, keys: int | None = None, first: jax.Array | int = 0) -> jax.Array | None:
        if self.kind not in POSITIONS:
            raise unknown("positions", self.kind, POSITIONS)
        if self.kind == "alibi":
            return alibi(self.heads, queries, keys, first)
        if self.kind != "relative":
            return None
        table_RH = self.param("relative", nn.initializers.normal(0.02), (self.buckets, self.heads))
        distance_LM = relative_positions(queries, keys, first)
        rows_LM = relative_buckets(
            distance_LM, buckets=self.buckets, furthest=self.furthest, both_ways=self.both_ways
        )  # fmt: skip
        return table_RH[rows_LM].transpose(2, 0, 1)[None]
