"""Masked sums over named splits: every example counts exactly once, and everything is divided once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from dlcv.engine import sharding
from dlcv.engine.task import Task, Variables
from dlcv.ops.keys import named


def masked_sums(metrics: Mapping, outputs, batch, mask) -> dict[str, tuple[jax.Array, jax.Array]]:
    """(sum of weight x value, sum of weight) of each metric over the rows (or tokens) that the mask keeps."""
    sums = {}
    for name, metric in metrics.items():
        found = metric.value(outputs, batch)
        values, weights = found if isinstance(found, tuple) else (found, jnp.ones(jnp.shape(found)))
        values, weights = (jnp.asarray(x, jnp.float32) for x in (values, weights))  # bfloat16 cannot count past 256
        if values.shape[: mask.ndim] != mask.shape:
            raise ValueError(f"metric {name!r} gives {values.shape}, but the mask is {mask.shape}")
        weights = weights * mask.reshape(mask.shape + (1,) * (values.ndim - mask.ndim))
        sums[name] = (jnp.sum(jnp.where(weights > 0, values, 0) * weights), jnp.sum(weights))
    return sums


class Evaluator:
    """Evaluates variables on the splits of a data set with one compiled function a split."""

    def __init__(self, task: Task, splits: Mapping[str, Any], batch_size: int, mesh):
        self.task, self.splits, self.batch_size, self.mesh = task, splits, batch_size, mesh
        sharding.check_batch(mesh, batch_size, "config.eval_batch_size")
        self.replicated = NamedSharding(mesh, PartitionSpec())
        self.rows = NamedSharding(mesh, PartitionSpec("data"))
        self.arrays = {
            name: sharding.place(split.arrays, self.replicated)
            for name, split in splits.items()
            if not hasattr(split, "batch")  # such sets are read on the host, batch by batch
        }
        self._sweeps = {name: split.sweep(batch_size) for name, split in splits.items()}
        self._steps = {(name, keep): jax.jit(partial(self._step, name, keep), out_shardings=(self.rows, self.replicated, self.replicated))
                       for name in splits for keep in (False, True)}  # fmt: skip

    def _batch(self, name: str, arrays, rows, mask):
        batch = self.splits[name].gather(arrays, rows) if name in self.arrays else rows
        return {**batch, "mask": mask}

    def _step(self, name: str, keep: bool, variables: Variables, arrays, rows, mask, key):
        batch = self._batch(name, arrays, rows, mask)
        outputs = dict(self.task.predict(variables, batch, key))
        carry = outputs.pop("carry", {})
        return carry, masked_sums(self.task.metrics, outputs, batch, mask), (outputs, batch) if keep else ()

    def _carry(self, key):
        """Recurrent state at its beginning, for this batch size."""
        spec = jax.tree.map(
            lambda x: jax.ShapeDtypeStruct((self.batch_size, *x.shape[1:]), x.dtype), self.task.batch_spec
        )
        return jax.jit(lambda key: self.task.init(key, spec).carry, out_shardings=self.rows)(key)

    def split(self, name: str, variables: Variables, key, keep: bool = False):
        """(metrics, outputs, examples) of one split; outputs and examples are numpy arrays when kept, else empty."""
        key = named(key, "evaluate", name)
        carry = self._carry(key) if variables.carry else {}
        totals, kept, masks = [], [], []
        for number, (rows, mask) in enumerate(self._sweeps[name]):
            if name not in self.arrays:
                rows = self.splits[name].gather({}, rows)
            feed, where = sharding.place((rows, mask), self.rows)
            carry, sums, extra = self._steps[name, keep](
                variables.replace(carry=carry), self.arrays.get(name, {}), feed, where, named(key, number)
            )
            totals.append(sums)
            if keep:
                kept.append(sharding.fetch(extra))
                masks.append(mask)
        totals = sharding.fetch(totals)
        metrics = {}
        for metric, rule in self.task.metrics.items():
            value, weight = np.sum([np.asarray(total[metric], np.float64) for total in totals], axis=0)
            metrics[metric] = float(rule.final(value / weight)) if weight else float("nan")
        outputs, examples = self._joined(kept, masks) if keep else ({}, {})
        return metrics, outputs, examples

    @staticmethod
    def _joined(kept, masks):
        """Batches end to end without padded rows."""
        mask = np.concatenate([m if m.ndim == 1 else m.any(axis=1) for m in masks])
        return jax.tree.map(lambda *leaves: np.concatenate(leaves)[mask], *kept)
