"""Grad-CAM on a scene of two digits: the map of a class lies on its digit, by a CNN that has seen digits one at a time."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv.data.digits import scanned
from dlcv.data.images import upsample
from dlcv.engine.task import Variables
from dlcv.explain import gradcam
from dlcv.explain.classifier import Classifier
from dlcv.losses.classification import cross_entropy
from dlcv.models.cnn import Cnn, CnnSize, Stage
from dlcv.models.net import Net
from dlcv.ops.images import from_bytes
from dlcv.ops.keys import named

SIDE, CLASSES = 16, (0, 1, 4)
MODEL = Cnn(CnnSize((Stage(16, 5, 2), Stage(32), Stage(32)), 0, True), len(CLASSES))


def digits(split: str, classes=CLASSES):
    """Scans of these digits at 16x16, and their places among them."""
    scans, labels = scanned()[split]
    kept = np.isin(labels, classes)
    return upsample(scans[kept], SIDE), np.searchsorted(classes, labels[kept])


@pytest.fixture(scope="module")
def trained():
    """A classifier of 16x32 images with one of its digits, left or right; beside it one that is none of its classes."""
    (images, labels), (others, _) = digits("train"), digits("train", (2, 3, 5, 6, 7, 8, 9))
    net, optimizer = Net(MODEL), optax.adam(3e-3)
    params, stats = net.init(jax.random.key(0), jnp.zeros((1, SIDE, 2 * SIDE, 1)), train=False)
    state = optimizer.init(params)

    @jax.jit
    def step(params, stats, state, number):
        key = jax.random.key(number)
        rows = jax.random.randint(named(key, "rows"), (64,), 0, len(labels))
        right = jax.random.bernoulli(named(key, "side"), 0.5, (64, 1, 1))
        digit = jnp.asarray(images)[rows]
        other = jnp.asarray(others)[jax.random.randint(named(key, "other"), (64,), 0, len(others))]
        scene = jnp.concatenate([jnp.where(right, other, digit), jnp.where(right, digit, other)], 2)[..., None]

        def loss(params):
            (logits, _), after = net(params, stats, from_bytes(scene), train=True)
            return cross_entropy(logits, jnp.asarray(labels)[rows]).mean(), after

        (value, after), grads = jax.value_and_grad(loss, has_aux=True)(params)
        changes, state = optimizer.update(grads, state)
        return optax.apply_updates(params, changes), after, state, value

    for number in range(150):
        params, stats, state, value = step(params, stats, state, number)
    assert value < 0.1
    return Classifier(net, tuple(map(str, CLASSES))), Variables({"model": params}, {"model": stats})


def test_the_map_of_a_class_lies_on_its_digit(trained):
    classifier, variables = trained
    images, labels = digits("valid")
    draw = np.random.default_rng(0)
    pairs = [(a, b) for a, b in draw.integers(len(labels), size=(200, 2)) if labels[a] != labels[b]][:100]
    left, right = np.array(pairs).T
    scenes = from_bytes(jnp.asarray(np.concatenate([images[left], images[right]], 2)[..., None]))
    shares = []
    for classes, half in ((labels[left], slice(None, SIDE)), (labels[right], slice(SIDE, None))):
        maps = gradcam.maps(classifier, variables, scenes, classes, "stage_2")
        assert maps.shape == (100, SIDE, 2 * SIDE) and (maps >= 0).all()
        mass = maps.sum((1, 2))
        shares.append(maps[:, :, half].sum((1, 2))[mass > 0] / mass[mass > 0])
        assert (mass > 0).mean() > 0.9
    shares = np.concatenate(shares)
    assert shares.mean() > 0.68 and (shares > 0.5).mean() > 0.95, (shares.mean(), (shares > 0.5).mean())
