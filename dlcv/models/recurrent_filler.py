"""A recurrent network that reads a text both ways and fills its masks: what a BERT is compared with."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.embeddings import TokenEmbedding
from dlcv.models.recurrent import LAYOUTS as RECURRENT
from dlcv.models.recurrent import Recurrent


class RecurrentFiller(nn.Module):
    """(tokens_BL, seen_BL, segments, ignored) -> ({"masked": scores (B, K, V)}, {"features" (B, L, D)}), as `BERT` at its masked head.

    `layers` of `cell` in both directions of `hidden` units each; D is the width of the tokens' vectors, whose products the scores are.
    Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997.
    """

    vocabulary: int
    width: int = 128
    hidden: int = 128
    layers: int = 2
    cell: str = "lstm"
    dropout: float = 0.1
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(
        self, tokens_BL: jax.Array, seen_BL: jax.Array, segments_BL: jax.Array | None = None, *,
        places_BK: jax.Array | None = None, train: bool,
    ) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:  # fmt: skip
        embedding = TokenEmbedding(
            self.vocabulary, self.width, "none", dropout=self.dropout, dtype=self.dtype, name="embedding"
        )
        fields = dict(layers=self.layers, bidirectional=True, dropout=self.dropout, dtype=self.dtype)
        reader = Recurrent(self.cell, self.hidden, **fields, name="reader")
        h_BLH, _ = reader(embedding(tokens_BL, train=train), lengths_B=seen_BL.sum(1), train=train)
        if places_BK is not None:
            h_BLH = jnp.take_along_axis(h_BLH, places_BK[:, :, None], axis=1)
        x_BKD = nn.LayerNorm(dtype=self.dtype, name="norm")(
            nn.gelu(nn.Dense(self.width, dtype=self.dtype, name="transform")(h_BLH))
        )
        bias_V = self.param("token_bias", nn.initializers.zeros, (self.vocabulary,))
        return {"masked": embedding.logits(x_BKD) + bias_V}, {"features": x_BKD.astype(jnp.float32)}


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (*RECURRENT["fsdp"], (r"embedding/tokens$", (None, "data")), (".*", ())),
    "tensor": (*RECURRENT["tensor"], (r"embedding/tokens$", (None, "model")), (".*", ())),
}
