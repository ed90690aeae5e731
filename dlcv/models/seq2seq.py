"""Recurrent encoder and decoder, with attention over the source or with its last state alone.

Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014; Cho et al., "Learning Phrase Representations
using RNN Encoder-Decoder", 2014; with attention Bahdanau, Cho and Bengio, 2015, and Luong, Pham and Manning, 2015, whose order of
cell, attention and output this is.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models import recurrent
from dlcv.models.aligned import ATTENTIONS, FIXED, Alignment, Memory
from dlcv.models.recurrent import Recurrent
from dlcv.ops.alignment import SPANS
from dlcv.ops.decoding import repeated
from dlcv.ops.recurrence import reverse


class Seq2SeqSize(NamedTuple):
    width: int  # of the decoder's layers and of both encoder directions together
    layers: int
    embedding: int


SIZES = {
    "tiny": Seq2SeqSize(32, 1, 16),  # for tests; no paper
    "small": Seq2SeqSize(128, 1, 32),  # for characters on a CPU; no paper
    "medium": Seq2SeqSize(256, 1, 128),  # for Multi30k on a CPU; no paper
    "large": Seq2SeqSize(512, 1, 256),  # for Multi30k; no paper
    "bahdanau": Seq2SeqSize(1000, 1, 620),  # Bahdanau et al., 2015, appendix A.2
    "sutskever": Seq2SeqSize(1000, 4, 1000),  # Sutskever et al., 2014, section 3.4
}


class Encoder(nn.Module):
    """(tokens_BS, lengths_B) -> (states_BSH, the decoder's first carry, the last state [B, H]).

    `direction`: "forward", "reversed" (each source from its end to its beginning, states in the source's order: Sutskever et al.,
    section 3.3) or "both", half the width each, whose carry is a learnt map of both ends.
    """

    size: Seq2SeqSize
    vocabulary: int
    cell: str = "lstm"
    direction: str = "both"
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BS: jax.Array, lengths_B: jax.Array, *, train: bool):
        width, layers, embedding = self.size
        both, back = self.direction == "both", self.direction == "reversed"
        x_BSD = nn.Embed(self.vocabulary, embedding, dtype=self.dtype, name="embed")(tokens_BS)
        x_BSD = nn.Dropout(self.dropout)(x_BSD, deterministic=not train)
        x_BSD = reverse(x_BSD, lengths_B) if back else x_BSD
        fields = dict(bidirectional=both, dropout=self.dropout, dtype=self.dtype, name="cells")
        stack = Recurrent(self.cell, width // 2 if both else width, layers, **fields)
        states_BSH, carry = stack(x_BSD, lengths_B=lengths_B, train=train)
        states_BSH = reverse(states_BSH, lengths_B) if back else states_BSH
        if both:
            ends = [carry[f"layer_{index}"] for index in range(layers)]
            joined = [self.joined(index, end["forward"], end["backward"]) for index, end in enumerate(ends)]
            carry = {f"layer_{index}": one for index, one in enumerate(joined)}
        return states_BSH, carry, carry[f"layer_{layers - 1}"].h_BH

    def joined(self, index: int, ahead: Any, back: Any) -> Any:
        """One carry of the decoder's width from those of two directions."""
        kind = type(ahead)
        pairs = [jnp.concatenate(pair, -1) for pair in zip(ahead, back, strict=True)]
        maps = [
            nn.Dense(self.size.width, name=f"carry_{index}_{field}")(pair)
            for field, pair in zip(kind._fields, pairs, strict=True)
        ]
        return kind(*(jnp.tanh(x) if field == "h_BH" else x for field, x in zip(kind._fields, maps, strict=True)))


class Decoder(nn.Module):
    """(carry, tokens_BL, memory) -> (carry, features_BLH, weights_BLM or None); `scores` makes them logits.

    With `feeding` each step also sees the features of the one before (Luong et al., section 3.3), and L is 1.
    """

    size: Seq2SeqSize
    vocabulary: int
    cell: str = "lstm"
    attention: str = "additive"
    span: str = "global"
    reach: int = 10
    places: int = 64
    feeding: bool = True
    dropout: float = 0.0
    dtype: Any = jnp.float32

    def setup(self):
        width, layers, embedding = self.size
        self.embed = nn.Embed(self.vocabulary, embedding, dtype=self.dtype)
        self.cells = Recurrent(self.cell, width, layers, dropout=self.dropout, dtype=self.dtype)
        if self.attention not in FIXED:
            self.align = Alignment(self.attention, self.span, self.reach, self.places, width, self.dtype)
        if self.attention == "additive":
            self.keys = nn.Dense(width, dtype=self.dtype)
        if self.attention != "none":
            self.combine = nn.Dense(width, dtype=self.dtype)
        self.head = nn.Dense(self.vocabulary, dtype=self.dtype)
        self.drop = nn.Dropout(self.dropout)

    def begin(self, states_BMH, carry, summary_BH, lengths_B) -> tuple[Memory, dict]:
        """What every step reads, and the first carry."""
        keys_BMK = self.keys(states_BMH) if self.attention == "additive" else states_BMH
        rows = len(states_BMH)
        first = {"cells": carry, "time": jnp.zeros(rows, jnp.int32)}
        if self.feeding:
            first["fed"] = jnp.zeros((rows, self.size.width), self.dtype)
        return Memory(states_BMH, keys_BMK, summary_BH.astype(self.dtype), lengths_B), first

    def __call__(self, carry: dict, tokens_BL: jax.Array, memory: Memory, *, train: bool):
        x_BLD = self.drop(self.embed(tokens_BL), deterministic=not train)
        if self.feeding:
            x_BLD = jnp.concatenate([x_BLD, carry["fed"][:, None]], -1)
        h_BLH, cells = self.cells(x_BLD, carry["cells"], train=train)
        length, weights_BLM = tokens_BL.shape[1], None
        after = {"cells": cells, "time": carry["time"] + length}
        if self.attention == "last":
            context_BLH = jnp.repeat(memory.summary_BH[:, None], length, axis=1)
        elif self.attention != "none":
            time_BL = carry["time"][:, None] + jnp.arange(length)
            context_BLH, weights_BLM = self.align(h_BLH, memory, time_BL)
        if self.attention != "none":
            h_BLH = jnp.tanh(self.combine(jnp.concatenate([context_BLH, h_BLH], -1)))
        if self.feeding:
            after["fed"] = h_BLH[:, -1]
        return after, h_BLH, weights_BLM

    def scores(self, features: jax.Array, *, train: bool) -> jax.Array:
        return self.head(self.drop(features, deterministic=not train)).astype(jnp.float32)


class Seq2Seq(nn.Module):
    """(source_BS, lengths_B, previous_BT, shown_BT or None) -> (logits_BTV in float32, weights_BTS or None).

    `previous` holds the true token before each place. Where `shown` [B, T] is False, the decoder sees its own most likely token of the
    step before instead, through which no gradient flows; None shows all.
    """

    encoder: Encoder
    decoder: Decoder

    def encode(self, source_BS: jax.Array, lengths_B: jax.Array, *, train: bool = False) -> tuple[Memory, dict]:
        """What every step reads, and the first carry."""
        return self.decoder.begin(*self.encoder(source_BS, lengths_B, train=train), lengths_B)

    def step(self, carry: dict, token_B: jax.Array, memory: Memory, *, train: bool = False):
        """One step of decoding: (carry, (logits_BV, weights_BS or None))."""
        carry, features_BLH, weights = self.decoder(carry, token_B[:, None], memory, train=train)
        return carry, (self.decoder.scores(features_BLH, train=train)[:, 0], None if weights is None else weights[:, 0])

    def of_beams(self, memory: Memory, beams: int) -> Memory:
        """The memory for rows of `beams` hypotheses a source, b K + k being hypothesis k of source b."""
        return repeated(memory, beams)

    def __call__(self, source_BS, lengths_B, previous_BT, shown_BT=None, *, train: bool):
        memory, carry = self.encode(source_BS, lengths_B, train=train)
        if shown_BT is None and not self.decoder.feeding:  # nothing hangs on the step before but the cells
            _, features, weights = self.decoder(carry, previous_BT, memory, train=train)
            return self.decoder.scores(features, train=train), weights

        def one(module, state, inputs):
            carry, guess_B = state
            token_B, shown_B = inputs
            token_B = token_B if shown_BT is None else jnp.where(shown_B, token_B, guess_B)
            carry, features, weights = module.decoder(carry, token_B[:, None], memory, train=train)
            if shown_BT is not None:
                guess_B = module.decoder.scores(features, train=False)[:, 0].argmax(-1).astype(jnp.int32)
            return (carry, guess_B), (features[:, 0], None if weights is None else weights[:, 0])

        over_time = nn.scan(
            one, variable_broadcast="params", split_rngs={"params": False, "dropout": True}, in_axes=1, out_axes=1
        )
        shown = jnp.ones(previous_BT.shape, bool) if shown_BT is None else shown_BT
        _, (features, weights) = over_time(self, (carry, previous_BT[:, 0]), (previous_BT, shown))
        return self.decoder.scores(features, train=train), weights


def seq2seq(
    size: str, source: int, target: int, *, cell: str = "lstm", direction: str = "both", attention: str = "additive",
    span: str = "global", reach: int = 10, places: int = 64, feeding: bool = True, dropout: float = 0.0, dtype: Any = jnp.float32,
) -> Seq2Seq:  # fmt: skip
    """The network of a row of `SIZES` for vocabularies of `source` and `target` tokens; raises Misuse for an unknown choice."""
    for what, given, known in (
        ("size", size, SIZES), ("direction", direction, ("forward", "reversed", "both")), ("attention", attention, ATTENTIONS),
        ("span", span, SPANS),
    ):  # fmt: skip
        if given not in known:
            raise unknown(f"{what} of seq2seq", given, known)
    if span != "global" and attention in FIXED:
        raise Misuse(f"span={span!r} needs a score to attend by: attention={attention!r} reads no places")
    recurrent.cell_kind(cell)
    shared = dict(cell=cell, dropout=dropout, dtype=dtype)
    return Seq2Seq(
        Encoder(SIZES[size], source, direction=direction, **shared),
        Decoder(
            SIZES[size], target, attention=attention, span=span, reach=reach, places=places, feeding=feeding, **shared
        ),
    )


LAYOUTS = {
    name: (*rules, *own, (".*", ()))
    for (name, rules), own in zip(
        recurrent.LAYOUTS.items(),
        (((r"head/kernel$", ("data",)), (r"embed/embedding$", (None, "data"))), ((r"head/kernel$", ("model", None)),)),
        strict=True,
    )
}


def every_state_parameters(source: int, target: int, width: int) -> int:
    """Parameters of connecting every encoder state with every decoder step by a matrix of its own: S T H^2, fixed to these lengths."""
    return source * target * width**2


def attention_parameters(width: int, score: str = "additive", places: int = 64) -> int:
    """Parameters that a score adds for states of `width`, whatever the lengths are (location scores: up to `places`).

    Products have none, nor have decoders without attention. Raises Misuse for an unknown score.
    """
    if score not in ATTENTIONS:
        raise unknown("attention of seq2seq", score, ATTENTIONS)
    counts = {"additive": 2 * width**2 + 2 * width, "general": width**2, "location": width * places}
    return counts.get(score, 0)
