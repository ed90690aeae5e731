"""Layers of ours as PyTorch's, weights copied.

Maps are mirrored in rows and columns: where a stride leaves an odd zero, PyTorch pads before and XLA behind.
"""


def torch_norm(params, flat=False):
    """Batch norm of maps, or (`flat`) of dense layers, with the weights of ours."""
    import torch
    from torch import nn

    layer = (nn.BatchNorm1d if flat else nn.BatchNorm2d)(len(params["norm"]["scale"]))
    layer.weight.data, layer.bias.data = torch.tensor(params["norm"]["scale"]), torch.tensor(params["norm"]["bias"])
    return layer


def torch_layer(params, stride=1, transposed=False):
    """A convolution or dense layer, by the kernel's shape, with the weights of ours."""
    import torch
    from torch import nn

    kernel, bias = params["kernel"], params.get("bias")
    if kernel.ndim == 2:
        layer, weight = nn.Linear(*kernel.shape, bias=bias is not None), kernel.T
    else:
        size, _, inputs, outputs = kernel.shape
        kind, order = (nn.ConvTranspose2d, (2, 3, 0, 1)) if transposed else (nn.Conv2d, (3, 2, 0, 1))
        padding = (size - stride + 1) // 2
        layer = kind(inputs, outputs, size, stride, padding, bias=bias is not None)
        weight = kernel[::-1, ::-1].transpose(order)
    layer.weight.data = torch.tensor(weight.copy())
    if bias is not None:
        layer.bias.data = torch.tensor(bias)
    return layer.to(memory_format=torch.channels_last)


def mirror_rows(params, side):
    """A dense layer whose inputs are a flattened map [side, side, C], for the mirrored map."""
    kernel = params["kernel"].reshape(side, side, -1, params["kernel"].shape[1])
    return {**params, "kernel": kernel[::-1, ::-1].reshape(params["kernel"].shape)}


def torch_flatten():
    """[B, C, Y, X] to [B, Y X C], which costs nothing when it is stored channels last."""
    from torch import nn

    class Flatten(nn.Module):
        def forward(self, x):
            return x.permute(0, 2, 3, 1).flatten(1)

    return Flatten()
