"""The decoders of digit codes against torch on copied weights, their sizes, and the layers that a label head shows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.digits import Code, DigitDecoder, DigitEncoder, MapDecoder, Mlp, PooledDigitEncoder
from dlcv.models.net import Net

rng = np.random.default_rng(0)
CODES = jnp.asarray(rng.normal(size=(3, 20)), jnp.float32)


def variables_of(model, inputs):
    """Every parameter random: zeros would hide a mistake."""
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), inputs, train=False))
    return jax.tree.map(lambda leaf: jnp.asarray(rng.uniform(-0.3, 0.5, leaf.shape), jnp.float32), shapes)


def torch_transposed(torch, params):
    """A 4x4 transposed convolution of stride 2: padded by 1 it doubles."""
    kernel = torch.tensor(np.array(params["kernel"]))  # [Y, X, I, O]
    return lambda x: torch.nn.functional.conv_transpose2d(
        x, kernel.permute(2, 3, 0, 1), torch.tensor(np.array(params["bias"])), stride=2, padding=1
    )


@pytest.mark.peers
def test_the_decoder_is_that_of_torch():
    torch = pytest.importorskip("torch")
    model = DigitDecoder(8, channels=3, width=4)
    variables = variables_of(model, CODES)
    p = variables["params"]
    dense, maps = p["Dense_0"], p["MapDecoder_0"]
    x = torch.tensor(np.array(CODES)) @ torch.tensor(np.array(dense["kernel"])) + torch.tensor(np.array(dense["bias"]))
    x = x.relu().reshape(3, 2, 2, 8).permute(0, 3, 1, 2)
    x = torch_transposed(torch, maps["ConvTranspose_0"])(x).relu()
    x = torch_transposed(torch, maps["ConvTranspose_1"])(x).permute(0, 2, 3, 1)
    np.testing.assert_allclose(model.apply(variables, CODES, train=False), x.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("encoder", [DigitEncoder((4, 6)), PooledDigitEncoder((4, 6)), DigitEncoder((4, 5, 6))])
@pytest.mark.parametrize("size", [16, 32])
def test_an_encoders_map_is_decoded_to_the_size_it_came_from(encoder, size):
    image = jnp.zeros((2, size, size, 3))

    def run():
        codes = encoder.init_with_output(jax.random.key(0), image, train=False)[0]
        decoder = MapDecoder(size, width=4, doublings=len(encoder.widths))
        return decoder.init_with_output(jax.random.key(0), codes, train=False)[0]

    assert jax.eval_shape(run).shape == image.shape


def test_a_pixel_of_a_code_moves_pixels_near_it_alone():
    model, codes = MapDecoder(16, width=4), jnp.asarray(rng.normal(size=(1, 4 * 4 * 5)), jnp.float32)
    variables = variables_of(model, codes)
    other = codes.reshape(4, 4, 5).at[0, 0].add(1.0).reshape(1, -1)
    moved = np.abs(model.apply(variables, other, train=False) - model.apply(variables, codes, train=False)).max((0, 3))
    assert moved[:5, :5].max() > 1e-3 and moved[8:].max() == moved[:, 8:].max() == 0


def test_a_size_that_is_not_doubled_to_is_named():
    with pytest.raises(Misuse, match="30x30"):
        jax.eval_shape(lambda: DigitDecoder(30).init(jax.random.key(0), CODES, train=False))


def test_codes_are_as_wide_as_asked_and_not_negative():
    images = jnp.asarray(rng.normal(size=(2, 16, 16, 3)), jnp.float32)
    codes, _ = Code(DigitEncoder((4, 6)), 7).init_with_output(jax.random.key(0), images, train=False)
    assert codes.shape == (2, 7) and float(codes.min()) >= 0


def test_a_head_shows_its_layers_and_the_last_is_its_output():
    net = Net(Mlp((6, 5), 4))
    params, stats = net.init(jax.random.key(0), CODES, train=False)
    layers, _ = net(params, stats, CODES, method="layers")
    assert {name: x.shape[1] for name, x in layers.items()} == {"hidden_1": 6, "hidden_2": 5, "logits": 4}
    np.testing.assert_array_equal(layers["logits"], net(params, stats, CODES)[0])
    by_hand = np.maximum(CODES @ params["Dense_0"]["kernel"] + params["Dense_0"]["bias"], 0)
    np.testing.assert_allclose(layers["hidden_1"], by_hand, rtol=1e-5, atol=1e-6)
