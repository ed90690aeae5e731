"""Domain separation: the sum of its losses, who feels which, when the similarity begins, and what its picture shows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from two_domains import BATCH, make, value

from dlcv.engine.step import init_state
from dlcv.engine.task import View
from dlcv.errors import Misuse

HEADS = {"private_source", "private_target", "decoder"}


def gradients(task, v, step: int = 10**6):
    def loss(params):
        return task.players[0].loss(params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(step))[0].value

    return jax.jit(jax.grad(loss))(v.params)


def size(tree) -> float:
    return max(float(np.abs(leaf).max()) for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize(("similarity", "code"), [("adversarial", "features"), ("mmd_biased", "hidden_1")])
def test_the_loss_is_the_weighted_sum_of_its_four_parts(similarity, code):
    task = make("dsn", similarity=similarity, code=code, weights=(0.5, 2.0, 3.0), schedule="constant")
    v = init_state(task, jax.random.key(1)).variables
    assert set(v.params) == {"encoder", "classifier", *HEADS, *({"domain"} if similarity == "adversarial" else ())}
    total, aux = value(task, v, BATCH)
    m = aux.metrics
    wanted = m["label_loss"] + 0.5 * m["reconstruction"] + 2 * m["difference"] + 3 * m["similarity"]
    np.testing.assert_allclose(total, wanted, rtol=1e-5)
    assert min(float(m[name]) for name in ("reconstruction", "difference", "similarity")) > 0


def test_the_decoder_feels_the_reconstruction_alone_and_the_label_head_no_private_code():
    only = {
        name: make("dsn", weights=weights, schedule="constant")
        for name, weights in dict(redraw=(1, 0, 0), apart=(0, 1, 0), alike=(0, 0, 1)).items()
    }
    v = init_state(only["redraw"], jax.random.key(1)).variables
    felt = {name: gradients(task, v) for name, task in only.items()}
    assert size(felt["redraw"]["decoder"]) > 1e-5
    assert size(felt["apart"]["decoder"]) == size(felt["alike"]["decoder"]) == 0
    for name in ("private_source", "private_target"):
        assert min(size(felt["redraw"][name]), size(felt["apart"][name])) > 1e-6
        assert size(felt["alike"][name]) == 0
    last = {name: found["classifier"]["Dense_1"] for name, found in felt.items()}  # above the shared code: labels only
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), last["redraw"], last["apart"])


def test_the_encoder_feels_no_similarity_before_its_first_step():
    late = make("dsn", similarity_from=100, schedule="constant", weights=(0.01, 0.075, 0.25))
    never = make("dsn", weights=(0.01, 0.075, 0.0))
    v = init_state(late, jax.random.key(1)).variables
    before, after, without = gradients(late, v, 99), gradients(late, v, 100), gradients(never, v, 99)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), before["encoder"], without["encoder"])
    assert size(jax.tree.map(lambda a, b: a - b, after["encoder"], before["encoder"])) > 1e-5
    assert size(before["domain"]) > 1e-4  # the domain head learns all the time


def test_each_private_encoder_sees_one_domain():
    task = make("dsn")
    v = init_state(task, jax.random.key(1)).variables
    other = {**BATCH, "target": {"image": 255 - BATCH["target"]["image"]}}
    one, two = value(task, v, BATCH)[1].stats, value(task, v, other)[1].stats
    jax.tree.map(np.testing.assert_array_equal, one["private_source"], two["private_source"])
    assert size(jax.tree.map(lambda a, b: a - b, one["private_target"], two["private_target"])) > 1e-4


def test_its_picture_has_four_rows_a_domain_and_the_brightness_of_the_originals():
    task = make("dsn")
    v = init_state(task, jax.random.key(1)).variables
    examples = {name: {"image": np.asarray(BATCH[name]["image"])} for name in ("source", "target")}
    figure = task.figures["separation"](View(v, {}, examples, jax.random.key(0)))
    images, columns = figure.arrays["images"], figure.arrays["columns"]
    assert columns == 8 and images.shape == (8 * columns, 28, 28, 3) and len(figure.arrays["row_labels"]) == 8
    np.testing.assert_allclose(images[:columns], examples["source"]["image"] / 255, atol=1e-6)
    np.testing.assert_allclose(images[columns : 2 * columns].mean(), images[:columns].mean(), atol=0.02)


def test_private_codes_that_cannot_be_added_are_named():
    with pytest.raises(Misuse, match=r"private_widths=\(12, 24\)"):
        make("dsn", private_widths=(12, 24))
