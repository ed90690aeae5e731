"""Activations by name: they are what the network computes, naming them changes nothing, gradients reach them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.activations import activations, shapes, tapped, with_gradient
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.models.vit import vit
from dlcv.ops.rectifiers import guided_relu

IMAGES = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (3, 28, 28, 1)), jnp.float32)


@pytest.fixture(scope="module")
def trained():
    net = Net(cnn("digits", 10))
    return net, *jax.jit(lambda: net.init(jax.random.key(0), IMAGES, train=False))()


def test_named_activations_lead_to_the_logits(trained):
    net, params, stats = trained
    found = jax.jit(lambda images: activations(net, params, stats, images))(IMAGES)
    (logits, aux), _ = net(params, stats, IMAGES)
    np.testing.assert_allclose(found["logits"], logits, atol=1e-6)
    np.testing.assert_allclose(found["features"], aux["features"], atol=1e-6)
    np.testing.assert_array_equal(found["hidden"], found["features"])
    np.testing.assert_allclose(found["hidden"] @ params["head"]["kernel"] + params["head"]["bias"], logits, atol=1e-5)
    np.testing.assert_array_equal(found["stage_0"], np.maximum(found["conv_0_norm"], 0))
    flat = found["stage_1"].reshape(3, -1) @ params["dense"]["kernel"]
    np.testing.assert_allclose(found["dense"], flat, atol=1e-4)
    assert {name: leaf.shape for name, leaf in found.items()} == shapes(net, params, stats, IMAGES)


def test_the_layers_of_any_classifier_have_names():
    def named(model, images):
        net = Net(model)
        params, stats = jax.eval_shape(lambda: net.init(jax.random.key(0), images, train=False))
        return shapes(net, params, stats, images), tapped(net, params, stats, images)

    every, own = named(cnn("resnet9", 10), jnp.zeros((2, 32, 32, 3)))
    assert own == {f"stage_{i}": every[f"stage_{i}"] for i in range(4)} and every["stage_3"] == (2, 4, 4, 512)
    every, own = named(vit("digits-tiny", 10), jnp.zeros((2, 28, 28, 1)))
    assert not own and every["encoder/block_3/mlp"] == (2, 17, 64) and every["features"] == (2, 64)


def test_gradients_of_a_score_reach_a_named_activation(trained):
    net, params, stats = trained
    activation, gradient = with_gradient(net, params, stats, IMAGES, "hidden", lambda logits: logits[:, 3])
    np.testing.assert_allclose(gradient, np.broadcast_to(params["head"]["kernel"][:, 3], (3, 64)), atol=1e-6)
    found = activations(net, params, stats, IMAGES)
    np.testing.assert_allclose(activation, found["hidden"], atol=1e-6)

    activation, gradient = with_gradient(net, params, stats, IMAGES, "stage_1", lambda logits: logits[:, 3])
    kernel, norm = params["dense"]["kernel"], params["norm"]["norm"]
    scale = norm["scale"] / np.sqrt(stats["norm"]["norm"]["var"] + 1e-5)
    by_hand = (found["hidden"] > 0) * params["head"]["kernel"][:, 3] * scale @ kernel.T
    np.testing.assert_allclose(gradient.reshape(3, -1), by_hand, atol=1e-5)
    with pytest.raises(Misuse, match=r"unknown named activation 'stage_2': did you mean 'stage_[01]'"):
        with_gradient(net, params, stats, IMAGES, "stage_2", lambda logits: logits[:, 3])


def test_another_rectifier_has_the_same_weights_and_outputs(trained):
    net, params, stats = trained
    other = Net(cnn("digits", 10, rectify=guided_relu))
    np.testing.assert_array_equal(other(params, stats, IMAGES)[0][0], net(params, stats, IMAGES)[0][0])
