"""A Transformer that writes text from any memory of vectors: an encoded sentence, the regions of a picture.

Vaswani et al., "Attention Is All You Need", 2017, section 3.1; as the text side of captioning Sharma, Ding, Goodman and Soricut,
"Conceptual Captions", 2018, section 5.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.embeddings import PositionBias, TokenEmbedding
from dlcv.models.transformer import Cache, KeyValues, Looked, Stack, Style, empty_caches


class Projected(NamedTuple):
    """A memory as every step reads it: keys and values block by block, and where there is something to see, (B, 1, 1, M)."""

    blocks: tuple[KeyValues, ...]
    mask: jax.Array | None


class TextDecoder(nn.Module):
    """(previous_BL, memory_BMD, seen_BM or None) -> (logits_BLV in float32, Looked or None).

    `previous` holds the token before each place; `seen` is True where the memory, of any width, holds something. Scores are products with
    `embed`'s own vectors where `tied`, else of a layer of their own. `begin` and `step` give the same token by token: what a step reads
    of the memory is projected once and stands beside the carry, which holds the keys and values of up to `length` tokens. The rows of a
    step may be several times those of the memory: rows b K, ..., b K + K - 1 read its row b.
    """

    embed: TokenEmbedding
    depth: int
    style: Style
    length: int
    tied: bool = True
    dtype: Any = jnp.float32

    def setup(self):
        fields = dict(crosses=True, causal=True, dtype=self.dtype)
        self.stack = Stack(self.depth, self.embed.width, self.style, **fields)
        self.bias = PositionBias(self.embed.positions, self.style.heads, both_ways=False)
        if not self.tied:
            self.head = nn.Dense(self.embed.vocabulary, use_bias=False, dtype=self.dtype)

    def __call__(
        self, previous_BL: jax.Array, memory_BMD: jax.Array, seen_BM: jax.Array | None = None, *, train: bool,
        return_attention: bool = False,
    ) -> tuple[jax.Array, Looked | None]:  # fmt: skip
        x_BLD = self.embed(previous_BL, train=train)
        options = dict(bias=self.bias(previous_BL.shape[1]), memory_mask=_mask(seen_BM), train=train)
        x_BLD, _, looked = self.stack(x_BLD, memory=memory_BMD, return_attention=return_attention, **options)
        return self.scores(x_BLD), looked

    def begin(self, memory_BMD: jax.Array, seen_BM: jax.Array | None = None) -> tuple[Projected, dict]:
        """What every step reads, and the first carry."""
        rows = len(memory_BMD)
        # The blocks run on a blank token, of which a compiler keeps the memory's projections alone.
        blank = jnp.zeros((rows, 1, self.embed.width), self.dtype)
        _, caches, _ = self.stack(blank, train=False, memory=memory_BMD, caches=empty_caches(self.stack, rows, 1))
        own = tuple(cache.own for cache in empty_caches(self.stack, rows, self.length))
        memory = Projected(tuple(cache.memory for cache in caches), _mask(seen_BM))
        return memory, {"own": own, "at": jnp.int32(0)}

    def step(self, carry: dict, token_B: jax.Array, memory: Projected) -> tuple[dict, jax.Array]:
        """One step of decoding: (carry, logits_BV)."""
        at, caches = carry["at"], tuple(map(Cache, carry["own"], memory.blocks))
        x_BLD = self.embed(token_B[:, None], at, train=False)
        options = dict(bias=self.bias(1, self.length, at), memory_mask=memory.mask, train=False)
        x_BLD, caches, _ = self.stack(x_BLD, caches=caches, at=at, **options)
        return {"own": tuple(cache.own for cache in caches), "at": at + 1}, self.scores(x_BLD)[:, 0]

    def scores(self, x_BLD: jax.Array) -> jax.Array:
        return self.embed.logits(x_BLD) if self.tied else self.head(x_BLD).astype(jnp.float32)


def _mask(seen_BM: jax.Array | None) -> jax.Array | None:
    return None if seen_BM is None else seen_BM[:, None, None, :]
