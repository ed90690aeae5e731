"""Our parameters of Transformer blocks into torch's modules of the same kind."""

import numpy as np


def torch_attention(ours, theirs) -> None:
    """Of an Attention into a MultiheadAttention."""
    import torch

    width = ours["query"]["kernel"].shape[0]
    kernels = [np.asarray(ours[name]["kernel"]).reshape(width, width).T for name in ("query", "key", "value")]
    biases = [np.asarray(ours[name]["bias"]).reshape(width) for name in ("query", "key", "value")]
    out = np.asarray(ours["out"]["kernel"]).reshape(width, width).T
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(np.concatenate(kernels)))
        theirs.in_proj_bias.copy_(torch.tensor(np.concatenate(biases)))
        theirs.out_proj.weight.copy_(torch.tensor(out))
        theirs.out_proj.bias.copy_(torch.tensor(np.array(ours["out"]["bias"])))


def torch_norm(ours, theirs) -> None:
    """Of a LayerNorm into torch's."""
    import torch

    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(np.array(ours["scale"])))
        theirs.bias.copy_(torch.tensor(np.array(ours["bias"])))


def torch_layer(ours, theirs) -> None:
    """Of a Block into a TransformerEncoderLayer or, where it crosses, a TransformerDecoderLayer."""
    import torch

    torch_attention(ours["attention"], theirs.self_attn)
    norms = {"norm_1": theirs.norm1, "norm_2": theirs.norm2}
    if "memory_attention" in ours:
        torch_attention(ours["memory_attention"], theirs.multihead_attn)
        norms = {"norm_1": theirs.norm1, "norm_memory": theirs.norm2, "norm_2": theirs.norm3}
    for name, norm in norms.items():
        torch_norm(ours[name], norm)
    with torch.no_grad():
        for name, dense in {"up": theirs.linear1, "down": theirs.linear2}.items():
            dense.weight.copy_(torch.tensor(np.array(ours["mlp"][name]["kernel"]).T))
            dense.bias.copy_(torch.tensor(np.array(ours["mlp"][name]["bias"])))
