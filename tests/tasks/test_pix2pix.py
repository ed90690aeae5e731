"""Translation: the losses by hand, who changes what, the code's part, colouring, and what is refused."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv.engine.step import init_state
from dlcv.engine.task import Setup
from dlcv.errors import Misuse
from dlcv.models.net import Net
from dlcv.models.translation import UNet
from dlcv.ops.images import from_bytes, luma
from dlcv.quality.colourfulness import colourfulness
from dlcv.tasks import pix2pix

KEY = jax.random.key(0)
SPEC = {
    "source": jax.ShapeDtypeStruct((4, 16, 16, 1), np.uint8),
    "image": jax.ShapeDtypeStruct((4, 16, 16, 3), np.uint8),
}
RNG = np.random.default_rng(0)
BATCH = {name: jnp.asarray(RNG.integers(0, 256, leaf.shape, np.uint8)) for name, leaf in SPEC.items()}


def make(spec=SPEC, **keywords):
    setup = Setup(spec, {"classes": ()}, lambda name, updates=1: optax.sgd(0.1), 10, jnp.float32)
    return pix2pix.make(setup, width=4, halvings=1, dropout=0.0, **keywords)


def losses(task, batch=BATCH):
    variables = init_state(task, KEY).variables
    given = variables.params, variables.stats, {}, batch, KEY, 0
    return SimpleNamespace(variables=variables, **{player.name: player.loss(*given) for player in task.players})


def test_the_generators_loss_is_the_weighted_sum_of_its_parts():
    found = losses(make(l1=7.0, codes=3, mode_seeking=0.5, adversarial=2.0))
    (value, _), aux = found.generator
    parts = aux.metrics
    expected = 2.0 * parts["adversarial"] + 7.0 * parts["l1"] + 0.5 * parts["mode_seeking"]
    assert float(value) == pytest.approx(float(expected), rel=1e-6)
    assert parts["mode_seeking"] > 0


def test_l1_is_the_mean_absolute_error_of_the_answer():
    task = make()
    variables = init_state(task, KEY).variables
    louder = jax.tree.map(
        lambda x: 5 * x, variables.params["generator"]
    )  # a fresh one answers grey, whatever its statistics
    variables = variables.replace(params={**variables.params, "generator": louder})
    (_, aux) = task.players[1].loss(variables.params, variables.stats, {}, BATCH, KEY, 0)
    shown = task.predict(variables, BATCH, KEY)
    truth = np.asarray(BATCH["image"]) / 127.5 - 1
    by_hand = np.abs(2 * np.asarray(shown["samples"]) - 1 - truth).reshape(4, -1).mean(1)
    np.testing.assert_allclose(shown["l1"], by_hand, atol=1e-5)
    generator = Net(UNet(3, width=4, dropout=0.0))  # as the loss calls it: by the batch's own statistics
    given = variables.params["generator"], variables.stats["generator"], from_bytes(BATCH["source"]), jnp.zeros((4, 0))
    answer = np.asarray(generator(*given, train=True)[0])
    np.testing.assert_allclose(aux.metrics["l1"], np.abs(answer - truth).mean(), rtol=1e-5)
    assert abs(float(aux.metrics["l1"]) - by_hand.mean()) > 1e-3  # running statistics make another answer


def test_without_a_code_there_is_one_answer_and_with_one_there_are_many():
    one, many = (losses(make(codes=codes)) for codes in (0, 4))
    for found, codes in ((one, 0), (many, 4)):
        diversity = make(codes=codes).predict(found.variables, BATCH, KEY)["diversity"]
        assert (diversity.max() > 0) == (codes > 0)


def test_each_player_moves_its_own_networks_statistics():
    found = losses(make())
    assert set(found.discriminator[1].stats) == {"discriminator"} and set(found.generator[1].stats) == {"generator"}


def test_the_discriminators_loss_does_not_reach_the_generator():
    task = make()
    variables = init_state(task, KEY).variables
    gradient = jax.grad(lambda p: task.players[0].loss(p, variables.stats, {}, BATCH, KEY, 0)[0].value)(
        variables.params
    )
    assert all((leaf == 0).all() for leaf in jax.tree.leaves(gradient["generator"]))
    assert any((leaf != 0).any() for leaf in jax.tree.leaves(gradient["discriminator"]))


def test_grey_sources_are_the_luma_of_the_images():
    task = make({"image": SPEC["image"]}, source="grey")
    batch = {"image": BATCH["image"]}
    coloured = losses(task, batch)
    assert coloured.variables.params["generator"]["down_0"]["kernel"].shape[2] == 1
    outputs = task.predict(coloured.variables, batch, KEY)
    told = {name: task.metrics[name].value(outputs, batch) for name in ("colourfulness", "true_colourfulness")}
    np.testing.assert_allclose(told["colourfulness"], colourfulness(outputs["samples"]), rtol=1e-6)
    np.testing.assert_allclose(told["true_colourfulness"], colourfulness(batch["image"] / 255), rtol=1e-5)
    assert "colourfulness" not in make().metrics
    weights = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(luma(jnp.ones((1, 3))), [[1.0]], rtol=1e-6)
    np.testing.assert_allclose(luma(BATCH["image"].astype(jnp.float32))[..., 0], BATCH["image"] @ weights, rtol=1e-5)


@pytest.mark.parametrize(
    ("spec", "keywords", "message"),
    [
        (SPEC, dict(mode_seeking=1.0), "give task_kw.codes"),
        (SPEC, dict(loss="hings"), "unknown adversarial loss 'hings'"),
        (SPEC, dict(source="gray"), "unknown source 'gray'"),
        ({"image": SPEC["image"]}, {}, "has no source images"),
        ({"image": SPEC["source"]}, dict(source="grey"), "images of 3 channels, this data set's have 1"),
    ],
)
def test_what_cannot_be_is_refused(spec, keywords, message):
    with pytest.raises(Misuse, match=message):
        make(spec, **keywords)
