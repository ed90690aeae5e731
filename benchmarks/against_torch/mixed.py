"""A GPT's train step in bfloat16 on random tokens: the engine's own, and PyTorch's under autocast with flash attention; and its FLOPs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from against_torch.gpt import torch_gpt
from against_torch.steps import torch_optimizer

PAPER, BATCHES = "experiments/attention/gpt.py:paper", 4


def flops(size, vocabulary: int, length: int) -> int:
    """Of a token, forward and backward: six a weight of every product, and those of attention over the whole length, hidden or not.

    Chowdhery et al., "PaLM: Scaling Language Modeling with Pathways", 2022, appendix B.
    """
    depth, width, _ = size
    weights = depth * 12 * width**2 + width * vocabulary
    return 3 * (2 * weights + depth * 2 * (2 * length * width))


class Pair(NamedTuple):
    """A train step of ours and of theirs by its number, which give the loss, ours as [1], and the FLOPs of one."""

    ours: Callable[[int], Any]
    theirs: Callable[[int], Any]
    flops: int


def pair(batch: int, device: str, wrap: Callable, **changes: Any) -> Pair:
    """The model of `attention/gpt.py:paper` with changes of its config, on the same weights, batches and constants of AdamW."""
    import jax
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    from dlcv.data.source import Examples
    from dlcv.engine import catalogue
    from dlcv.engine.execution import Execution
    from dlcv.models.gpt import SIZES

    experiment = catalogue.experiment(PAPER, None, batch_size=batch, accumulate=1, **changes)
    config = experiment.config
    with config.unlocked():
        config.task_kw.activation = "gelu"  # torch_block's
        config.optimizer.update(schedule="constant", warmup=0)
        config.optimizer.schedule_options = {}
    size, length, vocabulary = SIZES[config.task_kw.size], config.data.of.length, config.data.of.size
    tokens = np.random.default_rng(0).integers(0, vocabulary, (BATCHES * batch, length + 1)).astype(np.int32)
    execution = Execution(experiment.task, config, Examples({"tokens": tokens}, "random"), experiment.mesh)
    (state,) = execution.initial()
    net = torch_gpt(size, jax.device_get(state.variables.params["model"])).to(device)
    execution.load([state])
    feeds, call, optimizer = (
        [execution.feed(step) for step in range(BATCHES)],
        wrap(net),
        torch_optimizer(config.optimizer, net),
    )
    rows = [torch.tensor(tokens[feed[0][0]], device=device).long() for feed in feeds]

    def ours(step: int):
        return execution.advance(feeds[step % BATCHES], [True])[0]["model/loss"]

    def theirs(step: int):
        given = rows[step % BATCHES]
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            logits = call(given[:, :-1])
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), given[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), config.optimizer.clip_norm)
        optimizer.step()
        return loss.detach()

    return Pair(ours, theirs, batch * length * flops(size, vocabulary, length))
