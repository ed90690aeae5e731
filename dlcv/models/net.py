"""A linen module as two pure functions over plain dicts, which is all that tasks see of Flax."""

from dataclasses import dataclass
from typing import Any

import flax.linen as nn
import jax

from dlcv.ops.keys import named


@dataclass(frozen=True)
class Net:
    """`init` gives (params, stats); calling gives (output, stats), the stats changed only in training."""

    module: nn.Module

    def init(self, key: jax.Array, *inputs: Any, **keywords) -> tuple[dict, dict]:
        """Fresh float32 parameters and normalisation statistics ({} where there are none)."""
        variables = self.module.init({"params": key, "dropout": key}, *inputs, **keywords)
        return dict(variables["params"]), dict(variables.get("batch_stats", {}))

    def __call__(self, params, stats, *inputs, key: jax.Array | None = None, train: bool = False, **keywords):
        """The module's output and the statistics after it; `key` feeds dropout when `train`."""
        variables = {"params": params, "batch_stats": stats}
        rngs = {"dropout": named(key, "dropout")} if train and key is not None else None
        if not train or not stats:
            return self.module.apply(variables, *inputs, train=train, rngs=rngs, **keywords), stats
        output, changed = self.module.apply(
            variables, *inputs, train=True, rngs=rngs, mutable=["batch_stats"], **keywords
        )
        return output, dict(changed["batch_stats"])
