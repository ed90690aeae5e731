"""Our train step and the peer's on the same examples: compared first, then timed in turn."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np


class Peer(NamedTuple):
    """`outputs(batch)` in evaluation, named as `predict` names them; `losses(batch, codes)` trains a step: one a player."""

    modules: Mapping[str, Any]
    outputs: Callable[[Mapping, Any], dict]
    losses: Callable[[Mapping, Any], dict]


class Ours:
    """The engine's step of an experiment, fed from data on the device, and the same data for a peer."""

    def __init__(self, name: str, changes: Mapping, rung: str = "default"):
        import jax

        from dlcv.engine import catalogue
        from dlcv.engine.execution import Execution

        source = f"experiments/{name}.py:{rung}"
        devices = min(catalogue.load(source).cpu_devices, jax.device_count())
        common = dict(seeds=1, dtype="float32", steps_per_call=1, ema=dict(decay=0.0), mesh=dict(data=devices, model=1))
        experiment = catalogue.experiment(source, None, **common, **changes)
        self.config, self.task, self.data = experiment.config, experiment.task, experiment.data
        self.execution = Execution(self.task, self.config, self.data.train, experiment.mesh)
        state = self.execution.initial()[0]
        state = state.replace(variables=state.variables.replace(params=without_zeros(state.variables.params)))
        self.params = jax.device_get(state.variables.params)
        self.variables = jax.tree.map(jax.numpy.copy, state.variables)  # the step takes the state's own
        self.execution.load([state])
        self.feeds = [self.execution.feed(step) for step in range(200)]
        self.step = 0

    def advance(self):
        """One train step, not waited for."""
        self.step += 1
        return self.execution.advance(self.feeds[(self.step - 1) % len(self.feeds)], [True])[0]

    def batch(self, arrays, step: int):
        """The examples of a step, read from `arrays`: numpy's, or a peer's."""
        indices = self.data.train.indices(self.config.seed, step, self.execution.rows)
        return self.data.train.gather(arrays, indices)

    def codes(self, step: int, player: str, width: int):
        """What the GAN's player draws in that step."""
        import jax

        from dlcv.ops.keys import named

        key = named(self.execution.keys[0], "train", step, player, 0)
        return np.array(jax.random.normal(named(key, "codes"), (self.config.batch_size, width)))


def without_zeros(params):
    """The parameters, those that are zero throughout replaced by noise."""
    import jax

    generator = np.random.default_rng(0)
    return jax.tree.map(
        lambda p: p if np.any(np.asarray(p)) else jax.numpy.asarray(0.1 * generator.normal(size=p.shape), p.dtype),
        params,
    )


class Theirs:
    """A peer with its optimisers and its own copy of the data."""

    def __init__(self, ours: Ours, build: Callable[[Ours], Peer]):
        self.ours, self.peer = ours, build(ours)
        self.arrays = to_torch(ours.data.train.arrays)
        self.optimizers, self.clips, self.step = {}, {}, 0
        for name, module in self.peer.modules.items():
            fields = ours.config.optimizer.get(name, ours.config.optimizer)
            self.optimizers[name], self.clips[name] = torch_optimizer(fields, module), fields.clip_norm

    def advance(self, codes=None):
        """One train step; the losses by player."""
        import torch

        batch, found = self.ours.batch(self.arrays, self.step % len(self.ours.feeds)), {}
        self.step += 1
        for name, optimizer in self.optimizers.items():
            optimizer.zero_grad()
            losses = self.peer.losses
            loss = losses[name](batch, codes) if isinstance(losses, Mapping) else losses(batch, codes)[name]
            loss.backward()
            if self.clips[name]:
                torch.nn.utils.clip_grad_norm_(self.peer.modules[name].parameters(), self.clips[name])
            optimizer.step()
            found[name] = loss.detach()
        return found


def torch_optimizer(fields, module):
    """Fused Adam or AdamW with the config's constants; as in ours, vectors (biases and scales) do not decay."""
    import torch

    parameters = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": fields.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[fields.name]
    betas = (fields.options.get("b1", 0.9), fields.options.get("b2", 0.999))
    return kind(groups, lr=fields.learning_rate, betas=betas, eps=1e-8, fused=True)


def to_torch(arrays):
    """numpy arrays as tensors, images mirrored in rows and columns."""
    import torch

    if isinstance(arrays, Mapping):
        return {
            name: torch.tensor(array[:, ::-1, ::-1].copy()) if name == "image" else to_torch(array)
            for name, array in arrays.items()
        }
    return torch.tensor(np.array(arrays))


def check(ours: Ours, theirs: Theirs) -> dict[str, float]:
    """Largest difference of the outputs in evaluation, and of the losses of three train steps. Raises AssertionError above 1e-4."""
    import jax
    import torch

    from dlcv.ops.keys import named

    split = next(iter(ours.data.splits.values()))
    rows, key = split.sweep(ours.config.batch_size)[0][0], jax.random.key(7)
    ours_batch = split.gather(split.arrays, rows)
    wanted = jax.device_get(jax.jit(ours.task.predict)(ours.variables, ours_batch, key))
    codes = {"outputs": np.array(jax.random.normal(named(key, "codes"), (len(rows), 100)))}
    modules = theirs.peer.modules.values()
    for module in modules:
        module.eval()
    with torch.no_grad():
        found = theirs.peer.outputs(split.gather(to_torch(split.arrays), rows), codes)
    for module in modules:
        module.train()
    differences = {"outputs": max(float(np.abs(value.numpy() - wanted[name]).max()) for name, value in found.items())}
    losses = []
    for step in range(3):
        codes = {player.name: ours.codes(step, player.name, 100) for player in ours.task.players}
        mine, other = jax.device_get(ours.advance()), theirs.advance(codes)
        losses += [abs(float(mine[f"{name}/loss"].ravel()[0]) - float(value)) for name, value in other.items()]
    differences |= {"first loss": max(losses[: len(losses) // 3]), "third loss": max(losses)}
    assert max(differences["outputs"], differences["first loss"]) < 1e-4, differences
    assert differences["third loss"] < 1e-3, differences
    return differences


def measure(ours: Ours, theirs: Theirs, rounds: int, seconds: float) -> dict[str, Any]:
    """`alternate` over the train steps of both."""
    import jax

    def ours_block(steps):
        for _ in range(steps):
            metrics = ours.advance()
        jax.block_until_ready(metrics)

    def theirs_block(steps):
        for _ in range(steps):
            theirs.advance()

    return alternate(ours_block, theirs_block, rounds, seconds)


def alternate(
    ours: Callable[[int], None], theirs: Callable[[int], None], rounds: int, seconds: float
) -> dict[str, Any]:
    """Medians in ms over alternating blocks of `seconds` each, ratio of the medians, its quartiles over the rounds, CPU ratio."""

    def timed(block, steps):
        block(1)  # wakes the threads of this side
        wall, cpu = time.perf_counter(), time.process_time()
        block(steps)
        return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps

    steps = {}
    for block in (ours, theirs):
        block(3)
        once = min(timed(block, 2)[0] for _ in range(3))
        steps[block] = max(2, min(150, int(seconds / once)))
    blocks = [[timed(block, steps[block]) for block in (ours, theirs)] for _ in range(rounds)]
    wall, cpu = ([[pair[side][kind] for pair in blocks] for side in (0, 1)] for kind in (0, 1))
    mine, other = (1e3 * statistics.median(side) for side in wall)
    quartiles = statistics.quantiles([a / b for a, b in zip(*wall, strict=True)], n=4)
    return {
        "ours_ms": mine, "torch_ms": other, "ratio": mine / other, "quartiles": [quartiles[0], quartiles[2]],
        "cpu_ratio": statistics.median(cpu[0]) / statistics.median(cpu[1]),
    }  # fmt: skip
