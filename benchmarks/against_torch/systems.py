"""A peer of each system: its modules, outputs and losses."""

import numpy as np

from against_torch.convolution import torch_cnn, torch_discriminator, torch_encoder, torch_generator, torch_mlp
from against_torch.sequence import torch_char_lstm, torch_vit
from against_torch.steps import Ours, Peer

CONVOLUTIONAL, OTHER = 2.0, 1.1  # the ratios aimed at
PLAIN = dict(schedule="constant", warmup=0)


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

    from dlcv.models import recurrent_language_model

    vocabulary = len(ours.data.info["vocabulary"])
    net = torch_char_lstm(recurrent_language_model.SIZES[ours.config.task_kw.size], vocabulary, ours.params["model"])
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
    "recurrence/char_lm": (dict(optimizer=PLAIN, task_kw=dict(dropout=0.0, reset=0.0)), language_model, 1.0),
    "vision/vit": (dict(optimizer=PLAIN, task_kw=dict(augmentation=(), model_kw=dict(dropout=0.0))), classifier, OTHER),
}  # fmt: skip
