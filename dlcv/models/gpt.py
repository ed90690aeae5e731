"""Decoder-only Transformers: GPT-2, GPT-3 and small ones, causal or with a prefix that is seen whole.

Radford, Wu, Child, Luan, Amodei and Sutskever, "Language Models are Unsupervised Multitask Learners", 2019; Brown et al., "Language Models
are Few-Shot Learners", 2020.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models.embeddings import COMBINATIONS, POSITIONS, PositionBias, TokenEmbedding
from dlcv.models.layouts import BLOCKS
from dlcv.models.transformer import Stack, Style, empty_caches
from dlcv.ops import masks

MASKS = ("causal", "prefix")
DEVIATION = (
    0.02  # of initial weights: Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018
)


class Size(NamedTuple):
    depth: int
    width: int
    heads: int


# The vocabulary comes with the data and the length of the context with the task: GPT-2 has 50,257 tokens and 1,024 places, GPT-3 2,048.
SIZES = {
    "tiny": Size(2, 32, 2),  # for tests; no paper
    "char-cpu": Size(4, 128, 4),  # Karpathy, nanoGPT, 2022: characters on a CPU in three minutes
    "char-gpu": Size(6, 384, 6),  # likewise, on a GPU: 10.7 million parameters
    # Radford et al., 2019, table 2, whose parameters are counted too low (117M, 345M); heads of 64 as in their code
    "gpt2-small": Size(12, 768, 12),
    "gpt2-medium": Size(24, 1024, 16),
    "gpt2-large": Size(36, 1280, 20),
    "gpt2-xl": Size(48, 1600, 25),
    # Brown et al., 2020, table 2.1
    "gpt3-small": Size(12, 768, 12),
    "gpt3-medium": Size(24, 1024, 16),
    "gpt3-large": Size(24, 1536, 16),
    "gpt3-xl": Size(24, 2048, 16),  # printed with 24 heads of 128, which make 3,072
    "gpt3-2.7b": Size(32, 2560, 32),
    "gpt3-6.7b": Size(32, 4096, 32),
    "gpt3-13b": Size(40, 5120, 40),  # printed with a width of 5,140, which 40 heads of 128 do not make
    "gpt3-175b": Size(96, 12288, 96),
}


class Generation(NamedTuple):
    """What goes on from token to token: each block's keys and values, where the next token stands, the prefix seen whole."""

    caches: Any
    at: jax.Array
    prefix_B: jax.Array | None = None


class GPT(nn.Module):
    """Scores of the next token: tokens_BL -> (logits_BLV in float32, aux).

    `mask` "causal" shows each token those before it; "prefix" shows all the first `prefix_B` tokens of their row besides. `positions` is
    one of `dlcv.models.embeddings.POSITIONS`, `combine` of its `COMBINATIONS`, `length` the number of tokens there is a place for. With
    `tied` the scores are products with the tokens' own vectors. A gated MLP has two thirds of the hidden width, to keep the parameters:
    Shazeer, "GLU Variants Improve Transformer", 2020. `stochastic_depth` is that of `Style`. Weights begin as GPT-2's: normal, those onto
    the stream scaled by 1 / sqrt(2 depth).
    aux: "features" (B, L, D), the last block's normalised vectors; with `return_attention` "attention" (B, depth, H, L, L) and "hidden"
    (B, depth, L, D), each block's vectors as they are. All float32.
    `prefill` reads a prompt at once, `step` one token more, on a cache. Raises Misuse for an unknown mask or kind of positions.
    """

    size: Size
    vocabulary: int
    length: int = 1024
    mask: str = "causal"
    positions: str = "learned"
    combine: str = "add"
    norm: str = "pre"
    activation: str = "gelu_tanh"
    epsilon: float = 1e-5
    gated: bool = False
    tied: bool = True
    dropout: float = 0.0
    stochastic_depth: float = 0.0
    scan: bool = False
    remat: bool = False
    dtype: Any = jnp.float32

    def setup(self):
        depth, width, heads = self.size
        hidden = 8 * (width // 3) if self.gated else 4 * width
        style = Style(
            heads, hidden, self.dropout, self.dropout, self.stochastic_depth, norm=self.norm, epsilon=self.epsilon,
            activation=self.activation, gated=self.gated, rotary=self.positions == "rotary", deviation=DEVIATION,
            residual_deviation=DEVIATION * (2 * depth) ** -0.5,
        )  # fmt: skip
        self.embedding = TokenEmbedding(
            self.vocabulary, width, self.positions, self.length, self.combine, dropout=self.dropout, dtype=self.dtype
        )
        self.bias = PositionBias(self.positions, heads, both_ways=self.mask == "prefix")
        causal = self.mask == "causal"
        self.stack = Stack(depth, width, style, causal=causal, scan=self.scan, remat=self.remat, dtype=self.dtype)
        if not self.tied:
            init = nn.initializers.normal(DEVIATION)
            self.head = nn.Dense(self.vocabulary, use_bias=False, dtype=self.dtype, kernel_init=init)

    def __call__(
        self, tokens_BL: jax.Array, prefix_B: jax.Array | None = None, *, train: bool, return_attention: bool = False
    ):
        length = tokens_BL.shape[1]
        x_BLD, _, looked = self.stack(
            self.embedding(tokens_BL, train=train), self.seen(prefix_B, length), train=train, bias=self.bias(length),
            return_attention=return_attention,
        )  # fmt: skip
        aux = {"features": x_BLD.astype(jnp.float32)}
        if return_attention:
            aux |= {"attention": looked.own, "hidden": looked.hidden.astype(jnp.float32)}
        return self.scores(x_BLD), aux

    def prefill(
        self, tokens_BL: jax.Array, room: int, prefix_B: jax.Array | None = None, *, train: bool = False
    ) -> tuple[Generation, jax.Array]:
        """A whole prompt at once: (what goes on, with a cache for `room` tokens in all; the scores [B, V] of what follows)."""
        caches = empty_caches(self.stack, len(tokens_BL), room)
        return self._read(tokens_BL, Generation(caches, jnp.int32(0), prefix_B), room)

    def step(self, state: Generation, token_B: jax.Array, *, train: bool = False) -> tuple[Generation, jax.Array]:
        """One token a row more: (what goes on, the scores [B, V] of what follows)."""
        room = jax.tree.leaves(state.caches)[0].shape[-3]
        return self._read(token_B[:, None], state, room)

    def _read(self, tokens_BL: jax.Array, state: Generation, room: int) -> tuple[Generation, jax.Array]:
        length = tokens_BL.shape[1]
        x_BLD, caches, _ = self.stack(
            self.embedding(tokens_BL, state.at, train=False), self.seen(state.prefix_B, length, room, state.at), train=False,
            bias=self.bias(length, room, state.at), caches=state.caches, at=state.at,
        )  # fmt: skip
        return Generation(caches, state.at + length, state.prefix_B), self.scores(x_BLD[:, -1:])[:, 0]

    def seen(self, prefix_B: jax.Array | None, queries: int, keys: int | None = None, first: Any = 0) -> Any:
        """The mask where a prefix is seen whole; None where the blocks themselves forbid what comes later."""
        if self.mask == "causal":
            return None
        if prefix_B is None:
            return masks.causal(queries, keys, first)
        return masks.prefix(prefix_B, queries, keys, first)

    def scores(self, x_BLD: jax.Array) -> jax.Array:
        return self.embedding.logits(x_BLD) if self.tied else self.head(x_BLD).astype(jnp.float32)


def gpt(size: str, vocabulary: int, **fields: Any) -> GPT:
    """The GPT of a row of `SIZES`; further fields as for `GPT`.

    Raises Misuse for an unknown row, mask or kind of positions, a bad length, and scores tied to vectors that lie beside those of places.
    """
    for what, given, known in (
        ("GPT size", size, SIZES), ("mask", fields.get("mask", "causal"), MASKS),
        ("positions", fields.get("positions", "learned"), POSITIONS),
        ("combination of tokens and positions", fields.get("combine", "add"), COMBINATIONS),
    ):  # fmt: skip
        if given not in known:
            raise unknown(what, given, known)
    if vocabulary < 1 or fields.get("length", 1) < 1:
        raise Misuse(
            f"a vocabulary of {vocabulary} and length={fields.get('length')}: expected at least one token each"
        )
    if fields.get("combine") == "concatenate" and fields.get("tied", True):
        raise Misuse(
            "combine='concatenate' leaves tokens half of the width: scores need weights of their own, tied=False"
        )
    return GPT(SIZES[size], vocabulary, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        *BLOCKS["fsdp"],
        (r"embedding/(tokens|positions)$", (None, "data")),
        (r"head/kernel$", ("data",)),
        (".*", ()),
    ),
    "tensor": (*BLOCKS["tensor"], (r"embedding/tokens$", (None, "model")), (".*", ())),
}
