"""A language model of stacked LSTM layers."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.ops.recurrence import LstmCarry, LstmWeights, lstm_scan, lstm_scan_with_gates


class LstmSize(NamedTuple):
    layers: int
    width: int
    embedding: int | None  # None: tokens enter as one-hot vectors


SIZES = {
    "tiny": LstmSize(1, 128, None),  # for tests; no paper
    "char-rnn": LstmSize(2, 128, None),  # Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015
    "medium": LstmSize(2, 256, None),  # for a CPU hour on tiny Shakespeare; no paper
    "large": LstmSize(3, 512, None),  # Karpathy et al., "Visualizing and Understanding Recurrent Networks", 2015
}


class Lstm(nn.Module):
    """One layer over time: (x_BTD, carry) -> (h_BTH, carry, gates_BT4H or None).

    Parameters: `input/kernel` (D, 4, H), `recurrent/kernel` (H, 4, H), `bias` (4, H), gates in the order input,
    forget, candidate, output. The forget gate's bias starts at 1: Jozefowicz, Zaremba and Sutskever, "An Empirical
    Exploration of Recurrent Network Architectures", 2015.
    """

    width: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BTD: jax.Array, carry: LstmCarry, *, return_gates: bool = False):
        inputs = x_BTD.shape[-1]
        glorot = nn.initializers.variance_scaling(1.0, "fan_avg", "uniform", in_axis=0, out_axis=2, batch_axis=1)
        orthogonal = nn.initializers.orthogonal()

        def recurrent(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
            square = (shape[0], shape[2])
            return jnp.stack([orthogonal(k, square) for k in jax.random.split(key, shape[1])], axis=1)

        def bias(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
            return jnp.zeros(shape).at[1].set(1.0)

        weights = LstmWeights(
            self.param("input_kernel", glorot, (inputs, 4, self.width)),
            self.param("recurrent_kernel", recurrent, (self.width, 4, self.width)),
            self.param("bias", bias, (4, self.width)),
        )
        x_BTD = x_BTD.astype(self.dtype)
        if return_gates:
            return lstm_scan_with_gates(x_BTD, carry, weights)
        return *lstm_scan(x_BTD, carry, weights), None


class CharLstm(nn.Module):
    """Scores of the next token: (tokens_BT, carry) -> (logits_BTV in float32, (new carry, aux)).

    `carry` holds (c_BH, h_BH) per layer, in float32, as `initial_carry` gives it; hand the new one to the next stretch
    of the same text. aux: "features" (B, T, H), the last layer's h; with `return_gates` also "gates", by layer
    (B, T, 4, H), gates in the order input, forget, candidate, output.
    Dropout acts between layers and before the output, one mask for all steps of a call: Gal and Ghahramani, "A
    Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016.
    """

    size: LstmSize
    vocabulary: int
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, tokens_BT: jax.Array, carry: dict[str, LstmCarry], *, train: bool, return_gates: bool = False):
        layers, width, embedding = self.size
        if embedding is None:
            x_BTD = jax.nn.one_hot(tokens_BT, self.vocabulary, dtype=self.dtype)
        else:
            x_BTD = nn.Embed(self.vocabulary, embedding, dtype=self.dtype, name="embed")(tokens_BT)
        new_carry, gates = {}, {}
        for index in range(layers):
            name = f"layer_{index}"
            lstm = Lstm(width, dtype=self.dtype, name=name)
            x_BTD, new_carry[name], gates[name] = lstm(x_BTD, carry[name], return_gates=return_gates)
            features_BTH = x_BTD
            x_BTD = nn.Dropout(self.dropout, broadcast_dims=(1,))(x_BTD, deterministic=not train)
        logits_BTV = nn.Dense(self.vocabulary, dtype=self.dtype, name="head")(x_BTD).astype(jnp.float32)
        aux = {"features": features_BTH}
        return logits_BTV, (new_carry, aux | {"gates": gates} if return_gates else aux)

    def initial_carry(self, batch: int) -> dict[str, LstmCarry]:
        """Zeros for every layer; an array of its own for each leaf, since a donated array must occur once."""
        shape = (batch, self.size.width)
        return {f"layer_{index}": LstmCarry(jnp.zeros(shape), jnp.zeros(shape)) for index in range(self.size.layers)}


def char_lstm(size: str, vocabulary: int, **fields: Any) -> CharLstm:
    """The CharLstm of a row of `SIZES`; further fields as for `CharLstm`. Raises Misuse for an unknown row."""
    if size not in SIZES:
        raise unknown("LSTM size", size, SIZES)
    return CharLstm(SIZES[size], vocabulary, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        (r"layer_\d+/(input|recurrent)_kernel$", (None, None, "data")),
        (r"layer_\d+/bias$", (None, "data")),
        (r"head/kernel$", ("data",)),
        (r"embed/embedding$", (None, "data")),
        (".*", ()),
    ),
    "tensor": (
        (r"layer_\d+/(input|recurrent)_kernel$", (None, None, "model")),
        (r"layer_\d+/bias$", (None, "model")),
        (r"head/kernel$", ("model", None)),
        (".*", ()),
    ),
}
