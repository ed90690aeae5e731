"""Autoencoders, variational ones and colourisation: what is corrupted, what is carried over, who changes what, what a bound is."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ml_collections import ConfigDict

from dlcv.engine import config as configs
from dlcv.engine import restore
from dlcv.engine.experiment import make_task
from dlcv.engine.step import init_state, train_step
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.ops.images import from_bytes, luma
from dlcv.tasks import autoencoder, latent, vae

rng = np.random.default_rng(0)
KEY = jax.random.key(0)


def make(task: str, channels: int = 1, rows: int = 8, **keywords):
    """A task over 8x8 digits, and one batch of random bytes for it."""
    fields = dict(name="digits", size=8, channels=channels)
    config = configs.experiment(task=task, task_kw=keywords, batch_size=rows, data=fields)
    if keywords.get("adversarial"):
        config.optimizer = ConfigDict({name: configs.optimizer() for name in ("painter", "discriminator")})
    image = rng.integers(0, 256, (rows, 8, 8, channels)).astype(np.uint8)
    return make_task(config), {"image": jnp.asarray(image), "label": jnp.arange(rows) % 10}


def fresh(task) -> Variables:
    return init_state(task, jax.random.key(1)).variables


def loss(task, variables, batch, key=KEY, step: int = 0, player: int = 0) -> float:
    value, _ = task.players[player].loss(variables.params, variables.stats, {}, batch, key, step)
    return float(value.value)


@pytest.mark.parametrize("corruption", [("gaussian", 0.5), ("masking", 0.3)])
def test_the_encoder_sees_corrupted_images_and_the_target_is_clean(corruption):
    task, batch = make("autoencoder", size="dense-tiny", codes=4, corruption=corruption)
    v = fresh(task)
    blind = jax.tree.map(jnp.zeros_like, v.params)  # answers zero whatever it is shown
    images = from_bytes(batch["image"])
    np.testing.assert_allclose(loss(task, v.replace(params=blind), batch), float((images**2).mean()), rtol=1e-5)
    assert loss(task, v, batch) != loss(task, v, batch, jax.random.key(5))
    outputs = task.predict(v, batch, KEY)
    assert (outputs["seen_error"] > 0).all() and np.isfinite(outputs["squared_error"]).all()


def test_without_corruption_the_key_does_not_matter():
    task, batch = make("autoencoder", size="conv-tiny", codes=4)
    v = fresh(task)
    assert loss(task, v, batch) == loss(task, v, batch, jax.random.key(5))


def test_masking_blackens_the_share_that_was_asked_for_and_gaussian_noise_has_its_deviation():
    images = jnp.asarray(rng.uniform(-0.5, 1, (20, 30, 30, 3)), jnp.float32)
    masked = autoencoder.CORRUPTIONS["masking"](images, KEY, 0.3)
    black = np.asarray(masked == -1)
    assert (black.all(-1) == black.any(-1)).all() and abs(black.mean() - 0.3) < 0.02
    np.testing.assert_array_equal(np.where(black, images, masked), images)
    noise = np.asarray(autoencoder.CORRUPTIONS["gaussian"](images, KEY, 0.5) - images)
    assert abs(noise.std() - 0.5) < 0.01 and abs(noise.mean()) < 0.01


def test_gaussian_codes_have_the_mean_and_covariance_of_the_codes():
    codes = rng.normal(size=(500, 3)) @ np.array([[2, 0, 0], [1, 0.5, 0], [0, 0.3, 0.1]]) + [1, -2, 3]
    drawn = np.asarray(autoencoder.gaussian_codes(codes, 200_000, KEY))
    np.testing.assert_allclose(drawn.mean(0), codes.mean(0), atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), atol=0.05)


def test_standard_codes_know_nothing_of_real_ones_but_their_width():
    drawn = np.asarray(autoencoder.standard_codes(np.full((5, 3), 9.0), 200_000, KEY))
    np.testing.assert_allclose(drawn.mean(0), np.zeros(3), atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(3), atol=0.03)


def test_the_decoder_is_judged_and_shown_at_both_kinds_of_codes():
    task, _ = make("autoencoder", size="dense-tiny", codes=4, judge="experiments/vision/cnn.py:default")
    assert set(task.scores) == {"code", "lenet", "lenet_fitted"} and task.frozen == ("judge",)
    pair = SimpleNamespace(
        decode=lambda params, z: z[:, :1, None, None] / 1000
    )  # an image is the first number of its code
    codes = 500 + np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    view = View(Variables({}), {"valid": {"codes": codes}}, {}, KEY)
    arrays = autoencoder.samples_figure(autoencoder.Autoencoder(pair, None), view).arrays
    assert arrays["row_labels"] == ["N(0, I)"] * 4 + ["fitted"] * 4
    np.testing.assert_allclose(arrays["images"].ravel(), np.repeat([0.5, 0.75], 32), atol=0.003)


def test_the_plane_of_codes_has_equal_steps_of_probability_and_grows_to_the_right_and_upwards():
    stats = pytest.importorskip("scipy.stats")
    z = np.asarray(latent.quantile_grid(4)).reshape(4, 4, 2)
    np.testing.assert_allclose(stats.norm.cdf(z[0, :, 0]), [0.125, 0.375, 0.625, 0.875], atol=1e-5)
    assert (np.diff(z[..., 0], axis=1) > 0).all() and (np.diff(z[..., 1], axis=0) < 0).all()


@pytest.mark.parametrize("likelihood", vae.LIKELIHOODS)
def test_the_loss_is_the_bound_of_its_terms_and_beta_warms_up(likelihood):
    task, batch = make("vae", size="dense-tiny", codes=4, likelihood=likelihood, beta=0.5, warmup=4)
    v = fresh(task)
    _, aux = task.players[0].loss(v.params, {}, {}, batch, KEY, 1)
    terms = {name: float(value) for name, value in aux.metrics.items()}
    assert terms["kl"] > 0
    np.testing.assert_allclose(loss(task, v, batch, step=1), terms["reconstruction"] + 0.25 * terms["kl"], rtol=1e-5)
    np.testing.assert_allclose(loss(task, v, batch, step=9), terms["reconstruction"] + 0.5 * terms["kl"], rtol=1e-5)


def test_pixels_are_binarised_anew_with_their_grey_values_probability():
    model = vae.Vae(None, "bernoulli", 1.0)
    image = jnp.broadcast_to(jnp.asarray([0, 51, 255], jnp.uint8)[:, None, None, None], (3, 100, 100, 1))
    one, two = (np.asarray(model.observed(image, jax.random.key(seed))) for seed in (0, 1))
    assert set(np.unique(one)) == {0.0, 1.0} and (one != two).any()
    np.testing.assert_allclose(one.mean((1, 2, 3)), [0, 0.2, 1], atol=0.02)


def conditional(samples: int):
    task, batch = make("vae", rows=6, size="dense-tiny", codes=2, conditional=True, importance_samples=samples)
    return task, batch, fresh(task)


def test_the_evidence_of_each_class_rises_with_draws():
    found = {}
    for samples in (1, 64):
        task, batch, v = conditional(samples)
        found[samples] = np.asarray(task.predict(v, batch, KEY)["evidence"])
        assert found[samples].shape == (6, 10)
    assert found[64].mean() > found[1].mean()


def test_a_linear_models_evidence_is_found():
    """x = W z + b + sigma e has the evidence N(b, W W' + sigma^2 I); the posterior here is the prior, so that many draws are needed."""
    stats = pytest.importorskip("scipy.stats")
    W, b, sigma = rng.normal(size=(2, 4)), rng.normal(size=4), 0.8

    class Linear:
        def encode(self, params, images, labels=None):
            return jnp.zeros((len(images), 4))

        def decode(self, params, codes, labels=None):
            return (codes @ jnp.asarray(W, jnp.float32) + jnp.asarray(b, jnp.float32)).reshape(-1, 2, 2, 1)

    x = rng.normal(size=(3, 4))
    model = vae.Vae(Linear(), "gaussian", sigma)
    found = model.log_evidence({}, jnp.asarray(x, jnp.float32).reshape(3, 2, 2, 1), None, KEY, 20_000)
    wanted = stats.multivariate_normal(b, W.T @ W + sigma**2 * np.eye(4)).logpdf(x)
    np.testing.assert_allclose(found, wanted, atol=0.1)


def test_labels_change_what_is_decoded_and_not_only_their_count():
    task, batch, v = conditional(1)
    other = {**batch, "label": (batch["label"] + 1) % 10}
    assert loss(task, v, batch) != loss(task, v, other)


def test_colourisation_starts_with_the_bits_of_the_autoencoders_decoder():
    source, _ = make("autoencoder", channels=3, size="conv-tiny", codes=8)
    target, _ = make("colourisation", channels=3, size="conv-tiny", codes=8)
    trained, begun = init_state(source, jax.random.key(7)).variables, fresh(target)
    started = restore.transplant(begun, trained, ((r"(decoder/.*)", r"\1"),))
    assert same(started.params["decoder"], trained.params["decoder"])
    assert same(started.params["encoder"], begun.params["encoder"])
    assert not same(begun.params["decoder"], trained.params["decoder"])


def same(one, other) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all((np.asarray(a) == np.asarray(b)).all() for a, b in pairs)


@pytest.mark.all
@pytest.mark.parametrize("name", ["painter", "discriminator"])
def test_each_players_step_leaves_the_others_parameters_bit_identical(name):
    task, batch = make("colourisation", channels=3, size="conv-tiny", codes=8, adversarial=0.01, width=4)
    players = tuple(player for player in task.players if player.name == name)
    owned = players[0].owns
    others = tuple(key for player in task.players if player.name != name for key in player.owns)
    alone = type(task)(**{**vars(task), "players": players, "frozen": others})
    state = init_state(alone, jax.random.key(1))
    after, _ = train_step(state, batch, KEY, task=alone)
    before, after = state.variables.params, after.variables.params
    assert all(same(before[key], after[key]) for key in others)
    assert not any(same(before[key], after[key]) for key in owned)


def test_a_painter_sees_no_colour():
    task, batch = make("colourisation", channels=3, size="conv-tiny", codes=8)
    v = fresh(task)
    grey = {**batch, "image": jnp.repeat(jnp.round((luma(from_bytes(batch["image"])) + 1) * 127.5), 3, -1)}
    answers = [np.asarray(task.predict(v, shown, KEY)["answer"]) for shown in (batch, grey)]
    np.testing.assert_allclose(*answers, atol=0.02)


def test_a_painter_keeps_the_grey_it_is_given():
    task, batch = make("colourisation", channels=3, size="conv-tiny", codes=8)
    told = task.predict(fresh(task), {**batch, "image": batch["image"] // 4 + 96}, KEY)
    np.testing.assert_allclose(luma(told["answer"]), told["grey"], atol=1e-4)  # away from black and white


@pytest.mark.parametrize(
    ("task", "keywords", "said"),
    [
        ("autoencoder", dict(corruption=("masknig", 0.3)), "did you mean 'masking'"),
        ("autoencoder", dict(corruption=("masking",)), "a name and an amount"),
        ("autoencoder", dict(corruption=0.3), "a name and an amount"),
        ("autoencoder", dict(corruption=(0.3, "masking")), "unknown corruption '0.3'"),
        ("autoencoder", dict(corruption=("masking", 2.0)), r"\('masking', 2.0\): expected a finite amount from 0 to 1"),
        ("autoencoder", dict(corruption=("masking", -0.1)), "a finite amount from 0 to 1"),
        ("autoencoder", dict(corruption=("masking", "much")), "a finite amount from 0 to 1"),
        ("autoencoder", dict(corruption=("gaussian", -1.0)), "a finite amount from 0 to inf"),
        ("autoencoder", dict(corruption=("gaussian", float("inf"))), "a finite amount from 0 to inf"),
        ("autoencoder", dict(corruption=("gaussian", float("nan"))), "a finite amount from 0 to inf"),
        ("autoencoder", dict(size="covn"), "did you mean 'conv'"),
        ("vae", dict(likelihood="bernouli"), "did you mean 'bernoulli'"),
        ("vae", dict(importance_samples=5), "conditional=True"),
        ("vae", dict(beta=-1.0), "beta of task 'vae' must be at least 0, got -1.0"),
        ("vae", dict(likelihood="gaussian", sigma=0.0), "sigma of task 'vae' must be above 0, got 0.0"),
        ("colourisation", dict(size="conv-tiny"), "3 channels"),
    ],
)
def test_misuse_is_named(task, keywords, said):
    with pytest.raises(Misuse, match=said):
        make(task, **keywords)
