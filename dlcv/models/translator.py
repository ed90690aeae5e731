"""The Transformer of translation: an encoder, and a decoder that attends to what it encoded.

Vaswani et al., "Attention Is All You Need", 2017. Its methods are those of `dlcv.models.seq2seq`, so that the same task trains both.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models.embeddings import POSITIONS, PositionBias, TokenEmbedding
from dlcv.models.layouts import BLOCKS
from dlcv.models.text_decoder import Projected, TextDecoder
from dlcv.models.transformer import Stack, Style
from dlcv.ops import masks


class TranslatorSize(NamedTuple):
    width: int
    depth: int  # of the encoder, and of the decoder
    heads: int
    hidden: int  # of the MLPs


SIZES = {
    "tiny": TranslatorSize(16, 1, 2, 32),  # for tests; no paper
    "small": TranslatorSize(64, 2, 4, 128),  # for characters on a CPU; no paper
    # Wu, Kong, Bi, Li and Kao, "Good for Misconceived Reasons: An Empirical Revisiting on the Need for Visual Context in Multimodal
    # Machine Translation", 2021: on Multi30k this size was better than larger ones
    "multi30k-tiny": TranslatorSize(128, 4, 4, 256),
    "base": TranslatorSize(512, 6, 8, 2048),  # Vaswani et al., 2017, table 3
    "big": TranslatorSize(1024, 6, 16, 4096),  # likewise
}
# Whose vectors are one table: the target's tokens and the output's ("output"), the source's too ("all"), or none.
SHARING = ("none", "output", "all")


class Looks(NamedTuple):
    """Attention weights by block and head: (B, N, H, S, S), (B, N, H, T, T) and (B, N, H, T, S)."""

    encoder: jax.Array
    decoder: jax.Array
    cross: jax.Array


class Translator(nn.Module):
    """(source_BS, lengths_B, previous_BT) -> (logits_BTV in float32, Looks or None); sources of at most `lengths[0]`, targets of `lengths[1]`.

    `previous` holds the true token before each place.
    """

    size: TranslatorSize
    vocabularies: tuple[int, int]  # of the source and of the target
    lengths: tuple[int, int]
    style: Style
    sharing: str = "output"
    positions: str = "sinusoidal"
    dtype: Any = jnp.float32

    def setup(self):
        width, depth, heads, _ = self.size
        places = dict(positions=self.positions, scaled=True, dropout=self.style.dropout, dtype=self.dtype)
        together = self.sharing == "all"
        length = max(self.lengths) if together else self.lengths[1]
        self.embed = TokenEmbedding(self.vocabularies[1], width, length=length, **places)
        if not together:
            self.source_embed = TokenEmbedding(self.vocabularies[0], width, length=self.lengths[0], **places)
        self.bias = PositionBias(self.positions, heads)
        self.encoder = Stack(depth, width, self.style, dtype=self.dtype)
        tied = self.sharing != "none"
        self.decoder = TextDecoder(self.embed, depth, self.style, self.lengths[1], tied, self.dtype)

    def encoded(self, source_BS: jax.Array, lengths_B: jax.Array, *, train: bool, return_attention: bool = False):
        """(memory_BSD, seen_BS, attention weights or None)."""
        embed = self.embed if self.sharing == "all" else self.source_embed
        x_BSD, seen = embed(source_BS, train=train), masks.padding(lengths_B, source_BS.shape[1])
        options = dict(bias=self.bias(source_BS.shape[1]), train=train, return_attention=return_attention)
        memory_BSD, _, looked = self.encoder(x_BSD, seen, **options)
        return memory_BSD, seen[:, 0, 0], looked.own if return_attention else None

    def encode(self, source_BS: jax.Array, lengths_B: jax.Array, *, train: bool = False) -> tuple[Projected, dict]:
        """What every step reads, and the first carry."""
        memory_BSD, seen_BS, _ = self.encoded(source_BS, lengths_B, train=train)
        return self.decoder.begin(memory_BSD, seen_BS)

    def step(self, carry: dict, token_B: jax.Array, memory: Projected, *, train: bool = False):
        """One step of decoding: (carry, (logits_BV, None))."""
        del train
        carry, logits_BV = self.decoder.step(carry, token_B, memory)
        return carry, (logits_BV, None)

    def of_beams(self, memory: Projected, beams: int) -> Projected:
        """The memory for rows of `beams` hypotheses a source: as it is, they read it together."""
        del beams
        return memory

    def __call__(self, source_BS, lengths_B, previous_BT, *, train: bool, return_attention: bool = False):
        options = dict(train=train, return_attention=return_attention)
        memory_BSD, seen_BS, encoder = self.encoded(source_BS, lengths_B, **options)
        logits_BTV, looked = self.decoder(previous_BT, memory_BSD, seen_BS, **options)
        return logits_BTV, Looks(encoder, looked.own, looked.memory) if return_attention else None


def translator(
    size: str, source: int, target: int, *, lengths: tuple[int, int], sharing: str = "output", positions: str = "sinusoidal",
    norm: str = "pre", dropout: float = 0.0, dtype: Any = jnp.float32,
) -> Translator:  # fmt: skip
    """The network of a row of `SIZES` for vocabularies of `source` and `target` tokens; raises Misuse for an unknown choice.

    `norm` is "post" in the paper; "pre" needs no long warm-up: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020.
    `positions` is one of `embeddings.POSITIONS`; those inside attention act where a sequence attends to itself.
    """
    for what, given, known in (
        ("size", size, SIZES), ("sharing", sharing, SHARING), ("positions", positions, POSITIONS),
    ):  # fmt: skip
        if given not in known:
            raise unknown(f"{what} of a translator", given, known)
    if sharing == "all" and source != target:
        raise Misuse(
            f"sharing='all' needs one vocabulary, given {source} and {target} tokens: sharing='output' has two"
        )
    chosen = SIZES[size]
    style = Style(
        chosen.heads, chosen.hidden, dropout, norm=norm, activation="relu",
        rotary=positions == "rotary",
    )  # fmt: skip
    return Translator(chosen, (source, target), tuple(lengths), style, sharing, positions, dtype)


LAYOUTS = {
    "fsdp": (*BLOCKS["fsdp"], (r"embed/tokens$", (None, "data")), (r"head/kernel$", ("data",)), (".*", ())),
    "tensor": (*BLOCKS["tensor"], (r"embed/tokens$", (None, "model")), (r"head/kernel$", ("model", None)), (".*", ())),
}
