"""A recurrent layer's forward and backward pass beside torch.nn's, on copied weights."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Size(NamedTuple):
    batch: int
    steps: int
    inputs: int
    width: int


class Layers(NamedTuple):
    """One pass each: outputs and the gradients of the inputs and of the recurrent kernel, as numpy arrays; and a block of passes."""

    ours: Callable[[], dict[str, Any]]
    theirs: Callable[[], dict[str, Any]]
    ours_block: Callable[[int], None]
    theirs_block: Callable[[int], None]


def layers(cell: str, size: Size) -> Layers:
    """An "lstm" or a "gru"; the loss is a weighted sum of all outputs."""
    import jax
    import jax.numpy as jnp
    import torch

    from dlcv.models.recurrent import Recurrent

    batch, steps, inputs, width = size
    generator = np.random.default_rng(0)
    x_BTD = generator.normal(size=(batch, steps, inputs)).astype(np.float32)
    factors = generator.normal(size=(batch, steps, width)).astype(np.float32)
    module = Recurrent(cell, width)
    params = jax.jit(lambda: module.init(jax.random.key(0), jnp.asarray(x_BTD), train=False))()["params"]

    def loss(params, x_BTD):
        h_BTH, _ = module.apply({"params": params}, x_BTD, train=True)
        return jnp.sum(h_BTH * factors), h_BTH

    pass_ = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True))
    on_device = jnp.asarray(x_BTD)

    def ours() -> dict[str, Any]:
        (_, h_BTH), (dparams, dx_BTD) = pass_(params, on_device)
        kernel = dparams["layer_0"]["recurrent_kernel"]
        return jax.device_get({"outputs": h_BTH, "inputs": dx_BTD, "kernel": kernel.reshape(width, -1).T})

    peer = getattr(torch.nn, cell.upper())(inputs, width, batch_first=True)
    layer = jax.device_get(params["layer_0"])
    gates = layer["input_kernel"].shape[1]
    peer.weight_ih_l0.data = torch.tensor(layer["input_kernel"].reshape(inputs, -1).T.copy())
    peer.weight_hh_l0.data = torch.tensor(layer["recurrent_kernel"].reshape(width, -1).T.copy())
    peer.bias_ih_l0.data = torch.tensor(layer["bias"][:gates].ravel())
    peer.bias_hh_l0.data.zero_()
    tx, tf = torch.tensor(x_BTD, requires_grad=True), torch.tensor(factors)

    def theirs() -> dict[str, Any]:
        tx.grad = None
        peer.zero_grad()
        out, _ = peer(tx)
        (out * tf).sum().backward()
        return {"outputs": out.detach().numpy(), "inputs": tx.grad.numpy(), "kernel": peer.weight_hh_l0.grad.numpy()}

    def ours_block(passes: int) -> None:
        for _ in range(passes):
            found = pass_(params, on_device)
        jax.block_until_ready(found)

    def theirs_block(passes: int) -> None:
        for _ in range(passes):
            theirs()

    return Layers(ours, theirs, ours_block, theirs_block)


def differences(pair: Layers) -> dict[str, float]:
    """Largest difference of each array over the largest value there. Raises AssertionError above 1e-4."""
    ours, theirs = pair.ours(), pair.theirs()
    found = {name: float(np.abs(ours[name] - theirs[name]).max() / np.abs(theirs[name]).max()) for name in ours}
    assert max(found.values()) < 1e-4, found
    return found
