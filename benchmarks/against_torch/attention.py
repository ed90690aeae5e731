"""Attention, forward and backward, beside torch's scaled_dot_product_attention on the same numbers."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Size(NamedTuple):
    batch: int
    places: int
    heads: int
    width: int


class Passes(NamedTuple):
    """One pass each, {name: numpy array}; and a block of passes."""

    ours: Callable[[], dict[str, Any]]
    theirs: Callable[[], dict[str, Any]]
    ours_block: Callable[[int], None]
    theirs_block: Callable[[int], None]


def passes(size: Size, causal: bool, implementation: str | None = None) -> Passes:
    """Outputs and the gradients of queries, keys and values of a weighted sum of the outputs; torch's tensors have the heads first."""
    import jax
    import jax.numpy as jnp
    import torch

    from dlcv.ops.attention import attention

    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=size).astype(np.float32) for _ in range(4)]

    def both(q, k, v, factors):
        out, pull = jax.vjp(lambda *qkv: attention(*qkv, causal=causal, implementation=implementation)[0], q, k, v)
        return out, *pull(factors)

    pass_, on_device = jax.jit(both), [jnp.asarray(array) for array in arrays]
    *qkv, factors = (torch.tensor(array.swapaxes(1, 2).copy()) for array in arrays)
    for x in qkv:
        x.requires_grad_()
    names = ("outputs", "queries", "keys", "values")

    def theirs_once():
        for x in qkv:
            x.grad = None
        out = torch.nn.functional.scaled_dot_product_attention(*qkv, is_causal=causal)
        out.backward(factors)
        return out.detach(), *(x.grad for x in qkv)

    def ours() -> dict[str, Any]:
        return dict(zip(names, jax.device_get(pass_(*on_device)), strict=True))

    def theirs() -> dict[str, Any]:
        return {name: x.numpy().swapaxes(1, 2) for name, x in zip(names, theirs_once(), strict=True)}

    def ours_block(count: int) -> None:
        for _ in range(count):
            found = pass_(*on_device)
        jax.block_until_ready(found)

    def theirs_block(count: int) -> None:
        for _ in range(count):
            theirs_once()

    return Passes(ours, theirs, ours_block, theirs_block)
