"""Tiny tasks for the tests of the engine: linear, pure functions, no model library, milliseconds a step."""

from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dlcv.data.source import Data, Examples
from dlcv.engine import config as configs
from dlcv.engine import optim, sharding
from dlcv.engine.task import Aux, Loss, Metric, Player, Task, Variables
from dlcv.ops.keys import named

WIDTH = 3
SGD = optax.sgd(0.1)


def spec(rows: int = 8):
    return {"x": jax.ShapeDtypeStruct((rows, WIDTH), jnp.float32), "y": jax.ShapeDtypeStruct((rows,), jnp.float32)}


def batch(rows: int = 8, seed: int = 0):
    draw = np.random.default_rng(seed)
    return {"x": draw.normal(size=(rows, WIDTH)).astype(np.float32), "y": draw.normal(size=rows).astype(np.float32)}


def squares(params, batch):
    return (batch["x"] @ params["kernel"] + params["bias"] - batch["y"]) ** 2


def regression(
    optimizer=SGD, rows: int = 8, noise: float = 0.0, weights=None, finite_until: int = 10**6, metrics=None
) -> Task:
    """One player, `model`: a linear fit; `weights(batch)` weighs the rows, `noise` makes the loss depend on the key."""

    def init(key, spec):
        kernel = jax.random.normal(named(key, "kernel"), (WIDTH,))
        return Variables({"model": {"kernel": kernel, "bias": jnp.zeros(())}}, {"model": {"seen": jnp.zeros(())}})

    def loss(params, stats, carry, batch, key, step):
        batch = {**batch, "x": batch["x"] + noise * jax.random.normal(key, batch["x"].shape)}
        weight = jnp.ones_like(batch["y"]) if weights is None else weights(batch)
        value = (weight * squares(params["model"], batch)).sum() / weight.sum()
        value = jnp.where(step < finite_until, value, jnp.nan)
        seen = {"model": {"seen": stats["model"]["seen"] + 1}}
        return Loss(value, weight.sum()), Aux(seen, metrics={"bias": params["model"]["bias"]})

    def predict(variables, batch, key):
        error = squares(variables.params["model"], batch)
        return {"error": error, "drawn": jax.random.uniform(key, error.shape)}

    metrics = metrics or {"error": Metric(lambda outputs, batch: outputs["error"])}
    return Task(init, (Player("model", ("model",), loss, optimizer),), spec(rows), predict, metrics)


def duel(first=SGD, second=SGD, steps: int = 1, updates=None, rows: int = 8) -> Task:
    """Two players, `critic` (first) and `maker`; both losses read both subtrees and hand back both statistics."""

    def init(key, spec):
        names = ("critic", "maker")
        return Variables(
            {name: {"w": jax.random.normal(named(key, name), (WIDTH,))} for name in names},
            {name: {"mean": jnp.zeros(WIDTH), "count": jnp.zeros(())} for name in names},
        )

    def loss(sign):
        def function(params, stats, carry, batch, key, step):
            values = (batch["x"] * params["critic"]["w"] * params["maker"]["w"]).sum(-1) - sign * batch["y"]
            both = {
                name: {"mean": 0.9 * old["mean"] + 0.1 * batch["x"].mean(0), "count": old["count"] + 1}
                for name, old in stats.items()
            }
            shown = {"first": batch["x"][0, 0], "draw": jax.random.uniform(key), "critic": params["critic"]["w"].sum()}
            return Loss((values**2).mean(), len(values)), Aux(both, metrics=shown)

        return function

    players = (
        Player("critic", ("critic",), loss(1.0), first, steps=steps, updates=updates),
        Player("maker", ("maker",), loss(-1.0), second),
    )
    return Task(init, players, spec(rows), lambda variables, batch, key: {}, {})


def walker(rows: int = 4, length: int = 5, optimizer=SGD) -> Task:
    """A linear recurrence over token streams: the state of each row goes on from batch to batch."""

    def init(key, spec):
        count = spec["tokens"].shape[0]
        return Variables(
            {"model": {"decay": jnp.asarray(0.5), "gain": jnp.asarray(0.1)}}, {}, {"model": jnp.zeros((count,))}
        )

    def read(params, carry, tokens):
        def one(state, token):
            state = params["decay"] * state + params["gain"] * token
            return state, state

        after, states = jax.lax.scan(one, carry, tokens.T.astype(jnp.float32))
        return after, states.T

    def loss(params, stats, carry, batch, key, step):
        after, states = read(params["model"], carry["model"], batch["tokens"][:, :-1])
        rows = ((states - batch["tokens"][:, 1:]) ** 2).mean(-1)
        return Loss(rows.mean(), rows.size), Aux(carry={"model": jax.lax.stop_gradient(after)})

    def predict(variables, batch, key):
        after, states = read(variables.params["model"], variables.carry["model"], batch["tokens"][:, :-1])
        return {"state": states, "carry": {"model": after}}

    metrics = {"error": Metric(lambda outputs, batch: (outputs["state"] - batch["tokens"][:, 1:]) ** 2)}
    shape = {"tokens": jax.ShapeDtypeStruct((rows, length + 1), jnp.int32)}
    return Task(init, (Player("model", ("model",), loss, optimizer),), shape, predict, metrics)


def config(**changes):
    fields = dict(
        task="tiny", steps=6, batch_size=8, eval_batch_size=4, log_every=1, eval_every=2, checkpoint_every=2,
        optimizer=configs.optimizer("adam", 0.05),
    )  # fmt: skip
    return configs.experiment(**(fields | changes))


class Tiny:
    """What the loop asks of an experiment: a task made here, data in memory."""

    name, rung, data_dir = "tiny/regression", "test", None

    def __init__(self, config, make=regression, examples: int = 21, **fields):
        self.config, self.make, self.examples, self.fields = config, make, examples, fields

    @cached_property
    def task(self):
        optimizer = optim.by_player(self.config.optimizer, self.config.steps)("model")
        return self.make(optimizer, rows=self.config.batch_size, **self.fields)

    @cached_property
    def data(self):
        train, valid = batch(self.examples, 1), batch(10, 2)
        return Data(Examples(train, "train"), {"valid": Examples(valid, "valid")}, {"data": "tiny"})

    @cached_property
    def mesh(self):
        return sharding.make_mesh(self.config.mesh)


def same(left, right) -> None:
    """Asserts that two trees have the same leaves, bit by bit."""
    assert jax.tree.structure(left) == jax.tree.structure(right)
    for a, b in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def close(left, right, tolerance: float = 1e-6) -> None:
    """Asserts that two trees have close leaves."""
    assert jax.tree.structure(left) == jax.tree.structure(right)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance),
        left,
        right,
    )
