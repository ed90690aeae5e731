"""Encoders that read a text both ways: BERT with its heads, in the sizes of Devlin et al. and smaller ones.

Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models.embeddings import TokenEmbedding
from dlcv.models.layouts import BLOCKS
from dlcv.models.transformer import ACTIVATIONS, Stack, Style

DEVIATION = 0.02  # of initial weights: Devlin et al.'s code
HEADS = ("masked", "next", "classes")
POOLINGS = ("first", "mean")


class Size(NamedTuple):
    depth: int
    width: int
    heads: int
    hidden: int


SIZES = {
    "tiny": Size(2, 32, 2, 64),  # for tests; no paper
    # Turc, Chang, Lee and Toutanova, "Well-Read Students Learn Better: On the Importance of Pre-training Compact Models", 2019
    "turc-tiny": Size(2, 128, 2, 512),
    "turc-mini": Size(4, 256, 4, 1024),
    "turc-small": Size(4, 512, 8, 2048),
    # Devlin et al., 2019, section 3
    "base": Size(12, 768, 12, 3072),
    "large": Size(24, 1024, 16, 4096),
}


class BERT(nn.Module):
    """(tokens_BL, seen_BL or None, segments_BL or None) -> (scores by head, aux).

    `seen` is True where a row holds tokens, `segments` tells two sentences of a row apart, 0 and 1. `heads` are some of `HEADS`: "masked"
    scores every token (B, L, V) - or (B, K, V) at `places_BK` alone - by products with the tokens' own vectors, "next" whether the second
    sentence follows the first, as (B, 2): 0 where it does; "classes" gives (B, classes). The last two read the first token's vector, or with
    `pooling` "mean" that of all tokens, through the pooler, which is there with them and with `pooled`. `stochastic_depth`, `scan` and
    `remat` are those of `dlcv.models.transformer`.
    aux: "features" (B, L, D) and, with a pooler, "pooled" (B, D); with `return_attention` "hidden" (B, depth + 1, L, D), of the embedding
    first, and "attention" (B, depth, H, L, L); all float32.
    """

    size: Size
    vocabulary: int
    length: int = 512
    segments: int = 2
    heads: tuple[str, ...] = ("masked",)
    classes: int = 0
    pooled: bool = False
    pooling: str = "first"
    activation: str = "gelu"
    epsilon: float = 1e-12
    dropout: float = 0.1
    stochastic_depth: float = 0.0
    scan: bool = False
    remat: bool = False
    dtype: Any = jnp.float32

    def setup(self):
        depth, width, heads, hidden = self.size
        style = Style(
            heads, hidden, self.dropout, self.dropout, self.stochastic_depth, norm="post", epsilon=self.epsilon,
            activation=self.activation, deviation=DEVIATION,
        )  # fmt: skip
        normal = nn.initializers.normal(DEVIATION)

        def dense(features: int) -> nn.Module:
            return nn.Dense(features, dtype=self.dtype, kernel_init=normal)

        self.embedding = TokenEmbedding(self.vocabulary, width, "learned", self.length, dtype=self.dtype)
        self.segment = self.param("segments", normal, (self.segments, width))
        self.norm = nn.LayerNorm(epsilon=self.epsilon, dtype=self.dtype)
        self.drop = nn.Dropout(self.dropout)
        self.stack = Stack(depth, width, style, scan=self.scan, remat=self.remat, dtype=self.dtype)
        if self.reads_first:
            self.pooler = dense(width)
        if "masked" in self.heads:
            self.transform, self.transform_norm = dense(width), nn.LayerNorm(epsilon=self.epsilon, dtype=self.dtype)
            self.token_bias = self.param("token_bias", nn.initializers.zeros, (self.vocabulary,))
        if "next" in self.heads:
            self.following = dense(2)
        if "classes" in self.heads:
            self.classifier = dense(self.classes)

    @property
    def reads_first(self) -> bool:
        return self.pooled or bool({"next", "classes"} & set(self.heads))

    def __call__(
        self, tokens_BL: jax.Array, seen_BL: jax.Array | None = None, segments_BL: jax.Array | None = None, *,
        places_BK: jax.Array | None = None, train: bool, return_attention: bool = False,
    ) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:  # fmt: skip
        segments_BLD = self.segment.astype(self.dtype)[
            jnp.zeros_like(tokens_BL) if segments_BL is None else segments_BL
        ]
        first_BLD = self.norm(self.embedding(tokens_BL, train=train) + segments_BLD)
        first_BLD = self.drop(first_BLD, deterministic=not train)
        mask = None if seen_BL is None else seen_BL[:, None, None, :]
        x_BLD, _, looked = self.stack(first_BLD, mask, train=train, return_attention=return_attention)
        aux = {"features": x_BLD}
        if self.reads_first:
            mean_BD = jnp.mean(x_BLD, axis=1, where=True if seen_BL is None else seen_BL[:, :, None])
            aux["pooled"] = jnp.tanh(self.pooler(mean_BD if self.pooling == "mean" else x_BLD[:, 0]))
        if return_attention:
            hidden = jnp.concatenate([first_BLD[:, None], looked.hidden], 1)
            aux |= {"hidden": hidden, "attention": looked.own}
        return self.scores(x_BLD, aux.get("pooled"), places_BK, train), jax.tree.map(jnp.float32, aux)

    def scores(
        self, x_BLD: jax.Array, pooled_BD: jax.Array | None, places_BK: jax.Array | None, train: bool
    ) -> dict[str, jax.Array]:
        """What each head says, in float32."""
        found = {}
        if "masked" in self.heads:
            if places_BK is not None:
                x_BLD = jnp.take_along_axis(x_BLD, places_BK[:, :, None], axis=1)
            y_BKD = self.transform_norm(ACTIVATIONS[self.activation](self.transform(x_BLD)))
            found["masked"] = self.embedding.logits(y_BKD) + self.token_bias
        if "next" in self.heads:
            found["next"] = self.following(pooled_BD).astype(jnp.float32)
        if "classes" in self.heads:
            pooled_BD = self.drop(pooled_BD, deterministic=not train)
            found["classes"] = self.classifier(pooled_BD).astype(jnp.float32)
        return found


def bert(size: str | Size, vocabulary: int, **fields: Any) -> BERT:
    """The BERT of a row of `SIZES`, or of a size of one's own; further fields as for `BERT`. Raises Misuse for what there is not."""
    if not isinstance(size, Size) and size not in SIZES:
        raise unknown("BERT size", size, SIZES)
    chosen = [("head of a BERT", name, HEADS) for name in fields.get("heads", ())]
    chosen += [
        ("pooling", fields.get("pooling", "first"), POOLINGS),
        ("activation", fields.get("activation", "gelu"), ACTIVATIONS),
    ]
    for what, given, known in chosen:
        if given not in known:
            raise unknown(what, given, known)
    if (
        vocabulary < 1
        or fields.get("length", 1) < 1
        or ("classes" in fields.get("heads", ())) != (fields.get("classes", 0) > 1)
    ):
        given = ", ".join(f"{name}={fields[name]}" for name in ("length", "heads", "classes") if name in fields)
        raise Misuse(
            f"BERT of {vocabulary} tokens, {given}: expected one token and place, and two classes where they are told apart"
        )
    return BERT(size if isinstance(size, Size) else SIZES[size], vocabulary, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (*BLOCKS["fsdp"], (r"embedding/(tokens|positions)$|segments$", (None, "data")), (".*", ())),
    "tensor": (*BLOCKS["tensor"], (r"embedding/tokens$", (None, "model")), (".*", ())),
}
