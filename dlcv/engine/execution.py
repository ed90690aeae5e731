"""Runs the train step: compiled once, sharded, donated, several steps a call, for every seed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from dlcv.engine import sharding, wrappers
from dlcv.engine.step import State, init_state, train_step
from dlcv.engine.task import Task

RESIDENT_BYTES = 4 << 30  # sets up to this size are kept on the device


def advance(state: State, arrays, feed, key, *, task: Task, config, gather) -> tuple[State, dict]:
    """`steps_per_call` train steps of one seed; `feed` holds indices into `arrays`, or batches, stacked by step."""
    step = partial(train_step, task=task, gradients=wrappers.accumulated_gradients(config.accumulate))

    def one(state, index):
        mine = jax.tree.map(lambda x: x[index], feed)
        state, metrics = step(state, mine if gather is None else gather(arrays, mine), key)
        if config.ema.decay:
            state = wrappers.update_average(state, config.ema.decay, config.ema.subtrees)
        return state, metrics

    return wrappers.repeat(one, state, config.steps_per_call)


def begin(key, *, task: Task, config) -> State:
    state = init_state(task, key)
    return wrappers.begin_average(state, config.ema.subtrees) if config.ema.decay else state


class Execution:
    """The states of all seeds and the compiled call that advances them.

    On accelerators the seeds are one vmapped axis; on CPU they take turns (convolutions under vmap are slow there).
    """

    def __init__(self, task: Task, config, source, mesh, vectorised: bool | None = None):
        self.task, self.config, self.mesh = task, config, mesh
        self.seeds = [config.seed + index for index in range(config.seeds)]
        self.keys = [jax.random.key(seed) for seed in self.seeds]
        self.rows = config.batch_size * max(player.steps for player in task.players)
        sharding.check_batch(mesh, config.batch_size // config.accumulate, "config.batch_size / config.accumulate")
        accelerated = jax.default_backend() != "cpu"
        self.vectorised = len(self.seeds) > 1 and (accelerated if vectorised is None else vectorised)
        self.source, self.gather, self.arrays = source, None, {}
        if not hasattr(source, "batch"):
            self.gather = source.gather
            self.arrays = sharding.place(source.arrays, NamedSharding(mesh, PartitionSpec()))
        self._compile()

    def _compile(self):
        self.shapes = self.shapes_of(self.task, self.config, self.mesh)
        specs = jax.tree.map(lambda x: x.sharding, self.shapes)
        lead = (None,) if self.vectorised else ()
        stacked = jax.tree.map(lambda s: NamedSharding(self.mesh, PartitionSpec(*lead, *s.spec)), specs)
        self.feed_sharding = NamedSharding(self.mesh, PartitionSpec(*lead, None, "data"))
        replicated = NamedSharding(self.mesh, PartitionSpec())
        self._begin = jax.jit(partial(begin, task=self.task, config=self.config), out_shardings=specs)
        call = partial(advance, task=self.task, config=self.config, gather=self.gather)
        call = jax.vmap(call, in_axes=(0, None, 0, 0)) if self.vectorised else call
        self._advance = jax.jit(
            call, donate_argnums=0, in_shardings=(stacked, replicated, self.feed_sharding, replicated),
            out_shardings=(stacked, replicated),
        )  # fmt: skip
        self._stack = jax.jit(lambda *states: jax.tree.map(lambda *x: jnp.stack(x), *states), out_shardings=stacked)
        self._pick = jax.jit(
            lambda stack, i: jax.tree.map(lambda x: x[i], stack), out_shardings=specs, static_argnums=1
        )

    def initial(self) -> list[State]:
        """Fresh states, one a seed."""
        return [self._begin(key) for key in self.keys]

    @staticmethod
    def shapes_of(task: Task, config, mesh) -> State:
        """One seed's State as ShapeDtypeStructs with shardings, for restoring in place."""
        shapes = jax.eval_shape(partial(begin, task=task, config=config), jax.random.key(0))
        rules = sharding.rules(config.sharding, task.layouts)
        specs = sharding.state_shardings(shapes, rules, mesh)
        return jax.tree.map(lambda x, s: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=s), shapes, specs)

    def load(self, states: Sequence[State]) -> None:
        self._states = self._stack(*states) if self.vectorised else list(states)
        self._key_stack = jnp.stack(self.keys) if self.vectorised else None

    def states(self) -> list[State]:
        """One State a seed."""
        if self.vectorised:
            return [self._pick(self._states, index) for index in range(len(self.seeds))]
        return list(self._states)

    def feed(self, step: int) -> list[Any]:
        """What each seed eats from `step` on: indices or host batches for one call, stacked by step, as numpy."""
        steps = range(step, step + self.config.steps_per_call)
        read = self.source.batch if self.gather is None else self.source.indices
        feeds = [[read(seed, s, self.rows) for s in steps] for seed in self.seeds]
        return [jax.tree.map(lambda *leaves: np.stack(leaves), *each) for each in feeds]

    def advance(self, feeds: Sequence[Any], alive: Sequence[bool]) -> list[dict] | dict:
        """One call for every seed that is alive; metrics [steps_per_call], with a leading seed axis when vectorised."""
        if self.vectorised:
            feed = sharding.place(jax.tree.map(lambda *leaves: np.stack(leaves), *feeds), self.feed_sharding)
            self._states, metrics = self._advance(self._states, self.arrays, feed, self._key_stack)
            return metrics
        metrics = []
        for index, (state, feed, key) in enumerate(zip(self._states, feeds, self.keys, strict=True)):
            if alive[index]:
                feed = sharding.place(feed, self.feed_sharding)
                self._states[index], out = self._advance(state, self.arrays, feed, key)
                metrics.append(out)
            else:
                metrics.append({})
        return metrics

    def by_seed(self, fetched) -> list[dict]:
        """Fetched metrics as one dict of [steps_per_call] arrays a seed."""
        if self.vectorised:
            return [{name: value[index] for name, value in fetched.items()} for index in range(len(self.seeds))]
        return fetched
