"""Stacks of recurrent layers: vanilla, LSTM (with peepholes or without) and GRU, in one direction or both."""

from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.ops.recurrence import (
    GRU,
    LSTM,
    RNN,
    Cell,
    GruCarry,
    LstmCarry,
    RnnCarry,
    Weights,
    reverse,
    scan,
    scan_with_states,
)
from dlcv.ops.recurrence.lstm import peephole_cell
from dlcv.ops.recurrence.normalised import Norms, normalised


class Kind(NamedTuple):
    cell: Cell
    carry: type
    gates: int
    biases: int  # rows of the bias: the gates', then those inside the recurrent sum
    forget: bool = False  # gate 1 forgets, and its bias starts at 1


CELLS = {
    "rnn_tanh": Kind(RNN["tanh"], RnnCarry, 1, 1),
    "rnn_relu": Kind(RNN["relu"], RnnCarry, 1, 1),
    "lstm": Kind(LSTM, LstmCarry, 4, 4, forget=True),
    "lstm_peephole": Kind(LSTM, LstmCarry, 4, 4, forget=True),
    "gru": Kind(GRU, GruCarry, 3, 4),
}


def cell_kind(name: str) -> Kind:
    """A row of `CELLS`; raises Misuse for an unknown one."""
    if name not in CELLS:
        raise unknown("recurrent cell", name, CELLS)
    return CELLS[name]


class RecurrentLayer(nn.Module):
    """One layer in one direction: (x_BTD, carry, lengths_B) -> (h_BTH, last carry, states over time or None).

    Without a carry, and in the rows of `begins_B` whatever theirs is, it begins anew.
    Parameters: `input_kernel` (D, G, H), `recurrent_kernel` (H, G, H), `bias` (G, H; the GRU's has a fourth row), gates in the
    order of `dlcv.ops.recurrence`. Recurrent kernels start orthogonal, gate by gate; an LSTM's forget gate starts with the
    bias 1: Jozefowicz, Zaremba and Sutskever, "An Empirical Exploration of Recurrent Network Architectures", 2015.
    """

    cell: str
    width: int
    layer_norm: bool = False
    learned_carry: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(
        self, x_BTD: jax.Array, carry: Any, lengths_B: jax.Array | None, *, return_states: bool, begins_B: jax.Array | None = None
    ):  # fmt: skip
        kind = cell_kind(self.cell)
        glorot = nn.initializers.variance_scaling(1.0, "fan_avg", "uniform", in_axis=0, out_axis=2, batch_axis=1)
        weights = Weights(
            self.param("input_kernel", glorot, (x_BTD.shape[-1], kind.gates, self.width)),
            self.param("recurrent_kernel", orthogonal_by_gate, (self.width, kind.gates, self.width)),
            self.param("bias", forgets_little if kind.forget else nn.initializers.zeros, (kind.biases, self.width)),
        )
        if carry is None:
            carry = self.first_carry(kind, len(x_BTD))
        elif begins_B is not None:
            first = self.first_carry(kind, len(x_BTD))
            carry = jax.tree.map(lambda new, old: jnp.where(begins_B[:, None], new, old), first, carry)
        x_BTD = jnp.asarray(x_BTD, self.dtype)
        if not self.layer_norm and self.cell != "lstm_peephole":
            if return_states:
                return scan_with_states(kind.cell, x_BTD, carry, weights, lengths_B)
            return *scan(kind.cell, x_BTD, carry, weights, lengths_B), None
        forward = kind.cell.forward
        if self.cell == "lstm_peephole":
            forward = partial(peephole_cell, self.param("peephole", nn.initializers.zeros, (3, self.width)))
        if self.layer_norm:
            forward = normalised(forward, self.norms(kind, weights.bias_RH))
            weights = weights._replace(bias_RH=jnp.zeros_like(weights.bias_RH))
        h_BTH, last, states = scan_with_states(Cell(forward), x_BTD, carry, weights, lengths_B)
        return h_BTH, last, states if return_states else None

    def first_carry(self, kind: Kind, batch: int) -> Any:
        """Zeros, or parameters that are the same for every row."""
        if not self.learned_carry:
            return rest(kind, batch, self.width)
        first = self.param("first_carry", nn.initializers.zeros, (len(kind.carry._fields), self.width))
        return kind.carry(*(jnp.broadcast_to(state_H, (batch, self.width)) for state_H in first))

    def norms(self, kind: Kind, bias_RH: jax.Array) -> Norms:
        shape = (kind.gates, self.width)
        gains = [self.param(f"{name}_gain", nn.initializers.ones, shape) for name in ("input", "recurrent")]
        if kind.carry is not LstmCarry:
            return Norms(*gains, bias_RH)
        return Norms(*gains, bias_RH, self.param("memory_norm", gain_and_bias, (2, self.width)))


class Recurrent(nn.Module):
    """A stack of recurrent layers: (x_BTD, carry) -> (h_BTH, last carry[, states]), h being 2 H wide if bidirectional.

    `carry` is a dict "layer_i" -> the cell's carry, as `initial_carry` gives it, or None to begin anew: from zeros, or with
    `learned_carry` from parameters; the rows of `begins_B` begin anew in any case. If bidirectional, each layer's is {"forward": ...,
    "backward": ...}, the backward one handed to the row's last step. Past each row's length the state is frozen and the output 0;
    the backward direction begins at each row's own end. With `return_states` a third value holds, by layer (and direction), the
    states (B, T, H) under "h" and "c" and the gates (B, T, G, H) under "gates", in the order of time.
    Dropout acts between layers; `variational` keeps one mask for all steps of a call: Gal and Ghahramani, "A Theoretically
    Grounded Application of Dropout in Recurrent Neural Networks", 2016 (who also drop the recurrent connections).
    Bidirectional: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997. Raises Misuse for an unknown cell.
    """

    cell: str = "lstm"
    width: int = 128
    layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0
    variational: bool = False
    layer_norm: bool = False
    learned_carry: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(
        self, x_BTD: jax.Array, carry: Any = None, *, lengths_B: jax.Array | None = None, train: bool, return_states: bool = False,
        begins_B: jax.Array | None = None,
    ):  # fmt: skip
        last, states = {}, {}
        x_BTD = jnp.asarray(x_BTD)
        lengths_B = None if lengths_B is None else jnp.asarray(lengths_B)
        for index in range(self.layers):
            name = f"layer_{index}"
            if index:
                drop = nn.Dropout(self.dropout, broadcast_dims=(1,) if self.variational else ())
                x_BTD = drop(x_BTD, deterministic=not train)
            before = None if carry is None else carry[name]
            layer = self.both_ways if self.bidirectional else self.one_way
            x_BTD, last[name], states[name] = layer(name, x_BTD, before, lengths_B, return_states, begins_B)
        return (x_BTD, last, states) if return_states else (x_BTD, last)

    def one_way(self, name: str, x_BTD, carry: Any, lengths_B, return_states: bool, begins_B):
        layer = RecurrentLayer(self.cell, self.width, self.layer_norm, self.learned_carry, self.dtype, name=name)
        return layer(x_BTD, carry, lengths_B, return_states=return_states, begins_B=begins_B)

    def both_ways(self, name: str, x_BTD, carry: Any, lengths_B, return_states: bool, begins_B):
        carry = {"forward": None, "backward": None} if carry is None else carry
        ahead_BTH, ahead, ahead_states = self.one_way(
            f"{name}_forward", x_BTD, carry["forward"], lengths_B, return_states, begins_B
        )
        back_BTH, back, back_states = self.one_way(
            f"{name}_backward", reverse(x_BTD, lengths_B), carry["backward"], lengths_B, return_states, begins_B
        )
        back_states = jax.tree.map(lambda over_time: reverse(over_time, lengths_B), back_states)
        h_BTH = jnp.concatenate([ahead_BTH, reverse(back_BTH, lengths_B)], -1)
        return h_BTH, {"forward": ahead, "backward": back}, {"forward": ahead_states, "backward": back_states}

    def initial_carry(self, batch: int) -> dict[str, Any]:
        """Zeros for every layer; an array of its own for each leaf, since a donated array must occur once."""
        kind = cell_kind(self.cell)

        def one():
            return rest(kind, batch, self.width)

        return {
            f"layer_{index}": {"forward": one(), "backward": one()} if self.bidirectional else one()
            for index in range(self.layers)
        }


def rest(kind: Kind, batch: int, width: int) -> Any:
    """A carry of zeros."""
    return kind.carry(*(jnp.zeros((batch, width)) for _ in kind.carry._fields))


def orthogonal_by_gate(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    keys = jax.random.split(key, shape[1])
    return jnp.stack([nn.initializers.orthogonal()(k, (shape[0], shape[2])) for k in keys], axis=1)


def forgets_little(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    return jnp.zeros(shape).at[1].set(1.0)


def gain_and_bias(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    return jnp.zeros(shape).at[0].set(1.0)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        (r"layer_\d+\w*/(input|recurrent)_kernel$", (None, None, "data")),
        (r"layer_\d+\w*/\w+$", (None, "data")),
    ),
    "tensor": (
        (r"layer_\d+\w*/(input|recurrent)_kernel$", (None, None, "model")),
        (r"layer_\d+\w*/\w+$", (None, "model")),
    ),
}
