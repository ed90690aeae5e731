"""The convolutional models as PyTorch modules."""

from against_torch.layers import mirror_rows, torch_flatten, torch_layer, torch_norm


def torch_cnn(size, params, shape):
    """`dlcv.models.cnn.Cnn` without residual stages, with the weights of `params`."""
    from torch import nn

    layers, side = [], shape[1]
    for index, stage in enumerate(size.stages):
        layers += [torch_layer(params[f"conv_{index}"], stage.stride), torch_norm(params[f"conv_{index}_norm"])]
        layers += [nn.ReLU(inplace=True)] + [nn.MaxPool2d(2)] * stage.pool
        side = -(-side // stage.stride) // (2 if stage.pool else 1)
    if size.pooled:
        layers, side = [*layers, nn.AdaptiveMaxPool2d(1)], 1
    layers.append(torch_flatten())
    first = "dense" if size.hidden else "head"
    layers.append(torch_layer(mirror_rows(params[first], side)))
    if size.hidden:
        layers += [torch_norm(params["norm"], flat=True), nn.ReLU(inplace=True), torch_layer(params["head"])]
    return nn.Sequential(*layers)


def torch_generator(params, size, width):
    from torch import nn

    from dlcv.models.dcgan import first_side

    side, doublings = first_side(size)
    codes = len(params["project"]["kernel"])
    width *= 2 ** (doublings - 1)
    kernel = params["project"]["kernel"].reshape(codes, side, side, width)[:, ::-1, ::-1]
    project = torch_layer({"kernel": kernel.reshape(codes, -1)})
    layers = [torch_norm(params["norm_0"]), nn.ReLU(inplace=True)]
    for index in range(1, doublings):
        layers += [torch_layer(params[f"up_{index}"], 2, transposed=True)]
        layers += [torch_norm(params[f"norm_{index}"]), nn.ReLU(inplace=True)]
    layers += [torch_layer(params["image"], 2, transposed=True), nn.Tanh()]

    class Generator(nn.Module):
        def __init__(self):
            super().__init__()
            self.project, self.layers = project, nn.Sequential(*layers)

        def forward(self, codes):
            maps = self.project(codes).view(-1, side, side, width).permute(0, 3, 1, 2)
            return self.layers(maps)

    return Generator()


def torch_discriminator(params, size, width):
    from torch import nn

    from dlcv.models.dcgan import first_side

    side, halvings = first_side(size)
    layers = [torch_layer(params["down_0"], 2), nn.LeakyReLU(0.2, inplace=True)]
    for index in range(1, halvings):
        layers += [torch_layer(params[f"down_{index}"], 2), torch_norm(params[f"norm_{index}"])]
        layers += [nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, torch_flatten(), torch_layer(mirror_rows(params["head"], side)), nn.Flatten(0))


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
