"""Gradients through time: how they vanish and explode by cell and by distance, attention's way around, and clipping on a cliff."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import figures
from dlcv.engine.writers import spread
from dlcv.models.recurrent import CELLS, Kind
from dlcv.ops.attention import attention
from dlcv.ops.recurrence import Weights
from dlcv.ops.recurrence.jacobians import jacobian_norms, with_singular_values
from dlcv.ops.recurrence.scan import step as cell_step
from dlcv.studies.cliff import descents, longest_step, surface

# cell and the bias of the gate that keeps: the forget gate f, the update gate z
GATED = {"LSTM": ("lstm", 1.0), "LSTM kept open": ("lstm", 4.0), "GRU": ("gru", 0.0), "GRU kept open": ("gru", 4.0)}


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, steps: int, width: int, singular_values: Sequence[float],
    inputs: float, cliff_updates: int,
) -> dict[str, Any]:  # fmt: skip
    """Norms of d state_T / d state_t for linear and tanh RNNs with each singular value of W, an LSTM and a GRU, and for attention.

    Every seed draws weights and inputs anew, nothing is trained. Then the cells' comparison table and
    descent on the cliff without clipping, with it, and with the lecture's rule.
    """
    seeds = range(config.seed, config.seed + config.seeds)
    curves: dict[str, list[list[float]]] = {}
    for seed in seeds:
        for label, norms in distances(jax.random.key(seed), steps, width, singular_values, inputs).items():
            curves.setdefault(label, []).append(np.asarray(norms).tolist())
    paths = descents(cliff_updates)
    figures.draw("gradients_through_time", folder / "figures" / "gradients.png", curves=curves)
    figures.draw("cliff", folder / "figures" / "cliff.png", paths=paths, **surface())
    metrics = {f"{label}/norm_at_{steps}": spread([norms[-1] for norms in found]) for label, found in curves.items()}
    decades = {
        f"{arm}/decades": spread([float(np.log10(norms[-1])) for norms in found]) for arm, found in curves.items()
    }
    table = as_table(width, {label: metrics[f"{label}/norm_at_{steps}"] for label in ("tanh, 1", "LSTM", "GRU")}, steps)
    (folder / "table.md").write_text(table + "\n")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    jumps = {f"{label}/longest_step": spread([longest_step(path)]) for label, path in paths.items()}
    far = {label: [norms[-1] for norms in found] for label, found in curves.items()}
    return {"metrics": {**metrics, **decades, **jumps}, "by_seed": far, "seeds": list(seeds), "step": 0}


def distances(
    key: jax.Array, steps: int, width: int, singular_values: Sequence[float], inputs: float
) -> dict[str, jax.Array]:
    """Norms by distance of every arm, on inputs of the standard deviation `inputs`."""
    keys = jax.random.split(key, 5)
    x_TD = inputs * jax.random.normal(keys[0], (steps, width))
    input_DD = jax.random.normal(keys[1], (width, width)) / jnp.sqrt(width)
    found = {}
    for value in singular_values:
        recurrent_HH = with_singular_values(keys[2], width, value)
        for name, f in (("linear", lambda z: z), ("tanh", jnp.tanh)):
            run_norms = jax.jit(
                lambda x, f=f, u=recurrent_HH: jacobian_norms(lambda h, x: f(x @ input_DD + h @ u), jnp.zeros(width), x)
            )
            found[f"{name}, {value:g}"] = run_norms(x_TD)
    for label, (name, keep) in GATED.items():
        kind = CELLS[name]
        step, size = flat_step(kind, layer_weights(kind, keys[3], width, keep), width)
        found[label] = jax.jit(lambda x, step=step, size=size: jacobian_norms(step, jnp.zeros(size), x))(x_TD)
    found["attention"] = attention_norms(x_TD, keys[4])
    return found


def layer_weights(kind: Kind, key: jax.Array, width: int, keep: float) -> Weights:
    """Orthogonal recurrent kernels, unit gain from the input, and the bias `keep` at gate 1, which keeps the state."""
    keys = jax.random.split(key, kind.gates + 1)
    squares = jnp.stack([with_singular_values(k, width, 1.0) for k in keys[1:]], axis=1)
    bias_RH = jnp.zeros((kind.biases, width)).at[1].set(keep)
    return Weights(jax.random.normal(keys[0], (width, kind.gates, width)) / jnp.sqrt(width), squares, bias_RH)


def flat_step(kind: Kind, weights: Weights, width: int) -> tuple[Callable, int]:
    """The cell as a function of one vector that holds its whole state, and that vector's size."""
    fields = len(kind.carry._fields)

    def step(state_S, x_D):
        carry, _ = cell_step(kind.cell, kind.carry(*state_S.reshape(fields, 1, width)), x_D[None], weights)
        return jnp.concatenate([state_BH[0] for state_BH in carry])

    return step, fields * width


def attention_norms(x_TD: jax.Array, key: jax.Array) -> jax.Array:
    """Norms of d out_T / d x_t, by distance from 1, of one head of self-attention with random projections: one product away."""
    width = x_TD.shape[1]
    project = jax.random.normal(key, (3, width, width)) / jnp.sqrt(width)

    def last(x_TD):
        q_TK, k_TK, v_TK = jnp.einsum("TD,NDK->NTK", x_TD, project)
        return attention(q_TK[None, -1:, None], k_TK[None, :, None], v_TK[None, :, None])[0][0, 0, 0]

    jacobian_OTD = jax.jit(jax.jacobian(last))(jnp.concatenate([x_TD, x_TD[-1:]]))
    norms_T = jnp.linalg.norm(jacobian_OTD, axis=(0, 2)) / jnp.sqrt(width)
    return norms_T[:-1][::-1]


def as_table(width: int, norms: dict[str, dict[str, float]], steps: int) -> str:
    """The lecture's comparison of cells, markdown: from the cells' own states, gates and weights, and the measured gradient."""
    head = [
        "cell",
        "cell state",
        "gates",
        f"parameters, {width} inputs and units",
        f"d state_T / d state_t at distance {steps}",
    ]
    flow = {"rnn_tanh": "diag(1 - h^2) W", "lstm": "f on the memory", "gru": "z on h"}
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for (name, path), norm in zip(flow.items(), norms.values(), strict=True):
        kind = CELLS[name]
        gates = kind.gates - 1 if kind.gates > 1 else 0  # the candidate is none
        memory = "yes" if "c_BH" in kind.carry._fields else "no"
        parameters = 2 * kind.gates * width**2 + kind.biases * width
        row = [name, memory, str(gates), f"{parameters:,}", f"{path} a step: {norm['mean']:.2g} ± {norm['std']:.1g}"]
        lines.append(f"| {' | '.join(row)} |")
    note = "Where a lecture's table gives the GRU a cell state it is wrong, and its text right: h is all that a GRU hands on."
    return "\n".join([*lines, "", note])
