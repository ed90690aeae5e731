"""Activations by name: what lies between a network's input and its output, and the gradient of a score with respect to it."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.net import Net


def tap(module: nn.Module, name: str, x: jax.Array) -> jax.Array:
    """Names an activation of a module, so that `activations` shows it and `with_gradient` can differentiate by it."""
    module.sow("intermediates", name, x)
    return x + module.get_variable("perturbations", name) if module.has_variable("perturbations", name) else x


def activations(net: Net, params, stats, *inputs: Any, **keywords) -> dict[str, jax.Array]:
    """Every array [B, ...] that a layer gives outside of training, by its path: tapped ones, outputs of submodules, `logits`.

    The network gives (logits, aux); arrays of `aux` count too.
    """
    (logits, aux), found = net.module.apply(
        {"params": params, "batch_stats": stats}, *inputs, train=False, mutable=["intermediates"],
        capture_intermediates=_is_layer, **keywords,
    )  # fmt: skip
    named: dict[str, jax.Array] = {}
    _flatten(found["intermediates"], "", named)
    return named | {name: leaf for name, leaf in aux.items() if isinstance(leaf, jax.Array)} | {"logits": logits}


def shapes(net: Net, params, stats, *inputs: Any) -> dict[str, tuple[int, ...]]:
    """Name -> shape of `activations`; nothing is computed."""
    found = jax.eval_shape(lambda *arrays: activations(net, *arrays), params, stats, *inputs)
    return {name: leaf.shape for name, leaf in found.items()}


def tapped(net: Net, params, stats, *inputs: Any) -> dict[str, tuple[int, ...]]:
    """Name -> shape of the activations that the network itself names; nothing is computed."""

    def run(params, stats, *inputs):
        variables = {"params": params, "batch_stats": stats}
        return net.module.apply(variables, *inputs, train=False, mutable=["intermediates"])[1]

    found = jax.eval_shape(run, params, stats, *inputs).get("intermediates", {})
    return {name: leaf[0].shape for name, leaf in found.items() if isinstance(leaf, tuple)}


def with_gradient(
    net: Net, params, stats, images: jax.Array, layer: str, score: Callable[[jax.Array], jax.Array]
) -> tuple[jax.Array, jax.Array]:
    """A tapped activation [B, ...] and the gradient of the sum of `score(logits_BC) -> [B]` with respect to it.

    Raises Misuse for a layer that the network does not name.
    """
    known = tapped(net, params, stats, images)
    if layer not in known:
        raise unknown("named activation", layer, known)

    def run(perturbation):
        variables = {"params": params, "batch_stats": stats, "perturbations": {layer: perturbation}}
        (logits, _), found = net.module.apply(variables, images, train=False, mutable=["intermediates"])
        return score(logits).sum(), found["intermediates"][layer][0]

    gradient, activation = jax.grad(run, has_aux=True)(jnp.zeros(known[layer]))
    return activation, gradient


def kept(net: Net, params, stats, *inputs: Any, name: str) -> dict[str, jax.Array]:
    """Path -> what modules keep under `name` outside of training: the `weights` of each attention layer."""
    variables = {"params": params, "batch_stats": stats}
    _, found = net.module.apply(variables, *inputs, train=False, mutable=["intermediates"])
    named: dict[str, jax.Array] = {}
    _flatten(found.get("intermediates", {}), "", named)
    return {path: leaf for path, leaf in named.items() if path.split("/")[-1] == name}


def _is_layer(module: nn.Module, method: str) -> bool:
    """Outputs of submodules; dropout does nothing here, a batch norm shows once, under the name of the layer that wraps it."""
    return method == "__call__" and bool(module.path) and not isinstance(module, nn.BatchNorm | nn.Dropout)


def _flatten(tree: dict, prefix: str, into: dict[str, jax.Array]) -> None:
    for name, child in tree.items():
        if isinstance(child, dict):
            _flatten(child, f"{prefix}{name}/", into)
        elif isinstance(child[0], jax.Array):  # of a shared layer the first call; a tuple has no single array
            into[prefix.removesuffix("/") if name == "__call__" else prefix + name] = child[0]
