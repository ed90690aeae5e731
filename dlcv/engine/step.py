"""The one train step of the library: players in order, each differentiating only what it owns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import optax

from dlcv.engine.task import Aux, Player, Task, Tree, Variables
from dlcv.ops.keys import named


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """All that training changes; one checkpoint is one of these for each seed."""

    step: jax.Array
    variables: Variables
    optimizers: Tree  # player name -> optax state
    average: Tree = field(default_factory=dict)  # the EMA: {"params": ..., "stats": ...} of the chosen subtrees

    def replace(self, **changes) -> "State":
        return replace(self, **changes)


def owned(params: Tree, player: Player) -> Tree:
    return {name: params[name] for name in player.owns}


def init_state(task: Task, key: jax.Array) -> State:
    """Fresh variables and optimiser states; every top-level key of params has exactly one owner or is frozen."""
    variables = task.init(named(key, "init"), task.batch_spec)
    check_ownership(task, variables)
    optimizers = {player.name: player.optimizer.init(owned(variables.params, player)) for player in task.players}
    return State(jnp.zeros((), jnp.int32), variables, optimizers)


def check_ownership(task: Task, variables: Variables) -> None:
    """Raises ValueError unless each params subtree has exactly one owner (a player, or nobody: `frozen`)."""
    owners = [name for player in task.players for name in player.owns] + list(task.frozen)
    for name in variables.params:
        if owners.count(name) != 1:
            raise ValueError(
                f"params[{name!r}] has {owners.count(name)} owners among players and frozen; exactly one is needed"
            )
    if missing := set(owners) - set(variables.params):
        raise ValueError(f"players own {sorted(missing)}, which init did not make")
    changed = [name for player in task.players for name in player.changes]
    if missing := set(variables.stats) - set(changed) - set(task.frozen):
        raise ValueError(f"stats {sorted(missing)} are updated by no player and not frozen")


def slice_batch(tree: Any, parts: int, part: int | jax.Array) -> Any:
    """Every `parts`-th row of each leaf, from row `part` on: a slice that keeps a sharded batch axis evenly spread."""
    if parts == 1:
        return tree
    return jax.tree.map(lambda x: x.reshape(x.shape[0] // parts, parts, *x.shape[1:])[:, part], tree)


def plain_gradients(player: Player, variables: Variables, batch, key, step):
    """(gradients of the owned subtree, Loss, Aux) of one update."""

    def objective(mine):
        loss, aux = player.loss({**variables.params, **mine}, variables.stats, variables.carry, batch, key, step)
        return loss.value, (loss, aux)

    gradients, (loss, aux) = jax.grad(objective, has_aux=True)(owned(variables.params, player))
    return gradients, loss, aux


def merged_stats(stats: Tree, changed: Tree, player: Player) -> Tree:
    """The statistics after a loss: only what the player may change, and only subtrees that init made."""
    return {name: changed[name] if name in player.changes and name in changed else old for name, old in stats.items()}


Gradients = Callable[..., tuple[Any, Any, Aux]]


def train_step(
    state: State, batch, key: jax.Array, *, task: Task, gradients: Gradients = plain_gradients
) -> tuple[State, Mapping[str, jax.Array]]:
    """One step of every player in order; later players see fresh parameters.

    Args:
      state: of this task.
      batch: `max(player.steps)` updates' worth of rows; inner update i takes every n-th row from row i on.
      key: of the run's seed; it is folded with step, player and inner update here.
    Returns: the next state, and the scalar metrics "<player>/<metric>" of each player's last inner update.
    """
    variables, optimizers, metrics = state.variables, dict(state.optimizers), {}
    parts = max(player.steps for player in task.players)
    for player in task.players:
        for inner in range(player.steps):
            update_key = named(key, "train", state.step, player.name, inner)
            mine = slice_batch(batch, parts, inner)
            grads, loss, aux = gradients(player, variables, mine, update_key, state.step)
            params = owned(variables.params, player)
            updates, optimizers[player.name] = player.optimizer.update(grads, optimizers[player.name], params)
            variables = Variables(
                params={**variables.params, **optax.apply_updates(params, updates)},
                stats=merged_stats(variables.stats, aux.stats, player),
                carry={**variables.carry, **aux.carry},
            )
        metrics[f"{player.name}/loss"] = loss.value
        metrics[f"{player.name}/gradient_norm"] = optax.tree.norm(grads)
        metrics.update({f"{player.name}/{name}": value for name, value in aux.metrics.items()})
    return State(state.step + 1, variables, optimizers, state.average), metrics
