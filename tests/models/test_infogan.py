"""InfoGAN's networks: what is normalised by itself, how wide, and how the posterior hangs on the discriminator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.models.infogan import Discriminator, Generator, Posterior

KEY = jax.random.key(0)


def shapes(module, *inputs):
    variables = jax.eval_shape(lambda: module.init(KEY, *inputs, train=False))
    return jax.tree.map(lambda leaf: leaf.shape, variables)


def test_the_networks_of_the_papers_appendix():
    """Appendix C.1: 74 codes, 1024, 7 x 7 x 128, 64 maps; and 64 maps, 128 maps, 1024, 128 to the codes."""
    drawing, seeing = shapes(Generator(1, 28), jnp.ones((2, 74))), shapes(Discriminator(), jnp.ones((2, 28, 28, 1)))
    assert drawing["params"]["between"]["dense"]["kernel"] == (74, 1024)
    assert drawing["params"]["first_map"]["dense"]["kernel"] == (1024, 7 * 7 * 128)
    assert drawing["params"]["up_1"]["kernel"] == (4, 4, 128, 64)
    assert seeing["params"]["between"]["dense"]["kernel"] == (7 * 7 * 128, 1024)
    reading = shapes(Posterior(128, 12), jnp.ones((2, 1024)))["params"]
    assert reading["between"]["dense"]["kernel"] == (1024, 128) and reading["codes"]["kernel"] == (128, 12)


def test_the_first_map_is_normalised_number_by_number():
    stats = shapes(Generator(1, 28, 8), jnp.ones((2, 5)))["batch_stats"]
    assert stats["first_map"]["norm"]["norm"]["mean"] == (7 * 7 * 16,) and stats["norm_1"]["norm"]["mean"] == (8,)


@pytest.mark.parametrize(("norm", "scaled_away"), [("batch", True), ("none", False)])
def test_batch_norm_keeps_the_posterior_from_growing_with_the_features(norm, scaled_away):
    """Features ten times as large tell no more of the codes under it, so the discriminator's trunk gains nothing by them."""
    posterior, features = Posterior(8, 3, norm), jax.random.normal(KEY, (16, 6))
    variables = posterior.init(KEY, features, train=False)
    variables = {**variables, "params": jax.tree.map(lambda w: 30 * w, variables["params"])}
    told = [
        np.asarray(posterior.apply(variables, scale * features, train=True, mutable=["batch_stats"])[0])
        for scale in (1.0, 10.0)
    ]
    assert np.allclose(*told, rtol=1e-3, atol=1e-2) == scaled_away
