"""DCGAN: sizes, initial weights, ranges, and that one code moves one image."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.dcgan import Discriminator, Generator


@pytest.mark.parametrize("size, channels", [(28, 1), (32, 3), (64, 3)])
def test_generator_and_discriminator_meet_at_every_size(size, channels):
    generator, discriminator, codes = Generator(channels, size, 8), Discriminator(8), jnp.ones((2, 5))

    def run():
        images, _ = generator.init_with_output(jax.random.key(0), codes, train=False)
        return images, discriminator.init_with_output(jax.random.key(0), images, train=False)[0]

    images, (logits, aux) = jax.eval_shape(run)
    assert (images.shape, logits.shape, aux["features"].shape[0]) == ((2, size, size, channels), (2,), 2)


def test_an_odd_size_is_named():
    with pytest.raises(Misuse, match="29x29"):
        jax.eval_shape(lambda: Generator(1, 29).init(jax.random.key(0), jnp.ones((1, 5)), train=False))


def test_weights_begin_as_in_the_paper_and_images_in_range():
    generator, codes = Generator(1, 28, 16), jax.random.normal(jax.random.key(0), (4, 50))
    images, variables = jax.jit(lambda: generator.init_with_output(jax.random.key(1), codes, train=False))()
    assert float(jnp.abs(images).max()) <= 1
    for layer in ("project", "up_1"):
        kernel = variables["params"][layer]["kernel"]
        assert abs(float(kernel.std()) - 0.02) < 0.001
        assert "bias" not in variables["params"][layer]
    scales = variables["params"]["norm_0"]["norm"]["scale"]
    assert float(jnp.abs(scales - 1).max()) < 0.1
    assert float(scales.std()) > 0.005


def test_one_code_moves_one_image_outside_of_training():
    generator, codes = Generator(1, 28, 4), jax.random.normal(jax.random.key(0), (3, 10))
    variables = jax.jit(lambda: generator.init(jax.random.key(1), codes, train=False))()
    images = jax.jit(lambda codes: generator.apply(variables, codes, train=False))
    difference = np.abs(images(codes) - images(codes.at[1].set(0))).max((1, 2, 3))
    assert (difference > 0).tolist() == [False, True, False]
