"""What a block is made of, one by one: layer norm and the MLPs against their formulas and torch, dropout in expectation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.models.transformer import Block, Mlp, Style

WIDTH = 10
X = 3 * jax.random.normal(jax.random.key(0), (2, 4, WIDTH)) + 1


def random_params(model, *inputs, **options):
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), *inputs, **options))["params"]
    generator = np.random.default_rng(0)
    return jax.tree.map(lambda p: jnp.asarray(generator.normal(size=p.shape), jnp.float32), shapes)


@pytest.mark.peers
def test_a_blocks_layer_norm_is_the_formula_and_torchs():
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, over each place's own components."""
    import torch

    block = Block(WIDTH, Style(2, 8, epsilon=1e-3))
    params = random_params(block, X)
    _, kept = block.apply({"params": params}, X, capture_intermediates=True, mutable=["intermediates"])
    (out,) = kept["intermediates"]["norm_1"]["__call__"]
    scale, shift = (np.asarray(params["norm_1"][name], np.float64) for name in ("scale", "bias"))
    x = np.asarray(X, np.float64)
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    np.testing.assert_allclose(out, (x - mean) / np.sqrt(variance + 1e-3) * scale + shift, atol=1e-5)
    theirs = torch.nn.functional.layer_norm(torch.tensor(x), (WIDTH,), torch.tensor(scale), torch.tensor(shift), 1e-3)
    np.testing.assert_allclose(out, theirs.numpy(), atol=1e-5)


@pytest.mark.peers
@pytest.mark.parametrize(("activation", "theirs"), [("gelu", "gelu"), ("relu", "relu"), ("silu", "silu")])
@pytest.mark.parametrize("gated", [False, True])
def test_an_mlp_is_its_formula_gated_and_plain(activation, theirs, gated):
    """down(act(up(x))), and with a gate down(act(up(x)) * gate(x)): Shazeer, "GLU Variants Improve Transformer", 2020."""
    import torch

    model = Mlp(7, activation=activation, gated=gated)
    params = random_params(model, X, train=False)
    assert ("gate" in params) == gated
    dense = {name: [torch.tensor(np.array(one[key])) for key in ("kernel", "bias")] for name, one in params.items()}
    x = torch.tensor(np.array(X))
    hidden = getattr(torch.nn.functional, theirs)(x @ dense["up"][0] + dense["up"][1])
    if gated:
        hidden = hidden * (x @ dense["gate"][0] + dense["gate"][1])
    expected = hidden @ dense["down"][0] + dense["down"][1]
    out = model.apply({"params": params}, X, train=False)
    np.testing.assert_allclose(out, expected.numpy(), rtol=1e-4, atol=1e-4)


def test_dropout_scaled_up_in_training_is_what_dropout_scaled_down_at_inference_expects():
    """A layer that drops at 0.25 in training: its mean over draws is its output at inference, where nothing is scaled; the older form
    drops without scaling, and its mean is that output times 0.75, by which weights were multiplied at inference."""
    model, rate = Mlp(6, dropout=0.25), 0.25
    params = random_params(model, X, train=False)
    params["down"]["bias"] = jnp.zeros_like(params["down"]["bias"])
    exact = model.apply({"params": params}, X, train=False)
    drawn = jax.jit(jax.vmap(lambda key: model.apply({"params": params}, X, train=True, rngs={"dropout": key})))(
        jax.random.split(jax.random.key(1), 4000)
    )
    error = drawn.std(0) / 4000**0.5
    assert (jnp.abs(drawn.mean(0) - exact) < 5 * error).all()
    older = (1 - rate) * drawn  # the same draws, kept units not scaled up: the layer after them is linear
    assert (jnp.abs(older.mean(0) - (1 - rate) * exact) < 5 * error).all() and (error > 0).all()
