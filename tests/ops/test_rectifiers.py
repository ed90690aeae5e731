"""Backward rules of deconvolution and of guided backpropagation, by hand and as hooks of PyTorch apply them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.convolution import convolution
from dlcv.ops.rectifiers import deconvolution_relu, guided_relu

RULES = {
    "deconvolution": (deconvolution_relu, lambda x, gradient: np.maximum(gradient, 0)),
    "guided": (guided_relu, lambda x, gradient: np.maximum(gradient, 0) * (x > 0)),
}
rng = np.random.default_rng(0)


@pytest.mark.parametrize("rule", RULES)
def test_two_layers_carry_back_what_the_rule_says(rule):
    relu, backward = RULES[rule]
    first, second, x = rng.normal(size=(5, 8)), rng.normal(size=(8, 3)), rng.normal(size=(4, 5))
    with jax.enable_x64(True):
        out, back = jax.vjp(lambda x: relu(relu(x @ first) @ second), jnp.asarray(x))
        top = rng.normal(size=(4, 3))
        (got,) = back(jnp.asarray(top))
    hidden = x @ first
    last = np.maximum(hidden, 0) @ second
    np.testing.assert_allclose(out, np.maximum(last, 0))
    expected = backward(hidden, backward(last, top) @ second.T) @ first.T
    np.testing.assert_allclose(got, expected, atol=1e-12)
    plain = ((top * (last > 0)) @ second.T * (hidden > 0)) @ first.T
    assert np.abs(plain - expected).max() > 0.1  # neither is the derivative


@pytest.mark.peers
@pytest.mark.parametrize("rule", RULES)
def test_a_convolutional_net_is_that_of_torch_with_hooks(rule):
    import torch

    relu = RULES[rule][0]
    x = rng.normal(size=(2, 8, 9, 3)).astype(np.float32)
    kernels = [rng.normal(size=shape).astype(np.float32) / 4 for shape in ((3, 3, 3, 4), (3, 3, 4, 5))]

    def net(x):
        for kernel in kernels:
            x = relu(convolution(x, jnp.asarray(kernel), padding=1))
        return x

    layers = []
    for kernel in kernels:
        layer = torch.nn.Conv2d(kernel.shape[2], kernel.shape[3], 3, padding=1, bias=False)
        layer.weight.data = torch.tensor(kernel.transpose(3, 2, 0, 1))
        layers += [layer, torch.nn.ReLU()]

    def hook(module, gradient_in, gradient_out):
        of = gradient_in if rule == "guided" else gradient_out  # gradient_in is already zero where the unit is off
        return (of[0].clamp(min=0),)

    for layer in layers[1::2]:
        layer.register_full_backward_hook(hook)
    image = torch.tensor(x.transpose(0, 3, 1, 2), requires_grad=True)
    out = torch.nn.Sequential(*layers)(image)
    top = rng.normal(size=(2, 8, 9, 5)).astype(np.float32)
    out.backward(torch.tensor(top.transpose(0, 3, 1, 2)))
    got, back = jax.vjp(net, jnp.asarray(x))
    np.testing.assert_allclose(got, out.detach().permute(0, 2, 3, 1), atol=1e-5)
    np.testing.assert_allclose(back(jnp.asarray(top))[0], image.grad.permute(0, 2, 3, 1), atol=1e-4)
