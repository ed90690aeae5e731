"""What stands around the train step without changing its mathematics: accumulation, averaging, several steps a call."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from dlcv.engine.step import State, merged_stats, plain_gradients, slice_batch
from dlcv.engine.task import Aux, Loss, Player, Tree, Variables
from dlcv.errors import unknown
from dlcv.ops.keys import named


def repeat(body: Callable, carry, count: int):
    """`carry, y = body(carry, i)` for i < count, the y stacked: a scan on accelerators, unrolled on CPU.

    XLA:CPU runs convolutions slower inside a scan, XLA's own weight gradient about 100 times.
    """
    if count > 1 and jax.default_backend() != "cpu":
        return jax.lax.scan(body, carry, jnp.arange(count))
    outputs = []
    for index in range(count):
        carry, output = body(carry, index)
        outputs.append(output)
    return carry, jax.tree.map(lambda *leaves: jnp.stack(leaves), *outputs)


def accumulated_gradients(parts: int):
    """Gradients over `parts` slices of the batch, weighted by the losses' weights: those of the whole batch's mean."""
    if parts == 1:
        return plain_gradients

    def gradients(player: Player, variables: Variables, batch, key, step):
        def one(stats, part):
            mine = variables.replace(stats=stats, carry=slice_batch(variables.carry, parts, part))
            grads, loss, aux = plain_gradients(player, mine, slice_batch(batch, parts, part), named(key, part), step)
            weight = jnp.asarray(loss.weight, jnp.float32)
            return merged_stats(stats, aux.stats, player), (
                jax.tree.map(lambda g: g * weight, (grads, loss.value, aux.metrics)),
                weight,
                aux.carry,
            )

        stats, (weighted, weights, carry) = repeat(one, variables.stats, parts)
        total = weights.sum()
        grads, value, metrics = jax.tree.map(lambda x: x.sum(0) / total, weighted)
        carry = jax.tree.map(lambda x: jnp.moveaxis(x, 0, 1).reshape(-1, *x.shape[2:]), carry)
        return grads, Loss(value, total), Aux(stats, carry, metrics)

    return gradients


def averaged_trees(variables: Variables, subtrees: Sequence[str]) -> Tree:
    """The parts of params and stats that an EMA follows: the named subtrees, or all when none is named."""
    return {
        collection: {
            name: tree for name, tree in getattr(variables, collection).items() if not subtrees or name in subtrees
        }
        for collection in ("params", "stats")
    }


def begin_average(state: State, subtrees: Sequence[str]) -> State:
    """The EMA starts as a copy (not an alias, which could not be donated). Raises Misuse for an unknown subtree."""
    for name in subtrees:
        if name not in state.variables.params:
            raise unknown("subtree in config.ema.subtrees", name, state.variables.params)
    return state.replace(average=jax.tree.map(jnp.copy, averaged_trees(state.variables, subtrees)))


def update_average(state: State, decay: float, subtrees: Sequence[str]) -> State:
    """average <- d average + (1 - d) value with d = min(decay, (1 + t) / (10 + t)), so that early weights are forgotten."""
    step = state.step.astype(jnp.float32)
    d = jnp.minimum(decay, (1 + step) / (10 + step))

    def mix(old, new):
        return (
            old * d.astype(old.dtype) + new * (1 - d).astype(old.dtype)
            if jnp.issubdtype(old.dtype, jnp.floating)
            else new
        )

    return state.replace(average=jax.tree.map(mix, state.average, averaged_trees(state.variables, subtrees)))


def with_average(variables: Variables, average: Tree) -> Variables:
    """The variables with averaged subtrees in the place of the trained ones."""
    if not average:
        return variables
    return variables.replace(
        params={**variables.params, **average["params"]}, stats={**variables.stats, **average["stats"]}
    )
