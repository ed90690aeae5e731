"""Text to image: who learns the sentence, wrong sentences, two sizes, padding, what is refused."""

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
from dlcv.models.stacked_gan import SentenceEncoder
from dlcv.ops.images import halved
from dlcv.tasks import text_to_image

KEY, RNG = jax.random.key(0), np.random.default_rng(0)
SPEC = {"image": jax.ShapeDtypeStruct((4, 16, 16, 3), np.uint8), "caption": jax.ShapeDtypeStruct((4, 5), np.int32)}
BATCH = {
    "image": jnp.asarray(RNG.integers(0, 256, (4, 16, 16, 3), np.uint8)),
    "caption": jnp.asarray(RNG.integers(1, 7, (4, 5))),
}


def make(spec=SPEC, **keywords):
    setup = Setup(spec, {"vocabulary": tuple("-abcdef")}, lambda name, updates=1: optax.sgd(0.1), 10, jnp.float32)
    return text_to_image.make(setup, codes=3, condition=4, width=4, words=6, **keywords)


def gradient(task, variables, player: int):
    def loss(params):
        return task.players[player].loss(params, variables.stats, {}, BATCH, KEY, 0)[0].value

    found = jax.grad(loss)(variables.params)
    return {name: any(bool((leaf != 0).any()) for leaf in jax.tree.leaves(tree)) for name, tree in found.items()}


@pytest.mark.all
def test_the_sentence_encoder_learns_from_the_discriminators_loss_alone():
    task = make()
    variables = init_state(task, KEY).variables
    discriminator, generator = (gradient(task, variables, player) for player in (0, 1))
    assert discriminator == dict(sentence=True, half=True, full=True, generator=False)
    assert generator["generator"] and not generator["sentence"]
    assert task.players[0].owns == ("sentence", "half", "full") and task.players[1].owns == ("generator",)


def test_the_generators_loss_is_the_sum_of_its_parts():
    by_weight = {}
    for weights in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (2.0, 3.0)):
        task = make(kl=weights[0], mode_seeking=weights[1])
        variables = init_state(task, KEY).variables
        (value, _), aux = task.players[1].loss(variables.params, variables.stats, {}, BATCH, KEY, 0)
        by_weight[weights] = SimpleNamespace(value=float(value), metrics=aux.metrics)
    plain, both = by_weight[0.0, 0.0].value, by_weight[2.0, 3.0]
    assert by_weight[1.0, 0.0].value == pytest.approx(plain + float(both.metrics["kl"]), rel=1e-5)
    expected = plain + 2 * both.metrics["kl"] + 3 * both.metrics["mode_seeking"]
    assert both.value == pytest.approx(float(expected), rel=1e-5)


def test_padding_says_nothing():
    net = Net(SentenceEncoder(7, 6))
    params, _ = net.init(KEY, BATCH["caption"], train=False)
    short = jnp.array([[1, 2, 3, 0, 0]])
    long = jnp.array([[1, 2, 3]])
    np.testing.assert_allclose(net(params, {}, short)[0], net(params, {}, long)[0], atol=1e-6)
    assert jnp.abs(net(params, {}, short)[0] - net(params, {}, jnp.array([[1, 2, 4, 0, 0]]))[0]).max() > 1e-4


def test_the_smaller_picture_is_the_mean_of_four_pixels():
    image = jnp.arange(16.0).reshape(1, 4, 4, 1)
    np.testing.assert_array_equal(halved(image)[0, :, :, 0], [[2.5, 4.5], [10.5, 12.5]])


def test_both_sizes_are_drawn_and_codes_make_a_difference():
    task = make()
    variables = init_state(task, KEY).variables
    outputs = task.predict(variables, BATCH, KEY)
    assert outputs["samples"].shape == (4, 16, 16, 3) and (outputs["diversity"] > 0).all()


def test_a_wrong_sentence_is_wrong_in_one_word_and_any_that_differs():
    captions = jnp.array([[1, 2, 3, 4, 0], [1, 5, 3, 6, 0], [7, 5, 3, 4, 0], [7, 5, 3, 4, 0]])
    others, seen = np.roll(captions, 1, axis=0), set()
    for number in range(40):
        found = np.asarray(text_to_image.misquoted(jax.random.key(number), captions))
        apart = found != np.asarray(captions)
        assert apart.sum(1).tolist() == [1, 1, 1, 0]  # the last two are equal
        assert (found[apart] == others[apart]).all()
        seen.add(int(apart[1].argmax()))
    assert seen == {1, 3}


def test_what_cannot_be_is_refused():
    with pytest.raises(Misuse, match="has no captions"):
        make({"image": SPEC["image"]})
    with pytest.raises(Misuse, match="unknown adversarial loss 'hings'"):
        make(loss="hings")
