"""Three designs of many-to-many networks: their parameters, and what each cannot do, on three small tasks of bits."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dlcv import figures
from dlcv.engine.study import cell
from dlcv.engine.writers import spread
from dlcv.losses.classification import binary_cross_entropy
from dlcv.ops.step_networks import StepWeights, one_network_a_step, shared_with_state, shared_without_state
from dlcv.studies.comparison import folder_name

DESIGNS: dict[str, Callable] = {
    "shared, without state": shared_without_state,
    "one network a step": one_network_a_step,
    "shared, with state": shared_with_state,
}


def place_task(bits_BT: np.ndarray) -> np.ndarray:
    """Each bit, turned round at every other step: the answer depends on the place."""
    return bits_BT ^ (np.arange(bits_BT.shape[1]) % 2)


def memory_task(bits_BT: np.ndarray) -> np.ndarray:
    """Whether a bit differs from the one before: the answer depends on the past."""
    return bits_BT ^ np.pad(bits_BT, ((0, 0), (1, 0)))[:, :-1]


TASKS = {
    "depends on the present": lambda bits: 1 - bits,
    "depends on the place": place_task,
    "depends on the past": memory_task,
}


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, steps: int, longer: int, width: int, updates: int
) -> dict[str, Any]:
    """Trains each design on each task with sequences of `steps` bits, and judges it on new ones and on `longer` ones.

    Each design, task and seed is a cell of its own: interrupted, the study goes on where it was.
    """
    seeds, found = range(config.seed, config.seed + config.seeds), {}
    for design in DESIGNS:
        for task in TASKS:
            for seed in seeds:
                place = folder / folder_name(design, task) / f"seed_{seed}.json"
                values = cell(place, partial(judged, design, task, seed, steps, longer, width, updates))
                found.setdefault(design, {}).setdefault(task, []).append(values)
    parameters = {design: count(begin(design, jax.random.key(0), steps, width)) for design in DESIGNS}
    table = as_table(found, parameters, steps, longer)
    (folder / "table.md").write_text(table + "\n")
    shown = {d: {t: [100 * v["accuracy"] for v in cells] for t, cells in tasks.items()} for d, tasks in found.items()}
    figures.draw("arms", folder / "figures" / "accuracy.png", values=shown, quantity="bits right, %")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    metrics = {
        f"{d}/{t}/accuracy": spread([v["accuracy"] for v in cells])
        for d, tasks in found.items()
        for t, cells in tasks.items()
    }
    return {"metrics": metrics, "parameters": parameters, "by_seed": found, "seeds": list(seeds), "step": updates}


def begin(design: str, key: jax.Array, steps: int, width: int) -> StepWeights:
    """Fresh weights for inputs and outputs of one number."""
    lead = (steps,) if design == "one network a step" else ()
    keys = jax.random.split(key, 4)
    weights = StepWeights(
        jax.random.normal(keys[0], (*lead, 1, width)), jax.random.normal(keys[1], (*lead, width)),
        jax.random.normal(keys[2], (*lead, width, 1)) / jnp.sqrt(width),
    )  # fmt: skip
    if design == "shared, with state":
        return weights._replace(recurrent_HH=jax.random.orthogonal(keys[3], width))
    return weights


def count(weights: StepWeights) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(weights))


def judged(
    design: str, task: str, seed: int, steps: int, longer: int, width: int, updates: int
) -> dict[str, float | None]:
    """The share of bits told right on new sequences, and on longer ones: None where the design has no network for some step."""
    bits = np.random.Generator(np.random.Philox(seed)).integers(2, size=(updates, 64, steps))
    weights = trained(
        design, begin(design, jax.random.key(seed), steps, width), bits, TASKS[task](bits.reshape(-1, steps))
    )
    found: dict[str, float | None] = {}
    for name, length in (("accuracy", steps), ("longer", longer)):
        if weights.bias_H.ndim > 1 and len(weights.bias_H) != length:
            found[name] = None
            continue
        new = np.random.Generator(np.random.Philox(1000 + seed)).integers(2, size=(500, length))
        told = DESIGNS[design](weights, signs(new))[..., 0] > 0
        found[name] = float((np.asarray(told) == TASKS[task](new)).mean())
    return found


def trained(design: str, weights: StepWeights, bits: np.ndarray, answers: np.ndarray) -> StepWeights:
    """The weights after one update of Adam for each batch of bits."""
    optimizer = optax.adam(1e-2)

    def loss(weights, x_BT1, answers_BT):
        return binary_cross_entropy(DESIGNS[design](weights, x_BT1)[..., 0], answers_BT).mean()

    def update(state, batch):
        weights, moments = state
        changes, moments = optimizer.update(jax.grad(loss)(weights, *batch), moments)
        return (optax.apply_updates(weights, changes), moments), None

    batches = (signs(bits), jnp.asarray(answers.reshape(bits.shape), jnp.float32))
    return jax.jit(lambda state: jax.lax.scan(update, state, batches)[0][0])((weights, optimizer.init(weights)))


def signs(bits: np.ndarray) -> jax.Array:
    """Bits as -1 and 1, with a dimension of one feature."""
    return jnp.asarray(2.0 * bits[..., None] - 1, jnp.float32)


def as_table(found: Mapping, parameters: Mapping[str, int], steps: int, longer: int) -> str:
    """Markdown: a design a row; per cent of bits right on `steps` and on `longer` steps."""
    lines = [f"| design | parameters | {' | '.join(f'{task}, {steps} ({longer}) steps' for task in TASKS)} |"]
    lines.append("|" + "---|" * (2 + len(TASKS)))
    for design, tasks in found.items():
        cells = []
        for values in tasks.values():
            own = spread([100 * value["accuracy"] for value in values])
            far = [value["longer"] for value in values]
            beyond = "no answer" if None in far else f"{100 * np.mean(far):.1f}"
            cells.append(f"{own['mean']:.1f} ± {own['std']:.1f} ({beyond})")
        lines.append(f"| {design} | {parameters[design]} | {' | '.join(cells)} |")
    return "\n".join(lines)
