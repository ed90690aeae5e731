"""Three ways of processing sequences on one task: what each learns, how far it sees, and what a longer sequence costs it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import figures
from dlcv.engine.study import cell
from dlcv.models.sequence_reader import sequence_reader
from dlcv.studies import learning_curves
from dlcv.studies.comparison import folder_name


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, metric: str, arms: Sequence[tuple[str, Mapping[str, Any]]],
    lengths: Sequence[int], rung: str, batch: int = 16,
) -> dict[str, Any]:  # fmt: skip
    """Trains each arm (label, its `task_kw`) on `source`, then measures it untrained on random inputs of each length.

    Measured: how far back the last output sees, the longest chain of products in a row, working memory and the time of a gradient.
    Each arm and its measurements are cells of their own: interrupted, the study goes on where it was.
    """
    changes = [(label, {f"task_kw.{name}": value for name, value in fields.items()}) for label, fields in arms]
    results = learning_curves.train(config, folder, data_dir, quiet, [("", source, metric, {})], changes, rung)[""]
    costs = {}
    for label, fields in arms:
        module = partial(sequence_reader, **fields, outputs=10)
        place = folder / folder_name(label) / "costs.json"
        costs[label] = cell(place, lambda module=module: [cost(module(), batch, length) for length in lengths])
    found = learning_curves.summary({"": results})
    values = {arm: [seed[metric] for seed in result["by_seed"].values() if seed] for arm, result in results.items()}
    table = as_table(results, costs, metric, lengths)
    (folder / "table.md").write_text(table + "\n")
    figures.draw(
        "three_ways", folder / "figures" / "three_ways.png", values=values, quantity=metric.split("/")[-1].replace("_", " "),
        lengths=list(lengths), costs={arm: columns(rows) for arm, rows in costs.items()},
    )  # fmt: skip
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return found | {"lengths": list(lengths), "costs": costs}


def cost(module, batch: int, length: int, repetitions: int = 5) -> dict[str, float | None]:
    """What one gradient over sequences of `length` takes, and how many of their steps the last output sees.

    "mebibytes" is None where the compiler tells no working memory.
    """
    x_BTD = jnp.asarray(np.random.default_rng(0).normal(size=(batch, length, 1)), jnp.float32)
    params = jax.jit(lambda: module.init(jax.random.key(0), x_BTD, train=False))()

    def last(params, x_BTD):
        return jnp.sum(module.apply(params, x_BTD, train=True)[0] ** 2)

    gradient = jax.jit(jax.grad(last, argnums=(0, 1))).lower(params, x_BTD).compile()
    jax.block_until_ready(gradient(params, x_BTD))
    seconds = []
    for _ in range(repetitions):
        start = perf_counter()
        jax.block_until_ready(gradient(params, x_BTD))
        seconds.append(perf_counter() - start)
    memory = gradient.memory_analysis()
    return {
        "seen": seen(module, params, x_BTD[:1]),
        "chain": longest_chain(jax.make_jaxpr(last)(params, x_BTD).jaxpr),
        "mebibytes": memory.temp_size_in_bytes / 2**20 if memory else None,
        "milliseconds": 1000 * float(np.median(seconds)),
    }


def seen(module, params, x_BTD: jax.Array) -> int:
    """The steps from the first whose input reaches the last output to the last: T where all do, 0 where none does.

    NaN goes wherever a path leads, however small the derivative along it, which float32 would round to 0 after some hundred steps; it
    also passes a gate that is shut and a weight of attention that a mask has made 0. By halving, since a longer poisoned beginning
    reaches all that a shorter one does.
    """

    @jax.jit
    def poisoned(count):
        x = jnp.where(jnp.arange(x_BTD.shape[1])[:, None] < count, jnp.nan, x_BTD)
        return jnp.isnan(module.apply(params, x, train=False)[0][:, -1]).any()

    steps = x_BTD.shape[1]
    return steps - bisect_left(range(steps), True, key=lambda step: bool(poisoned(step + 1)))


def longest_chain(jaxpr) -> int:
    """The longest row of matrix products of which each waits for the one before; a loop's body counts once a turn."""
    depth: dict[Any, int] = {}
    for equation in jaxpr.eqns:
        before = max(
            (depth.get(variable, 0) for variable in equation.invars if not hasattr(variable, "val")), default=0
        )
        inner = [getattr(value, "jaxpr", value) for value in equation.params.values()]
        inside = max((longest_chain(value) for value in inner if hasattr(value, "eqns")), default=0)
        own = inside * equation.params.get("length", 1) + (equation.primitive.name == "dot_general")
        depth |= dict.fromkeys(equation.outvars, before + own)
    return max(depth.values(), default=0)


def columns(rows: Sequence[Mapping[str, float | None]]) -> dict[str, list[float]]:
    """A list a measure, without one that is not known."""
    return {name: [row[name] for row in rows] for name in rows[0] if rows[0][name] is not None}


def as_table(results: Mapping, costs: Mapping, metric: str, lengths: Sequence[int]) -> str:
    """Markdown: a way a row; costs at the longest length."""
    heads = ["steps seen", "products in a row", "memory, MiB", "a gradient, ms"]
    lines = [f"| way | {metric} | {' | '.join(f'{head} of {lengths[-1]}' for head in heads)} |", "|" + "---|" * 6]
    for arm, result in results.items():
        value, row = result["metrics"][metric], costs[arm][-1]
        cells = [arm, f"{value['mean']:.3f} ± {value['std']:.3f}", f"{row['seen']}", f"{row['chain']}"]
        cells += ["–" if row[name] is None else f"{row[name]:.1f}" for name in ("mebibytes", "milliseconds")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
