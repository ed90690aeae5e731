"""One train step of the ViT and of the char LSTM against the same models in eager PyTorch, alternating in one run.

    python benchmarks/peers_sequence.py [--threads=2] [--rounds=15]

Weights are copied and outputs and losses compared before anything is timed. A step is forward, backward, clipping by
global norm and AdamW; PyTorch runs its fused AdamW and one matrix product for query, key and value. Prints the ratio
of medians JAX / PyTorch, of wall time and of CPU time; with --threads=1 both processes are pinned to one core, and the
CPU time is meaningful on a machine that does other work too.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

LEARNING_RATE, WEIGHT_DECAY, CLIP, EPSILON = 1e-3, 0.05, 1.0, 1e-8


class Pair(NamedTuple):
    """`jax_step` and `torch_step` train a step on a fixed batch and return the loss; `check` raises if they differ."""

    jax_step: Callable[[], float]
    torch_step: Callable[[], float]
    check: Callable[[], None]


def build_vit(batch: int = 64) -> Pair:
    """The ViT of 'digits-tiny' on random 28x28 images."""
    import jax
    import torch

    from dlcv.models.vit import vit

    model = vit("digits-tiny", 10)
    images = np.random.default_rng(0).normal(size=(batch, 28, 28, 1)).astype(np.float32)
    labels = np.arange(batch) % 10
    params = jax.jit(lambda: model.init(jax.random.key(0), images, train=False))()["params"]
    params["head"]["kernel"] = jax.random.normal(jax.random.key(1), params["head"]["kernel"].shape) * 0.1
    peer = torch_vit(model.size, jax.tree.map(np.array, params))

    def logits(params, images):
        return model.apply({"params": params}, images, train=True)[0]

    return _pair(logits, params, images, labels, peer, lambda: peer(torch.tensor(images)))


def build_char_lstm(batch: int = 32, steps: int = 64, vocabulary: int = 65) -> Pair:
    """The 2 x 128 LSTM of 'char-rnn', one-hot inputs, zero carry."""
    import jax
    import torch

    from dlcv.models.lstm import char_lstm

    model = char_lstm("char-rnn", vocabulary)
    text = np.random.default_rng(0).integers(0, vocabulary, (batch, steps + 1))
    tokens, targets = text[:, :-1], text[:, 1:]
    carry = model.initial_carry(batch)
    params = jax.jit(lambda: model.init(jax.random.key(0), tokens, carry, train=False))()["params"]
    peer = torch_char_lstm(model.size, vocabulary, jax.tree.map(np.array, params))

    def logits(params, tokens):
        return model.apply({"params": params}, tokens, carry, train=True)[0]

    return _pair(logits, params, tokens, targets, peer, lambda: peer(torch.tensor(tokens)))


def _pair(logits, params, inputs, labels, peer, peer_logits) -> Pair:
    import jax
    import optax
    import torch

    optimizer = optax.chain(
        optax.clip_by_global_norm(CLIP), optax.adamw(LEARNING_RATE, eps=EPSILON, weight_decay=WEIGHT_DECAY)
    )

    def loss(params, inputs, labels):
        return optax.softmax_cross_entropy_with_integer_labels(logits(params, inputs), labels).mean()

    def step(state, inputs, labels):
        params, moments = state
        value, gradients = jax.value_and_grad(loss)(params, inputs, labels)
        updates, moments = optimizer.update(gradients, moments, params)
        return (optax.apply_updates(params, updates), moments), value

    first = jax.device_get(jax.jit(logits)(params, inputs))
    compiled = jax.jit(step, donate_argnums=0)
    state = (params, optimizer.init(params))
    inputs, labels = jax.device_put((inputs, labels))
    peer_optimizer = torch.optim.AdamW(
        peer.parameters(), lr=LEARNING_RATE, eps=EPSILON, weight_decay=WEIGHT_DECAY, fused=True
    )
    peer_labels = torch.tensor(np.array(labels)).long().flatten()

    def jax_step() -> float:
        nonlocal state
        state, value = compiled(state, inputs, labels)
        return float(value)

    def torch_step() -> float:
        peer_optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(peer_logits().flatten(0, -2), peer_labels)
        value.backward()
        torch.nn.utils.clip_grad_norm_(peer.parameters(), CLIP)
        peer_optimizer.step()
        return value.item()

    def check() -> None:
        with torch.no_grad():
            np.testing.assert_allclose(peer_logits().numpy(), first, atol=1e-4)
        losses = [(jax_step(), torch_step()) for _ in range(5)]
        np.testing.assert_allclose(*zip(*losses, strict=True), rtol=1e-3)

    return Pair(jax_step, torch_step, check)


def torch_vit(size, params):
    """The same architecture as a plain PyTorch module, with the weights of `params`."""
    import torch
    from torch import nn

    patch, width, depth, heads, hidden = size

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm_1, self.norm_2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

        def forward(self, x):
            batch, length, _ = x.shape
            q, k, v = self.qkv(self.norm_1(x)).view(batch, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
            out = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
            x = x + self.out(out)
            return x + self.down(nn.functional.gelu(self.up(self.norm_2(x))))

    class Vit(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Linear(params["embed"]["kernel"].shape[0], width)
            self.token = nn.Parameter(torch.tensor(params["class_token"]))
            self.positions = nn.Parameter(torch.tensor(params["positions"]))
            self.blocks = nn.ModuleList(Block() for _ in range(depth))
            self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 10)

        def forward(self, images):
            batch, height, columns, channels = images.shape
            x = images.view(batch, height // patch, patch, columns // patch, patch, channels).transpose(2, 3)
            x = self.embed(x.reshape(batch, -1, patch * patch * channels))
            x = torch.cat([self.token.expand(batch, -1, -1), x], dim=1) + self.positions
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)[:, 0])

    def copy(module, *layers):
        kernels = [layer.get("kernel", layer.get("scale")) for layer in layers]
        inputs = module.weight.shape[-1]
        columns = [kernel.reshape(inputs, -1).T if module.weight.ndim == 2 else kernel for kernel in kernels]
        module.weight.data = torch.tensor(np.concatenate(columns))
        module.bias.data = torch.tensor(np.concatenate([layer["bias"].ravel() for layer in layers]))

    peer = Vit()
    copy(peer.embed, params["embed"])
    copy(peer.head, params["head"])
    copy(peer.norm, params["encoder"]["norm"])
    for index, block in enumerate(peer.blocks):
        ours = params["encoder"][f"block_{index}"]
        attention, mlp = ours["attention"], ours["mlp"]
        copy(block.qkv, attention["query"], attention["key"], attention["value"])
        for module, layer in [
            (block.out, attention["out"]), (block.up, mlp["up"]), (block.down, mlp["down"]),
            (block.norm_1, ours["norm_1"]), (block.norm_2, ours["norm_2"]),
        ]:  # fmt: skip
            copy(module, layer)
    return peer


def torch_char_lstm(size, vocabulary, params):
    """`torch.nn.LSTM` on one-hot tokens with a dense head; the second of its two biases is zero and frozen."""
    import torch
    from torch import nn

    class Peer(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(vocabulary, size.width, num_layers=size.layers, batch_first=True)
            self.head = nn.Linear(size.width, vocabulary)

        def forward(self, tokens):
            return self.head(self.lstm(nn.functional.one_hot(tokens, vocabulary).float())[0])

    peer = Peer()
    for index in range(size.layers):
        layer = params[f"layer_{index}"]
        for name, kernel in (("weight_ih", layer["input_kernel"]), ("weight_hh", layer["recurrent_kernel"])):
            getattr(peer.lstm, f"{name}_l{index}").data = torch.tensor(kernel.reshape(len(kernel), -1).T.copy())
        getattr(peer.lstm, f"bias_ih_l{index}").data = torch.tensor(layer["bias"].ravel())
        getattr(peer.lstm, f"bias_hh_l{index}").data.zero_()
        getattr(peer.lstm, f"bias_hh_l{index}").requires_grad_(False)
    peer.head.weight.data = torch.tensor(params["head"]["kernel"].T.copy())
    peer.head.bias.data = torch.tensor(params["head"]["bias"])
    return peer


def compare(pair: Pair, rounds: int) -> dict[str, float]:
    """Median milliseconds of both steps, alternating, and the ratios JAX / PyTorch of wall and CPU time."""
    pair.check()
    times = {name: ([], []) for name in ("jax", "torch")}
    for _ in range(rounds):
        for name, step in (("jax", pair.jax_step), ("torch", pair.torch_step)):
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            times[name][0].append(time.perf_counter() - wall)
            times[name][1].append(time.process_time() - cpu)
    (ours, ours_cpu), (theirs, theirs_cpu) = (map(statistics.median, times[name]) for name in ("jax", "torch"))
    return {"jax_ms": ours * 1e3, "torch_ms": theirs * 1e3, "ratio": ours / theirs, "cpu_ratio": ours_cpu / theirs_cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    torch.set_num_threads(options.threads)
    for name, build in (("vit digits-tiny", build_vit), ("char lstm 2x128", build_char_lstm)):
        row = compare(build(), options.rounds)
        print(f"{name:18}", "  ".join(f"{key} {value:8.2f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
