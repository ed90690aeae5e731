"""The decoder-only language model as a PyTorch module."""

from against_torch.sequence import copy, copy_block, torch_block
from against_torch.steps import Ours, Peer


def torch_gpt(size, params):
    """The same architecture with the weights of `params`: learned places, scores by the tokens' own vectors."""
    import torch
    from torch import nn

    depth, width, heads = size

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Parameter(torch.tensor(params["embedding"]["tokens"]))
            self.places = nn.Parameter(torch.tensor(params["embedding"]["positions"]))
            blocks = (torch_block(width, heads, 4 * width, 1e-5, causal=True) for _ in range(depth))
            self.blocks, self.norm = nn.ModuleList(blocks), nn.LayerNorm(width, eps=1e-5)

        def forward(self, tokens):
            x = nn.functional.embedding(tokens, self.tokens) + self.places[: tokens.shape[1]]
            for block in self.blocks:
                x = block(x)
            return self.norm(x) @ self.tokens.T

    peer = Gpt()
    copy(peer.norm, params["stack"]["norm"])
    for index, block in enumerate(peer.blocks):
        copy_block(block, params["stack"][f"block_{index}"])
    return peer


def language_model(ours: Ours, wrap=lambda net: net) -> Peer:
    from torch.nn.functional import cross_entropy

    from dlcv.models.gpt import SIZES

    net = torch_gpt(SIZES[ours.config.task_kw.size], ours.params["model"])
    call = wrap(net)

    def nats(batch):
        tokens = batch["tokens"].long()
        return cross_entropy(call(tokens[:, :-1]).transpose(1, 2), tokens[:, 1:], reduction="none")

    return Peer(
        {"model": net}, lambda batch, codes: {"nats": nats(batch)}, lambda batch, codes: {"model": nats(batch).mean()}
    )


def compiled(ours: Ours) -> Peer:
    """The same under torch.compile."""
    import torch

    return language_model(ours, torch.compile)
