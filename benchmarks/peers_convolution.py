"""One train step of the CNN, of DCGAN and of DANN against the same models in eager PyTorch, alternating in one run.

    python benchmarks/peers_convolution.py [--threads=2] [--rounds=15] [--only=NAME]

Weights are copied and losses compared over several steps before anything is timed. A step is forward, backward and Adam for every
player. PyTorch runs in its best form: channels last, fused Adam, the discriminator's parameters frozen in the generator's
update. Prints the ratio of medians JAX / PyTorch, as `peers_sequence.py` does.

Where kernel minus stride is odd and the image even, the padding is one-sided: PyTorch puts the odd zero before, dlcv after. The
peers therefore see the mirror image: images, kernels and flattened maps turned in rows and columns.
"""

import argparse
import os

import numpy as np
from peers_sequence import Pair, compare

RATE, EPSILON = 1e-3, 1e-8
CODES, CLASSES = 100, 10


def build_cnn(size: str = "digits", batch: int = 64) -> Pair:
    """The classifier of that size without dropout, on random images of 28 or (for CIFAR-10's) 32 pixels."""
    import jax
    import optax
    import torch

    from dlcv.models.cnn import cnn

    model = cnn(size, CLASSES)
    images = random_images(batch, *((28, 1) if size == "digits" else (32, 3)))
    labels = np.arange(batch) % CLASSES
    variables = initialise(model, 0, images)
    peer = torch_cnn(model.size, to_numpy(variables["params"]), images.shape)
    optimizer = optax.adam(RATE, eps=EPSILON)

    def step(state, images, labels):
        params, stats, moments = state

        def loss(params):
            (logits, _), changed = apply(model, params, stats, images)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), changed

        (value, stats), gradients = jax.value_and_grad(loss, has_aux=True)(params)
        params, moments = update(optimizer, gradients, moments, params)
        return (params, stats, moments), value

    state = (variables["params"], variables["batch_stats"], optimizer.init(variables["params"]))
    peer_images, peer_labels = to_torch(images), torch.tensor(labels)
    peer_optimizer = torch_adam(peer, RATE)

    def torch_step():
        peer_optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(peer(peer_images), peer_labels)
        value.backward()
        peer_optimizer.step()
        return value.item()

    return pair(step, state, (images, labels), torch_step)


def build_dcgan(batch: int = 64, size: int = 28, width: int = 64) -> Pair:
    """Discriminator, then generator; the non-saturating loss; real and fake images are normalised apart; the sum of the losses."""
    import jax
    import optax
    import torch

    from dlcv.models.dcgan import Discriminator, Generator

    rate = RATE / 5
    generator, discriminator = Generator(1, size, width), Discriminator(width)
    images = random_images(batch, size, 1)
    codes = np.random.default_rng(1).normal(size=(2, batch, CODES)).astype(np.float32)
    made = initialise(generator, 0, codes[0])
    judged = initialise(discriminator, 1, images)
    optimizer = optax.adam(rate, b1=0.5, eps=EPSILON)

    def step(state, images, codes):
        (made, made_stats, made_moments), (judged, judged_stats, judged_moments) = state

        def discriminator_loss(judged):
            fakes, _ = apply(generator, made, made_stats, codes[0])
            (real, _), stats = apply(discriminator, judged, judged_stats, images)
            (fake, _), stats = apply(discriminator, judged, stats, fakes)
            return (jax.nn.softplus(-real) + jax.nn.softplus(fake)).mean(), stats

        (value, judged_stats), gradients = jax.value_and_grad(discriminator_loss, has_aux=True)(judged)
        judged, judged_moments = update(optimizer, gradients, judged_moments, judged)

        def generator_loss(made):
            fakes, stats = apply(generator, made, made_stats, codes[1])
            (fake, _), _ = apply(discriminator, judged, judged_stats, fakes)
            return jax.nn.softplus(-fake).mean(), stats

        (second, made_stats), gradients = jax.value_and_grad(generator_loss, has_aux=True)(made)
        made, made_moments = update(optimizer, gradients, made_moments, made)
        return ((made, made_stats, made_moments), (judged, judged_stats, judged_moments)), value + second

    state = tuple((v["params"], v["batch_stats"], optimizer.init(v["params"])) for v in (made, judged))
    maker = torch_generator(to_numpy(made["params"]), size, width)
    judge = torch_discriminator(to_numpy(judged["params"]), size, width)
    maker_optimizer, judge_optimizer = (torch_adam(peer, rate, 0.5) for peer in (maker, judge))
    peer_images, peer_codes, softplus = to_torch(images), torch.tensor(codes), torch.nn.functional.softplus

    def torch_step():
        judge_optimizer.zero_grad()
        with torch.no_grad():
            fakes = maker(peer_codes[0])
        value = (softplus(-judge(peer_images)) + softplus(judge(fakes))).mean()
        value.backward()
        judge_optimizer.step()
        maker_optimizer.zero_grad()
        judge.requires_grad_(False)
        second = softplus(-judge(maker(peer_codes[1]))).mean()
        second.backward()
        judge.requires_grad_(True)
        maker_optimizer.step()
        return (value + second).item()

    return pair(step, state, (images, codes), torch_step)


def build_dann(batch: int = 64) -> Pair:
    """Encoder, label head and, behind a gradient reversal of weight 1, domain head; `batch` images of each domain, normalised apart."""
    import jax
    import jax.numpy as jnp
    import optax
    import torch

    from dlcv.models.digits import DigitEncoder, Mlp
    from dlcv.ops.gradients import reverse_gradient

    encoder, classifier, critic = DigitEncoder(), Mlp((100,), CLASSES), Mlp((100,), 1)
    images = random_images(2 * batch, 28, 3)
    labels, is_target = np.arange(batch) % CLASSES, (np.arange(2 * batch) >= batch).astype(np.float32)
    encoded = initialise(encoder, 0, images)
    features = np.zeros((1, 7 * 7 * encoder.widths[-1]), np.float32)
    params = {
        "encoder": encoded["params"],
        "classifier": initialise(classifier, 1, features)["params"],
        "domain": initialise(critic, 2, features)["params"],
    }
    optimizer = optax.adam(RATE, eps=EPSILON)

    def step(state, images, labels, is_target):
        params, stats, moments = state

        def loss(params):
            source, changed = apply(encoder, params["encoder"], stats, images[:batch])
            target, changed = apply(encoder, params["encoder"], changed, images[batch:])
            features = jnp.concatenate([source, target])
            logits = classifier.apply({"params": params["classifier"]}, source, train=True)
            domain = critic.apply({"params": params["domain"]}, reverse_gradient(features, 1.0), train=True)[:, 0]
            value = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
            return value + optax.sigmoid_binary_cross_entropy(domain, is_target).mean(), changed

        (value, stats), gradients = jax.value_and_grad(loss, has_aux=True)(params)
        params, moments = update(optimizer, gradients, moments, params)
        return (params, stats, moments), value

    peer = torch_dann(to_numpy(params), images.shape, encoder.widths)
    peer_images, peer_labels, peer_targets = to_torch(images), torch.tensor(labels), torch.tensor(is_target)
    peer_optimizer = torch_adam(peer, RATE)

    def torch_step():
        peer_optimizer.zero_grad()
        source, target = (peer["encoder"](half) for half in peer_images.split(batch))
        domain = peer["domain"](reverse(torch.cat([source, target])))[:, 0]
        logits = peer["classifier"](source)
        value = torch.nn.functional.cross_entropy(logits, peer_labels)
        value = value + torch.nn.functional.binary_cross_entropy_with_logits(domain, peer_targets)
        value.backward()
        peer_optimizer.step()
        return value.item()

    class Reverse(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return x.view_as(x)

        @staticmethod
        def backward(context, gradient):
            return -gradient

    reverse = Reverse.apply
    state = (params, encoded["batch_stats"], optimizer.init(params))
    return pair(step, state, (images, labels, is_target), torch_step)


def initialise(model, seed, inputs):
    import jax

    return jax.jit(lambda inputs: model.init(jax.random.key(seed), inputs, train=False))(inputs)


def apply(model, params, stats, inputs):
    """(output, new batch statistics) in training."""
    variables = {"params": params, "batch_stats": stats}
    output, changed = model.apply(variables, inputs, train=True, mutable=["batch_stats"])
    return output, changed["batch_stats"]


def update(optimizer, gradients, moments, params):
    import optax

    updates, moments = optimizer.update(gradients, moments, params)
    return optax.apply_updates(params, updates), moments


def pair(step, state, inputs, torch_step) -> Pair:
    """Both steps; the check compares the losses of four of them, so outputs, gradients and updates."""
    import jax

    compiled = jax.jit(step, donate_argnums=0)
    inputs = jax.device_put(inputs)

    def jax_step() -> float:
        nonlocal state
        state, value = compiled(state, *inputs)
        jax.block_until_ready(state)
        return float(value)

    def check() -> None:
        losses = [(jax_step(), torch_step()) for _ in range(4)]
        np.testing.assert_allclose(*losses[0], rtol=1e-5)
        np.testing.assert_allclose(*zip(*losses, strict=True), rtol=1e-3)

    return Pair(jax_step, torch_step, check)


def random_images(batch, size, channels):
    return np.random.default_rng(0).uniform(-1, 1, (batch, size, size, channels)).astype(np.float32)


def to_numpy(tree):
    import jax

    return jax.tree.map(np.array, tree)


def to_torch(images):
    """[B, Y, X, C] to a mirrored [B, C, Y, X] that is stored channels last."""
    import torch

    mirrored = torch.tensor(images[:, ::-1, ::-1].copy())
    return mirrored.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def torch_adam(peer, rate, first=0.9):
    import torch

    return torch.optim.Adam(peer.parameters(), lr=rate, betas=(first, 0.999), eps=EPSILON, fused=True)


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
    width *= 2 ** (doublings - 1)
    kernel = params["project"]["kernel"].reshape(CODES, side, side, width)[:, ::-1, ::-1]
    project = torch_layer({"kernel": kernel.reshape(CODES, -1)})
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


def torch_dann(params, shape, widths):
    """The three parts as a dictionary of modules."""
    from torch import nn

    layers, side = [], shape[1]
    for index in range(len(widths)):
        layers += [torch_layer(params["encoder"][f"Conv_{index}"], 2)]
        layers += [torch_norm(params["encoder"][f"BatchNorm_{index}"]), nn.ReLU(inplace=True)]
        side = -(-side // 2)
    parts = {"encoder": nn.Sequential(*layers, torch_flatten())}
    for name in ("classifier", "domain"):
        first, last = mirror_rows(params[name]["Dense_0"], side), params[name]["Dense_1"]
        parts[name] = nn.Sequential(torch_layer(first), nn.ReLU(inplace=True), torch_layer(last))
    return nn.ModuleDict(parts)


BUILDERS = {
    "cnn digits": build_cnn,
    "cnn cifar-small": lambda: build_cnn("cifar-small", 128),
    "dcgan width 16": lambda: build_dcgan(width=16),
    "dcgan width 64": build_dcgan,
    "dann": build_dann,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="the rows whose name contains this")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    torch.set_num_threads(options.threads)
    for name, build in BUILDERS.items():
        if options.only in name:
            row = compare(build(), options.rounds)
            print(f"{name:18}", "  ".join(f"{key} {value:8.2f}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
