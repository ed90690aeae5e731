"""An encoder that finds missing targets among the elements that have theirs."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.embeddings import PositionBias, TokenEmbedding
from dlcv.models.transformer import Looked, Stack, Style

MISSING = 0  # among the numbers as they are given, which count from 1


class Recovery(nn.Module):
    """(letters_BL, given_BL) -> (logits_BLN of each element's number, attention (B, depth, H, L, L) or None).

    `given` is 1 more than a number, or MISSING. `positions` is one of `dlcv.models.embeddings.POSITIONS`: with "none" an element is told
    from others by its letter and number alone, and a set in another order gives the same answers.
    """

    letters: int
    length: int
    width: int = 32
    depth: int = 2
    heads: int = 2
    positions: str = "none"
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(
        self, letters_BL: jax.Array, given_BL: jax.Array, *, train: bool, return_attention: bool = False
    ) -> tuple[jax.Array, Looked | None]:
        x_BLD = TokenEmbedding(self.letters, self.width, self.positions, self.length, dtype=self.dtype, name="letter")(
            letters_BL, train=train
        )
        x_BLD = x_BLD + nn.Embed(1 + self.letters, self.width, dtype=self.dtype, name="number")(given_BL)
        bias = PositionBias(self.positions, self.heads, name="bias")(letters_BL.shape[1])
        style = Style(self.heads, 4 * self.width, rotary=self.positions == "rotary")
        stack = Stack(self.depth, self.width, style, dtype=self.dtype, name="stack")
        x_BLD, _, looked = stack(x_BLD, train=train, bias=bias, return_attention=return_attention)
        return nn.Dense(self.letters, dtype=self.dtype, name="out")(x_BLD).astype(jnp.float32), looked
