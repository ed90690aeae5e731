"""The encoders of digit images and their heads against torch on copied weights, by mode; their compute type; dropout."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.models.digits import DigitEncoder, Mlp, PooledDigitEncoder

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
IMAGES = np.random.default_rng(0).normal(size=(4, 16, 16, 3)).astype(np.float32)
ENCODERS = {"strided": DigitEncoder((4, 6)), "pooled": PooledDigitEncoder((4, 6))}


def variables_of(model, inputs):
    """Every parameter random and every variance positive: zeros and ones would hide a mistake."""
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.asarray(inputs), train=False))
    generator = np.random.default_rng(1)
    return jax.tree.map(lambda leaf: jnp.asarray(generator.uniform(0.1, 0.5, leaf.shape), jnp.float32), shapes)


def torch_encoder(name, variables):
    """The same layers with copied weights; its map is mirrored, since torch puts the odd zero of a stride before."""
    from against_torch.layers import torch_flatten, torch_layer, torch_norm
    from torch import nn, tensor

    params, layers = jax.tree.map(np.array, variables["params"]), []
    for index in range(2):
        layers.append(torch_layer(params[f"Conv_{index}"], 2 if name == "strided" else 1))
        if name == "strided":
            norm = torch_norm(params[f"BatchNorm_{index}"])
            stats = variables["batch_stats"][f"BatchNorm_{index}"]["norm"]
            norm.running_mean, norm.running_var = (tensor(np.array(stats[name])) for name in ("mean", "var"))
            layers += [norm, nn.ReLU()]
        else:
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, torch_flatten())


@pytest.mark.peers
@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("train", [False, True])
def test_encoders_are_those_of_torch(name, train, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.syspath_prepend(BENCHMARKS)
    model = ENCODERS[name]
    variables = variables_of(model, IMAGES)
    features, _ = jax.jit(lambda: model.apply(variables, jnp.asarray(IMAGES), train=train, mutable=["batch_stats"]))()
    images = torch.tensor(IMAGES[:, ::-1, ::-1].copy()).permute(0, 3, 1, 2)
    with torch.no_grad():
        theirs = torch_encoder(name, variables).train(train)(images).numpy()
    side = IMAGES.shape[1]
    for _ in range(2):
        side = -(-side // 2) if name == "strided" else side // 2
    theirs = theirs.reshape(len(IMAGES), side, side, -1)[:, ::-1, ::-1]
    np.testing.assert_allclose(features, theirs.reshape(features.shape), atol=2e-5, rtol=1e-5)


@pytest.mark.peers
def test_head_is_that_of_torch(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.syspath_prepend(BENCHMARKS)
    from against_torch.layers import torch_layer

    model, features = Mlp((7, 5), 3), IMAGES.reshape(4, -1)
    variables = variables_of(model, features)
    params = jax.tree.map(np.array, variables["params"])
    x = torch.tensor(features)
    with torch.no_grad():
        for index in range(2):
            x = torch_layer(params[f"Dense_{index}"])(x).relu()
        x = torch_layer(params["Dense_2"])(x)
    np.testing.assert_allclose(model.apply(variables, features, train=False), x.numpy(), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("model", [*ENCODERS.values(), Mlp((5,), 3)], ids=lambda model: type(model).__name__)
def test_bfloat16_computes_over_float32_parameters(model):
    inputs = jnp.asarray(IMAGES.reshape(4, -1) if isinstance(model, Mlp) else IMAGES)
    variables = variables_of(model, inputs)
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype(jnp.float32)}
    half = model.clone(dtype=jnp.bfloat16)
    got = jax.jit(lambda: half.apply(variables, inputs, train=False))()
    assert got.dtype == (jnp.float32 if isinstance(model, Mlp) else jnp.bfloat16)  # logits are float32
    wanted = jax.jit(lambda: model.apply(variables, inputs, train=False))()
    assert float(jnp.abs(got.astype(jnp.float32) - wanted).max() / jnp.abs(wanted).max()) < 0.02


def test_dropout_acts_in_training_only():
    model, features = Mlp((50,), 4, dropout=0.5), IMAGES.reshape(4, -1)
    variables = variables_of(model, features)

    def logits(train, seed):
        return model.apply(variables, features, train=train, rngs={"dropout": jax.random.key(seed)})

    assert (logits(False, 0) == logits(False, 1)).all()
    assert (logits(True, 0) != logits(True, 1)).any()
