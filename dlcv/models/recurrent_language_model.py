"""A language model of stacked recurrent layers: LSTM, GRU or vanilla."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models import recurrent
from dlcv.models.recurrent import Recurrent


class Size(NamedTuple):
    layers: int
    width: int
    embedding: int | None  # None: tokens enter as one-hot vectors


SIZES = {
    "narrow": Size(1, 64, None),  # for comparisons of cells on a CPU; no paper
    "tiny": Size(1, 128, None),  # for tests; no paper
    "char-rnn": Size(2, 128, None),  # Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015
    "medium": Size(2, 256, None),  # for a CPU hour on tiny Shakespeare; no paper
    "large": Size(3, 512, None),  # Karpathy et al., "Visualizing and Understanding Recurrent Networks", 2015
}


class RecurrentLanguageModel(nn.Module):
    """Scores of the next token: (tokens_BT, carry) -> (logits_BTV in float32, (new carry, aux)).

    `cell` is a row of `dlcv.models.recurrent.CELLS`. `carry` holds each layer's state, an LSTM's (c_BH, h_BH), in float32, as
    `initial_carry` gives it; hand the new one to the next stretch of the same text. aux: "features" (B, T, H), the last layer's
    h; with `return_gates` also "gates", by layer (B, T, G, H), an LSTM's in the order input, forget, candidate, output.
    Dropout acts between layers and before the output, one mask for all steps of a call: Gal and Ghahramani, "A
    Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016. `layer_norm` and `learned_carry` are those of
    `dlcv.models.recurrent`; with a learnt one `carry` also holds "going" (B, 1), and a row begins where it is 0.
    """

    size: Size
    vocabulary: int
    cell: str = "lstm"
    dropout: float = 0.0
    layer_norm: bool = False
    learned_carry: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BT: jax.Array, carry: dict[str, Any], *, train: bool, return_gates: bool = False):
        layers, width, embedding = self.size
        if embedding is None:
            x_BTD = jax.nn.one_hot(tokens_BT, self.vocabulary, dtype=self.dtype)
        else:
            x_BTD = nn.Embed(self.vocabulary, embedding, dtype=self.dtype, name="embed")(tokens_BT)
        fields = dict(dropout=self.dropout, layer_norm=self.layer_norm, learned_carry=self.learned_carry)
        stack = Recurrent(self.cell, width, layers, variational=True, dtype=self.dtype, name="recurrent", **fields)
        begins_B = carry["going"][:, 0] == 0 if self.learned_carry else None
        features_BTH, carry, *states = stack(x_BTD, carry, train=train, return_states=return_gates, begins_B=begins_B)
        if self.learned_carry:
            carry["going"] = jnp.ones((len(tokens_BT), 1))
        x_BTH = nn.Dropout(self.dropout, broadcast_dims=(1,))(features_BTH, deterministic=not train)
        logits_BTV = nn.Dense(self.vocabulary, dtype=self.dtype, name="head")(x_BTH).astype(jnp.float32)
        aux = {"features": features_BTH}
        if return_gates:
            aux["gates"] = {name: layer["gates"] for name, layer in states[0].items()}
        return logits_BTV, (carry, aux)

    def initial_carry(self, batch: int) -> dict[str, Any]:
        """Zeros for every layer, and in "going" where the first state is learnt."""
        carry = Recurrent(self.cell, self.size.width, self.size.layers, parent=None).initial_carry(batch)
        return carry | {"going": jnp.zeros((batch, 1))} if self.learned_carry else carry


def recurrent_language_model(
    size: str, vocabulary: int, layers: int | None = None, **fields: Any
) -> RecurrentLanguageModel:
    """The RecurrentLanguageModel of a row of `SIZES`, of another number of layers where given; further fields as for `RecurrentLanguageModel`.

    Raises Misuse for an unknown row or cell and for a number of layers below 1.
    """
    if size not in SIZES:
        raise unknown("size of language model", size, SIZES)
    if layers is not None and (not isinstance(layers, int) or layers < 1):
        raise Misuse(f"layers={layers!r}: expected a number of layers, such as 2")
    chosen = SIZES[size] if layers is None else SIZES[size]._replace(layers=layers)
    recurrent.cell_kind(fields.get("cell", "lstm"))
    return RecurrentLanguageModel(chosen, vocabulary, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        *recurrent.LAYOUTS["fsdp"],
        (r"head/kernel$", ("data",)),
        (r"embed/embedding$", (None, "data")),
        (".*", ()),
    ),
    "tensor": (
        *recurrent.LAYOUTS["tensor"],
        (r"head/kernel$", ("model", None)),
        (".*", ()),
    ),
}
