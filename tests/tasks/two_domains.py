"""A small batch of two domains, and the methods of adaptation on it, for the tests beside."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine import catalogue
from dlcv.engine.experiment import Experiment

rng = np.random.default_rng(0)


def part(low: int, labels: bool) -> dict:
    images = {"image": jnp.asarray(rng.integers(low, 255, (8, 28, 28, 3)), jnp.uint8)}
    return images | ({"label": jnp.asarray(rng.integers(0, 10, 8), jnp.int32)} if labels else {})


BATCH = {"source": part(0, True), "target": part(100, False)}
WITH_LABELS = {**BATCH, "labelled": part(100, True)}


def make(name: str, labelled: int = 0, **task_kw):
    config = catalogue.load(f"experiments/adaptation/{name}.py:smoke").unlock()
    config.task_kw.update(augmentation=(), **task_kw)
    config.data.labelled = labelled
    return Experiment(config, None).task


def value(task, v, batch, player: int = -1):
    loss, aux = task.players[player].loss(v.params, v.stats, v.carry, batch, jax.random.key(0), jnp.asarray(0))
    return float(loss.value), aux
