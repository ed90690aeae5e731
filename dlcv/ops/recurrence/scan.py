"""A recurrent cell over time, with a gradient written for speed.

A cell is two matrix products and something pointwise between them. Kernels keep the gates as a dimension of their own,
(inputs, G, H), so that a shard of H holds the matching piece of every gate: tensor parallelism cuts the last dimension and
no other. Past a row's length its state is frozen, what comes out is 0, and no gradient arises.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.ops.recurrence.lengths import inside

Carry = Any  # a NamedTuple of (B, H) states with a field h_BH, float32 or wider whatever the compute dtype is
Lengths = Int[Array, "B"] | None
SPAN = 16  # steps whose gradients are gathered in one product on CPU; 8 and 32 are as fast


class Weights(NamedTuple):
    """Parameters of one layer: D inputs, H = K units, G gates; rows of the bias beyond G join the last gates of h U."""

    input_DGH: Float[Array, "D G H"]
    recurrent_KGH: Float[Array, "K G H"]
    bias_RH: Float[Array, "R H"]


class Cell(NamedTuple):
    """What a cell does between its products: functions of arrays (B, G, H) and, `through`, (T, B, G, H)."""

    forward: Callable  # (carry, x W + b, h U) -> (carry, gates)
    # The rest is for `scan`; None where a cell is only ever differentiated automatically.
    backward: Callable | None = None  # (gradients of carry, carry before, gates) -> (those of carry before, of x W + b)
    through: Callable | None = None  # (gradient of x W + b, gates) -> gradient of h U


def step(cell: Cell, carry: Carry, x_BD: Float[Array, "B D"], weights: Weights) -> tuple[Carry, Float[Array, "B G H"]]:
    """One step: (new carry, gates). Products run in x's dtype and add up in float32; h is rounded to x's dtype."""
    weights = _cast(weights, x_BD.dtype)
    return _step(cell, weights, carry, _project(x_BD, weights))


def scan_with_states(
    cell: Cell, x_BTD: Float[Array, "B T D"], carry: Carry, weights: Weights, lengths_B: Lengths = None
) -> tuple[Float[Array, "B T H"], Carry, dict[str, Array]]:
    """(h of every step in x's dtype, last carry, states and gates over time by name); differentiated automatically.

    The states (B, T, H) are named as the carry's fields are without their dimensions, the gates (B, T, G, H) `gates`.
    """
    last, (carries, gates_TBGH) = _forward(cell, x_BTD, carry, weights, lengths_B)
    over_time = {name.split("_")[0]: state_TBH.swapaxes(0, 1) for name, state_TBH in carries._asdict().items()}
    return _silent(over_time["h"], lengths_B), last, over_time | {"gates": gates_TBGH.swapaxes(0, 1)}


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def scan(
    cell: Cell, x_BTD: Float[Array, "B T D"], carry: Carry, weights: Weights, lengths_B: Lengths = None
) -> tuple[Float[Array, "B T H"], Carry]:
    """Runs a cell over time: (h of every step in x's dtype, last carry).

    Same numbers and gradients as `scan_with_states`, in less time and memory: of a step only its gates and the states beside h
    are kept, and the gradients of weights and inputs are one matrix product each over a span of steps, where automatic
    differentiation adds a (D + H, G H) product to an accumulator at every step.
    """
    last, (carries, _) = _forward(cell, x_BTD, carry, weights, lengths_B)
    return _silent(carries.h_BH.swapaxes(0, 1), lengths_B), last


def _forward(cell: Cell, x_BTD: Array, carry: Carry, weights: Weights, lengths_B: Lengths):
    """(last carry, (carry, gates) of every step, time first)."""
    one = _one_step(cell, x_BTD, weights, lengths_B)

    def both(before: Carry, time: Array):
        after, gates_BGH = one(before, time)
        return after, (after._replace(h_BH=after.h_BH.astype(x_BTD.dtype)), gates_BGH)

    return jax.lax.scan(both, _wide(carry, x_BTD.dtype), jnp.arange(x_BTD.shape[1]))


def _one_step(cell: Cell, x_BTD: Array, weights: Weights, lengths_B: Lengths) -> Callable:
    """(carry, time) -> (carry, gates); where a row has ended its carry stays."""
    weights = _cast(weights, x_BTD.dtype)
    # One product for all steps saves kernel launches on accelerators; on CPU it only writes and reads (B, T, G, H)
    # floats once more than a product inside the loop does.
    zx_BTGH = _project(x_BTD, weights) if _launches_cost() else None

    def one(before: Carry, time: Array):
        zx_BGH = _project(_at(x_BTD, time), weights) if zx_BTGH is None else _at(zx_BTGH, time)
        after, gates_BGH = _step(cell, weights, before, zx_BGH)
        if lengths_B is not None:
            after = jax.tree.map(partial(jnp.where, (time < lengths_B)[:, None]), after, before)
        return after, gates_BGH

    return one


def _scan_forward(cell: Cell, x_BTD: Array, carry: Carry, weights: Weights, lengths_B: Lengths = None):
    """As `scan`, h written where it is returned from; and what `_scan_backward` needs."""
    one = _one_step(cell, x_BTD, weights, lengths_B)

    def kept(state, time: Array):
        before, h_BTH = state
        after, gates_BGH = one(before, time)
        h_BTH = jax.lax.dynamic_update_index_in_dim(h_BTH, after.h_BH.astype(h_BTH.dtype), time, axis=1)
        return (after, h_BTH), (before._replace(h_BH=None), gates_BGH)

    h_BTH = jnp.zeros((*x_BTD.shape[:2], carry.h_BH.shape[-1]), x_BTD.dtype)
    (last, h_BTH), (others, gates_TBGH) = jax.lax.scan(
        kept, (_wide(carry, x_BTD.dtype), h_BTH), jnp.arange(x_BTD.shape[1])
    )
    h_BTH = _silent(h_BTH, lengths_B)
    return (h_BTH, last), (x_BTD, carry, weights, lengths_B, h_BTH, others, gates_TBGH)


def _scan_backward(cell: Cell, saved, gradients):
    """Back through spans of `SPAN` steps: the gradients of a span's gates are used up before those of the next are written.

    On CPU that saves 5 % of the time and a third of the memory (LSTM at B 64, T 128, D 256, H 512); accelerators take all steps at once.
    """
    x_BTD, first, weights, lengths_B, h_BTH, others, gates_TBGH = saved
    dh_BTH, dlast = _silent(gradients[0], lengths_B), gradients[1]
    dtype, steps = x_BTD.dtype, x_BTD.shape[1]
    # Transposed once: contracted as they are, XLA:CPU copies U at every step (backward scan 203 ms instead of 140).
    input_GHD, recurrent_GHK = (kernel.transpose(1, 2, 0) for kernel in _cast(weights, dtype)[:2])

    def at(time: Array):
        h_BH = jnp.where(time > 0, _at(h_BTH, jnp.maximum(time - 1, 0)), first.h_BH.astype(dtype))
        before = jax.tree.map(lambda state_TBH: state_TBH[time], others)._replace(h_BH=h_BH)
        return _at(dh_BTH, time), before, gates_TBGH[time]

    one = _one_step_back(cell, recurrent_GHK, at, lengths_B)

    def span(state, start: Array | int, length: int):
        dcarry, dweights, dx_BTD = state
        dcarry, (dz_TBGH, before_TBH) = jax.lax.scan(one, dcarry, start + jnp.arange(length), reverse=True)
        here = partial(jax.lax.dynamic_slice_in_dim, start_index=start, slice_size=length)
        x_TBD = here(x_BTD, axis=1).swapaxes(0, 1)
        found = _weights_gradient(cell, weights, x_TBD, before_TBH, dz_TBGH, here(gates_TBGH))
        dx = _product(dz_TBGH, input_GHD, axes=2).swapaxes(0, 1).astype(dtype)
        dx_BTD = jax.lax.dynamic_update_slice_in_dim(dx_BTD, dx, start, axis=1)
        return dcarry, jax.tree.map(jnp.add, dweights, found), dx_BTD

    nothing = jax.tree.map(lambda weight: jnp.zeros(weight.shape, _exact(dtype)), weights)
    state = (_wide(dlast, dtype), nothing, jnp.zeros_like(x_BTD))
    length = steps if _launches_cost() else min(SPAN, steps)
    if rest := steps % length:
        state = span(state, steps - rest, rest)
    starts = length * jnp.arange(steps // length)
    state, _ = jax.lax.scan(lambda state, start: (span(state, start, length), None), state, starts, reverse=True)
    dfirst, dweights, dx_BTD = state
    return dx_BTD, _like(dfirst, first), _like(dweights, weights), None


def _one_step_back(cell: Cell, recurrent_GHK: Array, at: Callable, lengths_B: Lengths) -> Callable:
    """(gradients of carry, time) -> (those of the carry before, (those of x W + b, h before)).

    `at`(time) -> (gradient of h, carry before, gates).
    """
    dtype = recurrent_GHK.dtype

    def one(dcarry: Carry, time: Array):
        dh_BH, before, gates_BGH = at(time)
        dbefore, dz_BGH = cell.backward(dcarry._replace(h_BH=dcarry.h_BH + dh_BH), before, gates_BGH)
        dz_BGH = dz_BGH.astype(dtype)
        dh_before_BH = _product(cell.through(dz_BGH, gates_BGH).astype(dtype), recurrent_GHK, axes=2)
        dbefore = dbefore._replace(h_BH=dbefore.h_BH + dh_before_BH)
        if lengths_B is None:
            return dbefore, (dz_BGH, before.h_BH)
        alive_B1 = (time < lengths_B)[:, None]
        dz_BGH = jnp.where(alive_B1[..., None], dz_BGH, 0)
        return jax.tree.map(partial(jnp.where, alive_B1), dbefore, dcarry), (dz_BGH, before.h_BH)

    return one


def _weights_gradient(cell: Cell, weights: Weights, x_TBD: Array, before_TBH: Array, dz_TBGH: Array, gates_TBGH: Array):
    """Of the gradients of x W + b over some steps."""
    exact = _exact(x_TBD.dtype)
    dh_TBGH = cell.through(dz_TBGH, gates_TBGH).astype(x_TBD.dtype)
    dbias_RH = dz_TBGH.sum((0, 1), dtype=exact)
    if extra := len(weights.bias_RH) - dz_TBGH.shape[2]:
        dbias_RH = jnp.concatenate([dbias_RH, dh_TBGH[:, :, -extra:].sum((0, 1), dtype=exact)])
    return Weights(_outer_product(x_TBD, dz_TBGH), _outer_product(before_TBH, dh_TBGH), dbias_RH)


scan.defvjp(_scan_forward, _scan_backward)


def _step(cell: Cell, weights: Weights, carry: Carry, zx_BGH: Array) -> tuple[Carry, Array]:
    """The cell after the input's projection, with weights already cast to the compute dtype."""
    dtype = weights.recurrent_KGH.dtype
    gates = weights.recurrent_KGH.shape[1]
    zh_BGH = _product(carry.h_BH, weights.recurrent_KGH)
    if extra := len(weights.bias_RH) - gates:
        zh_BGH = zh_BGH + jnp.pad(weights.bias_RH[gates:], ((gates - extra, 0), (0, 0)))
    carry, gates_BGH = cell.forward(carry, zx_BGH, zh_BGH)
    return carry._replace(h_BH=carry.h_BH.astype(dtype).astype(_exact(dtype))), gates_BGH


def _project(x: Array, weights: Weights) -> Array:
    return _product(x, weights.input_DGH) + weights.bias_RH[: weights.input_DGH.shape[1]]


def _launches_cost() -> bool:
    """Whether few large products beat many small ones: on all but CPUs."""
    return jax.default_backend() != "cpu"


def _at(array_BT: Array, time: Array) -> Array:
    return jax.lax.dynamic_index_in_dim(array_BT, time, axis=1, keepdims=False)


def _silent(h_BTH: Array, lengths_B: Lengths) -> Array:
    """0 past each row's length."""
    return h_BTH if lengths_B is None else jnp.where(inside(lengths_B, h_BTH.shape[1])[..., None], h_BTH, 0)


def _exact(dtype) -> Any:
    """The dtype of sums and states: float32, or float64 where the input is."""
    return jnp.promote_types(dtype, jnp.float32)


def _wide(carry: Carry, dtype) -> Carry:
    return jax.tree.map(lambda state: state.astype(_exact(dtype)), carry)


def _product(x: Array, kernel: Array, axes: int = 1) -> Array:
    """x times a kernel in the kernel's dtype with float32 sums: CPUs with AMX triple their speed in bf16."""
    exact = _exact(kernel.dtype)
    return jnp.tensordot(x.astype(kernel.dtype), kernel, axes=axes, preferred_element_type=exact)


def _outer_product(x_TBD: Array, dz_TBGH: Array) -> Array:
    # Contracts (T, B) in the order of memory; einsum chose (B, T), which copies both operands.
    dimensions = (((0, 1), (0, 1)), ((), ()))
    return jax.lax.dot_general(x_TBD, dz_TBGH, dimensions, preferred_element_type=_exact(x_TBD.dtype))


def _cast(weights: Weights, dtype) -> Weights:
    """Kernels in the compute dtype; the bias is added in float32."""
    return weights._replace(
        input_DGH=weights.input_DGH.astype(dtype), recurrent_KGH=weights.recurrent_KGH.astype(dtype)
    )


def _like(gradients, values):
    return jax.tree.map(lambda gradient, value: gradient.astype(value.dtype), gradients, values)
