"""The ViT and the LSTM language model as PyTorch modules."""

import numpy as np


def torch_block(width, heads, hidden, epsilon=1e-6, causal=False):
    """A pre-norm Transformer block in its best form: one product for query, key and value, scaled_dot_product_attention."""
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm_1, self.norm_2 = nn.LayerNorm(width, eps=epsilon), nn.LayerNorm(width, eps=epsilon)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

        def forward(self, x):
            batch, length, _ = x.shape
            q, k, v = self.qkv(self.norm_1(x)).view(batch, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
            out = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
            x = x + self.out(out.transpose(1, 2).reshape(batch, length, width))
            return x + self.down(nn.functional.gelu(self.up(self.norm_2(x))))

    return Block()


def copy(module, *layers):
    """Our layers' weights into one of PyTorch's, kernels side by side."""
    import torch

    kernels = [layer.get("kernel", layer.get("scale")) for layer in layers]
    inputs = module.weight.shape[-1]
    columns = [kernel.reshape(inputs, -1).T if module.weight.ndim == 2 else kernel for kernel in kernels]
    module.weight.data = torch.tensor(np.concatenate(columns))
    module.bias.data = torch.tensor(np.concatenate([layer["bias"].ravel() for layer in layers]))


def copy_block(block, ours):
    """Our block's weights into a `torch_block`."""
    attention, mlp = ours["attention"], ours["mlp"]
    copy(block.qkv, attention["query"], attention["key"], attention["value"])
    for module, layer in [
        (block.out, attention["out"]), (block.up, mlp["up"]), (block.down, mlp["down"]),
        (block.norm_1, ours["norm_1"]), (block.norm_2, ours["norm_2"]),
    ]:  # fmt: skip
        copy(module, layer)


def torch_vit(size, params):
    """The same architecture as a plain PyTorch module, with the weights of `params`."""
    import torch
    from torch import nn

    patch, width, depth, heads, hidden = size

    class Vit(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Linear(params["embed"]["kernel"].shape[0], width)
            self.token = nn.Parameter(torch.tensor(params["class_token"]))
            self.positions = nn.Parameter(torch.tensor(params["positions"]))
            self.blocks = nn.ModuleList(torch_block(width, heads, hidden) for _ in range(depth))
            self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 10)

        def forward(self, images):
            batch, height, columns, channels = images.shape
            x = images.view(batch, height // patch, patch, columns // patch, patch, channels).transpose(2, 3)
            x = self.embed(x.reshape(batch, -1, patch * patch * channels))
            x = torch.cat([self.token.expand(batch, -1, -1), x], dim=1) + self.positions
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)[:, 0])

    peer = Vit()
    copy(peer.embed, params["embed"])
    copy(peer.head, params["head"])
    copy(peer.norm, params["encoder"]["norm"])
    for index, block in enumerate(peer.blocks):
        copy_block(block, params["encoder"][f"block_{index}"])
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
        layer = params["recurrent"][f"layer_{index}"]
        for name, kernel in (("weight_ih", layer["input_kernel"]), ("weight_hh", layer["recurrent_kernel"])):
            getattr(peer.lstm, f"{name}_l{index}").data = torch.tensor(kernel.reshape(len(kernel), -1).T.copy())
        getattr(peer.lstm, f"bias_ih_l{index}").data = torch.tensor(layer["bias"].ravel())
        getattr(peer.lstm, f"bias_hh_l{index}").data.zero_()
        getattr(peer.lstm, f"bias_hh_l{index}").requires_grad_(False)
    peer.head.weight.data = torch.tensor(params["head"]["kernel"].T.copy())
    peer.head.bias.data = torch.tensor(params["head"]["bias"])
    return peer
