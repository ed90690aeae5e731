"""Classifiers and digit encoders: sizes, batch norm and dropout by mode, and training steps as PyTorch takes them."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.cnn import SIZES, cnn, standardised
from dlcv.models.digits import DigitEncoder, Mlp, PooledDigitEncoder
from dlcv.models.layers import BatchNorm

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("size", SIZES)
def test_every_size_gives_logits_and_features(size):
    model = cnn(size, 10, dropout=0.1, dtype=jnp.bfloat16)
    images = jnp.ones((2, 32, 32, 3), jnp.bfloat16)
    variables = jax.eval_shape(lambda: model.init(jax.random.key(0), images, train=False))
    rngs = {"dropout": jax.random.key(0)}
    (logits, aux), changed = jax.eval_shape(
        lambda variables: model.apply(variables, images, train=True, mutable=["batch_stats"], rngs=rngs), variables
    )
    assert (logits.shape, logits.dtype) == ((2, 10), jnp.float32)
    assert aux["features"].shape == (2, variables["params"]["head"]["kernel"].shape[0])
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype(jnp.float32)}
    assert jax.tree.structure(changed["batch_stats"]) == jax.tree.structure(variables["batch_stats"])


def test_no_bias_feeds_a_batch_norm():
    model = cnn("resnet9", 10)
    params = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.ones((1, 32, 32, 3)), train=False))["params"]
    assert [name for name, layer in params.items() if "kernel" in layer and "bias" in layer] == ["head"]


def test_an_unknown_size_is_named():
    with pytest.raises(Misuse, match="digits"):
        cnn("digit", 10)


def test_an_input_is_standardised_by_image_and_channel():
    rng = np.random.default_rng(0)
    images = rng.normal(0.3, 0.5, (3, 6, 5, 2)).astype(np.float32)
    wanted = (images - images.mean((1, 2), keepdims=True)) / images.std((1, 2), keepdims=True)
    np.testing.assert_allclose(standardised(jnp.asarray(images)), wanted, rtol=2e-3, atol=1e-5)
    assert (standardised(jnp.full((1, 4, 4, 1), 0.7)) == 0).all()


def test_evaluation_takes_each_image_by_itself_and_training_does_not():
    model = cnn("digits", 10, dropout=0.5)
    images = jax.random.normal(jax.random.key(0), (8, 28, 28, 1))
    variables = jax.jit(lambda: model.init(jax.random.key(1), images, train=False))()

    @jax.jit
    def evaluate(images):
        return model.apply(variables, images, train=False)[0]

    @jax.jit
    def train(images, key):
        rngs = {"dropout": key}
        return model.apply(variables, images, train=True, mutable=["batch_stats"], rngs=rngs)[0][0]

    np.testing.assert_allclose(evaluate(images)[:4], evaluate(jnp.flip(images, 0))[:-5:-1], atol=1e-5)
    changed = images.at[7].set(0)
    assert (evaluate(changed)[:7] == evaluate(images)[:7]).all()
    keys = jax.random.split(jax.random.key(2))
    assert (train(images, keys[0]) == train(images, keys[0])).all()
    assert (train(images, keys[0]) != train(images, keys[1])).any()
    assert (train(changed, keys[0])[:7] != train(images, keys[0])[:7]).any()


@pytest.mark.peers
def test_batch_norm_is_that_of_torch_but_for_the_running_variance():
    """Ours keeps the variance that it divides by; torch's running variance is n / (n - 1) times as large."""
    import torch

    x = np.random.default_rng(0).normal(2, 3, (4, 5, 6, 3)).astype(np.float32)
    model, peer = BatchNorm(), torch.nn.BatchNorm2d(3)
    variables = model.init(jax.random.key(0), x, train=False)
    got, changed = model.apply(variables, x, train=True, mutable=["batch_stats"])
    images = torch.tensor(x).permute(0, 3, 1, 2)
    np.testing.assert_allclose(got, peer(images).permute(0, 2, 3, 1).detach(), atol=1e-5)
    stats, n = changed["batch_stats"]["norm"], x.size / 3
    np.testing.assert_allclose(stats["mean"], peer.running_mean, atol=1e-6)
    np.testing.assert_allclose((stats["var"] - 0.9) * n / (n - 1), peer.running_var - 0.9, atol=1e-5)
    peer.running_var = torch.tensor(np.array(stats["var"]))
    got = model.apply({**variables, **changed}, x, train=False)
    np.testing.assert_allclose(got, peer.eval()(images).permute(0, 2, 3, 1).detach(), atol=1e-5)


@pytest.mark.parametrize("encoder, features", [(DigitEncoder(), 7 * 7 * 48), (PooledDigitEncoder((4, 8)), 7 * 7 * 8)])
def test_digit_encoders_and_heads(encoder, features):
    head, images = Mlp((10,), 1, dropout=0.5), jnp.ones((2, 28, 28, 3))

    def run():
        encoded, _ = encoder.init_with_output(jax.random.key(0), images, train=False)
        return encoded, head.init_with_output(jax.random.key(0), encoded, train=False)[0]

    encoded, logits = jax.eval_shape(run)
    assert (encoded.shape, logits.shape) == ((2, features), (2, 1))
