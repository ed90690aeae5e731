"""Pairs of networks by name: shapes, spectral norm, norms that look at each image alone, and an energy that is an error."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.adversaries import ARCHITECTURES, Form, adversaries
from dlcv.models.layers import Conv, SpectralNorm
from dlcv.models.net import Net

IMAGE, POINT, KEY = (28, 28, 1), (2,), jax.random.key(0)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_generator_and_discriminator_meet(name):
    pair = adversaries(name, Form(POINT if name == "mlp" else IMAGE, 4))

    def run():
        made, _ = pair.generator.init_with_output(KEY, jnp.ones((3, 5)), train=False)
        return made, pair.discriminator.init_with_output(KEY, made, train=False)[0]

    made, (scores, aux) = jax.eval_shape(run)
    assert made.shape[1:] == (POINT if name == "mlp" else IMAGE) and scores.shape == (3,)
    assert aux["features"].shape[0] == 3 and aux["features"].ndim == 2


@pytest.mark.parametrize(
    ("name", "form", "message"),
    [
        ("dcgn", Form(IMAGE, 4), "did you mean 'dcgan'"),
        ("mlp", Form(IMAGE, 4), "architecture='dcgan'"),
        ("dcgan", Form(POINT, 4), "architecture='mlp'"),
        ("dcgan", Form(IMAGE, 4, "bach"), "did you mean 'batch'"),
    ],
)
def test_what_does_not_fit_is_named(name, form, message):
    with pytest.raises(Misuse, match=message):
        adversaries(name, form)


def test_a_spectrally_normalised_kernel_has_largest_singular_value_one():
    norm, kernel = SpectralNorm(), jax.random.normal(KEY, (4, 4, 3, 8)) * 0.3
    variables = norm.init(KEY, kernel, train=False)
    update = jax.jit(lambda variables: norm.apply(variables, kernel, train=True, mutable=["batch_stats"]))
    for _ in range(60):
        found, variables = update(variables)
    assert abs(np.linalg.svd(np.asarray(found).reshape(-1, 8), compute_uv=False)[0] - 1) < 1e-2
    np.testing.assert_allclose(norm.apply(variables, kernel, train=False), found, rtol=1e-3)


def test_spectral_norm_leaves_a_kernels_size_without_effect_and_a_gradient_across_it():
    """Equation 9 of the paper: scaling W scales the gradient's rest away, so that the gradient is orthogonal to W."""
    norm, kernel = SpectralNorm(), jax.random.normal(KEY, (6, 4))
    stats = {"u": jnp.linalg.svd(kernel)[2][0]}
    use = lambda w: norm.apply({"batch_stats": stats}, w, train=False)  # noqa: E731
    np.testing.assert_allclose(use(3 * kernel), use(kernel), rtol=1e-4)
    weights = jax.random.normal(jax.random.key(1), (6, 4))
    gradient = jax.grad(lambda w: (use(w) * weights).sum())(kernel)
    assert abs(float((gradient * kernel).sum())) < 1e-4 < float(jnp.abs(gradient).max())


def test_spectral_norm_moves_in_training_alone_and_is_kept_beside_running_statistics():
    net, x = Net(Conv(4, 3, spectral=True)), jax.random.normal(KEY, (2, 5, 5, 3))
    params, stats = net.init(KEY, x, train=False)
    assert set(params) == {"kernel"} and set(stats) == {"spectral"}
    _, same = net(params, stats, x, train=False)
    _, moved = net(params, stats, x, train=True)
    assert (same["spectral"]["u"] == stats["spectral"]["u"]).all()
    assert not (moved["spectral"]["u"] == stats["spectral"]["u"]).all()


@pytest.mark.parametrize(("norm", "alone"), [("batch", False), ("layer", True), ("instance", True), ("none", True)])
def test_only_batch_norm_mixes_the_images_of_a_batch_in_training(norm, alone):
    net = Net(adversaries("dcgan", Form((16, 16, 1), 4, norm)).discriminator)
    x = jax.random.normal(KEY, (3, 16, 16, 1))
    params, stats = net.init(KEY, x, train=False)
    score = jax.jit(lambda x: net(params, stats, x, train=True)[0][0])
    change = np.abs(np.asarray(score(x)) - np.asarray(score(x.at[1].multiply(2)))) > 1e-7
    assert change[1] and (change[[0, 2]] == (not alone)).all()


def test_the_energy_is_the_mean_squared_error_of_the_reconstruction():
    net = Net(adversaries("autoencoder", Form((16, 16, 1), 4)).discriminator)
    x = jnp.tanh(jax.random.normal(KEY, (3, 16, 16, 1)))
    params, stats = net.init(KEY, x, train=False)
    energies, aux = jax.jit(partial(net, train=False))(params, stats, x)[0]
    wanted = ((np.asarray(aux["reconstruction"]) - np.asarray(x)) ** 2).reshape(3, -1).mean(1)
    np.testing.assert_allclose(energies, wanted, rtol=1e-5)
