"""The train step of the six systems against the same model in eager PyTorch: outputs and losses first, then time.

    python benchmarks/peers.py [--systems=vision/cnn,generative/dcgan] [--threads=2] [--rounds=15] [--output=peers.json]

Ours is the engine's own step at the `default` rung, in float32: `Execution.advance` on the data it keeps on the device, with
the metrics that the loop logs. PyTorch's reads the same examples by the same indices and runs forward, backward, clipping and
the same optimiser in its best form: channels last, fused Adam, `nn.LSTM`, one product for query, key and value. What is random
(augmentation, dropout, resets of a recurrent state) and the average of the weights are switched off on both sides; the GAN
draws its codes on both. Weights come from the task's `init`; leaves that begin at zero get noise, so that nothing hides behind
them. Blocks of steps alternate in one run; the ratio is that of the medians, its spread the quartiles over the rounds.

Times mean little on a machine that does other work: PyTorch's threads wait by spinning. There, --threads=1 pins both to one core
and the ratio of CPU times counts.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from peers_convolution import (
    mirror_rows,
    torch_cnn,
    torch_discriminator,
    torch_flatten,
    torch_generator,
    torch_layer,
    torch_norm,
)
from peers_sequence import torch_char_lstm, torch_vit

CONVOLUTIONAL, OTHER = 2.0, 1.1  # the ratios aimed at
PLAIN = dict(schedule="constant", warmup=0)


class Peer(NamedTuple):
    """`outputs(batch)` in evaluation, named as `predict` names them; `losses(batch, codes)` trains a step: one a player."""

    modules: Mapping[str, Any]
    outputs: Callable[[Mapping, Any], dict]
    losses: Callable[[Mapping, Any], dict]


class Ours:
    """The engine's step of an experiment, fed from data on the device, and the same data for a peer."""

    def __init__(self, name: str, changes: Mapping):
        import jax

        from dlcv.engine import catalogue
        from dlcv.engine.execution import Execution

        source = f"experiments/{name}.py:default"
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


def images(batch):
    """Bytes [B, Y, X, C], mirrored beforehand, to channels-last [B, C, Y, X] in [-1, 1]."""
    return (batch["image"].float() / 127.5 - 1).permute(0, 3, 1, 2)


def labels(batch):
    return batch["label"].long()


def classifier(ours: Ours) -> Peer:
    import torch
    from torch.nn.functional import cross_entropy

    from dlcv.models import cnn, vit

    kind, size = ours.config.task_kw.model, ours.config.task_kw.size
    shape = ours.task.batch_spec["image"].shape
    params = ours.params["model"]
    net = torch_cnn(cnn.SIZES[size], params, shape) if kind == "cnn" else torch_vit(vit.SIZES[size], params)

    def logits(batch):
        pictures = images(batch)
        return net(pictures if kind == "cnn" else pictures.permute(0, 2, 3, 1).flip(1, 2))

    return Peer(
        {"model": torch.nn.ModuleDict({"net": net})},
        lambda batch, codes: {"logits": logits(batch)},
        lambda batch, codes: {"model": cross_entropy(logits(batch), labels(batch))},
    )


def language_model(ours: Ours) -> Peer:
    import torch
    from torch.nn.functional import cross_entropy

    from dlcv.models import lstm

    vocabulary = len(ours.data.info["vocabulary"])
    net = torch_char_lstm(lstm.SIZES[ours.config.task_kw.size], vocabulary, ours.params["model"])
    one_hot, carry = torch.nn.functional.one_hot, None

    def nats(batch, before):
        tokens = batch["tokens"].long()
        hidden, after = net.lstm(one_hot(tokens[:, :-1], vocabulary).float(), before)
        rows = cross_entropy(net.head(hidden).transpose(1, 2), tokens[:, 1:], reduction="none")
        return rows, tuple(state.detach() for state in after)

    def losses(batch, codes):
        nonlocal carry
        rows, carry = nats(batch, carry)
        return {"model": rows.mean()}

    return Peer({"model": net}, lambda batch, codes: {"nats": nats(batch, None)[0]}, losses)


def adaptation(ours: Ours) -> Peer:
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

    params = ours.params
    parts = {"encoder": torch_encoder(params["encoder"], ours.task.batch_spec["source"]["image"].shape[1])}
    side = 0 if "Dense_0" in params["encoder"] else parts["encoder"].side
    for name in ("classifier", "domain"):
        if name in params:
            parts[name] = torch_mlp(params[name], side)
    net, rows = nn.ModuleDict(parts), ours.config.batch_size
    is_target = (torch.arange(2 * rows) >= rows).float()

    def losses(batch, codes):
        source = net["encoder"](images(batch["source"]))
        value = cross_entropy(net["classifier"](source), labels(batch["source"]))
        if "domain" in parts:  # as in ours, the domains are normalised apart
            target = net["encoder"](images(batch["target"]))
            weight = 2 / (1 + np.exp(-10 * (ours_step() / ours.config.steps))) - 1
            logits = net["domain"](reverse(torch.cat([source, target]), weight))[:, 0]
            value = value + binary_cross_entropy_with_logits(logits, is_target)
        return {"model": value}

    steps = 0

    def ours_step():
        nonlocal steps
        steps += 1
        return steps - 1

    class Reverse(torch.autograd.Function):
        @staticmethod
        def forward(context, x, weight):
            context.weight = weight
            return x.view_as(x)

        @staticmethod
        def backward(context, gradient):
            return -context.weight * gradient, None

    reverse = Reverse.apply
    return Peer(
        {"model": net}, lambda batch, codes: {"logits": net["classifier"](net["encoder"](images(batch)))}, losses
    )


def torch_encoder(params, side: int):
    """`dlcv.models.digits.DigitEncoder`; its attribute `side` is that of the last map."""
    from torch import nn

    layers, count = [], sum(name.startswith("Conv_") for name in params)
    for index in range(count):
        layers += [torch_layer(params[f"Conv_{index}"], 2), torch_norm(params[f"BatchNorm_{index}"]), nn.ReLU(True)]
        side = -(-side // 2)
    layers.append(torch_flatten())
    if "Dense_0" in params:
        layers += [
            torch_layer(mirror_rows(params["Dense_0"], side)),
            torch_norm(params[f"BatchNorm_{count}"], flat=True),
        ]
        layers.append(nn.ReLU(True))
    encoder = nn.Sequential(*layers)
    encoder.side = side
    return encoder


def torch_mlp(params, side: int):
    """`dlcv.models.digits.Mlp` on features, or on a mirrored map [side, side, C] (side 0: on features)."""
    from torch import nn

    names = sorted(params, key=lambda name: int(name.split("_")[1]))
    layers = []
    for index, name in enumerate(names):
        layers.append(torch_layer(mirror_rows(params[name], side) if side and not index else params[name]))
        layers += [nn.ReLU(True)] if name != names[-1] else []
    return nn.Sequential(*layers)


def gan(ours: Ours) -> Peer:
    import torch

    softplus = torch.nn.functional.softplus
    size, width = ours.task.batch_spec["image"].shape[1], ours.config.task_kw.width
    maker = torch_generator(ours.params["generator"], size, width)
    judge = torch_discriminator(ours.params["discriminator"], size, width)

    def draw(codes, player):
        return torch.randn(ours.config.batch_size, 100) if codes is None else torch.tensor(codes[player])

    def discriminator(batch, codes):
        with torch.no_grad():
            fakes = maker(draw(codes, "discriminator"))
        return softplus(-judge(images(batch))).mean() + softplus(judge(fakes)).mean()

    def generator(batch, codes):
        judge.requires_grad_(False)
        value = softplus(-judge(maker(draw(codes, "generator")))).mean()
        judge.requires_grad_(True)
        return value

    def outputs(batch, codes):
        fakes = maker(draw(codes, "outputs"))
        samples = (fakes.permute(0, 2, 3, 1).flip(1, 2) + 1) / 2
        return {"samples": samples.clamp(0, 1), "real": judge(images(batch)), "fake": judge(fakes)}

    players = {"discriminator": discriminator, "generator": generator}
    return Peer({"discriminator": judge, "generator": maker}, outputs, players)


# name -> (what is switched off, the peer, the goal)
SYSTEMS = {
    "vision/cnn": (dict(optimizer=PLAIN, task_kw=dict(augmentation=(), model_kw=dict(dropout=0.0))), classifier, CONVOLUTIONAL),
    "generative/dcgan": (dict(task_kw=dict(judge="")), gan, CONVOLUTIONAL),
    "adaptation/source_only": (dict(optimizer=PLAIN, task_kw=dict(augmentation=())), adaptation, CONVOLUTIONAL),
    "adaptation/dann": (dict(optimizer=PLAIN, task_kw=dict(augmentation=())), adaptation, CONVOLUTIONAL),
    "recurrence/char_lm": (dict(optimizer=PLAIN, task_kw=dict(dropout=0.0, reset=0.0)), language_model, OTHER),
    "vision/vit": (dict(optimizer=PLAIN, task_kw=dict(augmentation=(), model_kw=dict(dropout=0.0))), classifier, OTHER),
}  # fmt: skip


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
    """Medians in ms over alternating blocks of `seconds` each, ratio of the medians, its quartiles over the rounds, CPU ratio."""
    import jax

    def ours_block(steps):
        for _ in range(steps):
            metrics = ours.advance()
        jax.block_until_ready(metrics)

    def theirs_block(steps):
        for _ in range(steps):
            theirs.advance()

    def timed(block, steps):
        block(1)  # wakes the threads of this side
        wall, cpu = time.perf_counter(), time.process_time()
        block(steps)
        return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps

    steps = {}
    for block in (ours_block, theirs_block):
        block(3)
        once = min(timed(block, 2)[0] for _ in range(3))
        steps[block] = max(2, min(150, int(seconds / once)))
    blocks = [[timed(block, steps[block]) for block in (ours_block, theirs_block)] for _ in range(rounds)]
    wall, cpu = ([[pair[side][kind] for pair in blocks] for side in (0, 1)] for kind in (0, 1))
    mine, other = (1e3 * statistics.median(side) for side in wall)
    quartiles = statistics.quantiles([a / b for a, b in zip(*wall, strict=True)], n=4)
    return {
        "ours_ms": mine, "torch_ms": other, "ratio": mine / other, "quartiles": [quartiles[0], quartiles[2]],
        "cpu_ratio": statistics.median(cpu[0]) / statistics.median(cpu[1]),
    }  # fmt: skip


def compare(name: str, rounds: int, seconds: float) -> dict[str, Any]:
    """One system's row: differences first, then times."""
    changes, build, goal = SYSTEMS[name]
    ours = Ours(name, changes)
    theirs = Theirs(ours, build)
    differences = check(ours, theirs)
    return {"system": name, "batch": ours.config.batch_size, "goal": goal, **differences, **measure(ours, theirs, rounds, seconds)}  # fmt: skip


def conditions(threads: int) -> dict[str, Any]:
    """What a reader needs to judge the times."""
    import jax
    import torch

    return {
        "threads": threads, "cores": os.cpu_count(), "load": os.getloadavg()[0], "jax": jax.__version__, "torch": torch.__version__,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="names, separated by commas")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a block of steps")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    from dlcv import door

    torch.set_num_threads(options.threads)
    import jax

    jax.config.update("jax_num_cpu_devices", options.threads)  # each system uses as many of them as its config says
    door.keep_memory()  # as every run does; PyTorch gains by it too
    rows = []
    print(
        f"{'system':24}{'ours ms':>9}{'torch ms':>10}{'ratio':>7}  {'quartiles':13}{'CPU ratio':>10}{'goal':>6}  difference"
    )
    for name in options.systems.split(","):
        row = compare(name, options.rounds, options.seconds)
        rows.append(row)
        low, high = row["quartiles"]
        print(
            f"{name:24}{row['ours_ms']:9.2f}{row['torch_ms']:10.2f}{row['ratio']:7.2f}  {low:.2f} to {high:.2f} {row['cpu_ratio']:10.2f}"
            f"{row['goal']:6.1f}  {row['outputs']:.0e}",
            flush=True,
        )
    if options.output:
        options.output.write_text(json.dumps({**conditions(options.threads), "systems": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
