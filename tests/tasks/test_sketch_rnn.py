"""Sketch-RNN: what costs nats, what a code decides, what is drawn and where it ends, the KL term's schedule and floor."""

from functools import partial
from types import SimpleNamespace
from xml.etree import ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.losses import mixture as density
from dlcv.ops.keys import named
from dlcv.ops.recurrence import LstmCarry
from dlcv.ops.strokes import thinned, with_pen
from dlcv.pages import drawings
from dlcv.tasks import sketch_rnn

KEY = jax.random.key(0)
DATA = dict(name="digit_strokes", longest=8)
RNG = np.random.default_rng(0)
LENGTHS = np.array([5, 8], np.int32)
STROKES = np.where(
    (np.arange(8) < LENGTHS[:, None])[..., None], np.dstack([RNG.normal(size=(2, 8, 2)), RNG.random((2, 8)) < 0.3]), 0
).astype(np.float32)
BATCH = {"strokes": jnp.asarray(STROKES), "length": jnp.asarray(LENGTHS)}


def task_of(**task_kw):
    kw = (
        dict(size="tiny", codes=3, stretch=0.0, **task_kw)
        if "codes" not in task_kw
        else dict(size="tiny", stretch=0.0, **task_kw)
    )
    return make_task(configs.experiment(task="sketch_rnn", task_kw=kw, batch_size=2, data=DATA))


def begun(task) -> Variables:
    return jax.jit(lambda key: task.init(key, task.batch_spec))(KEY)


@pytest.fixture(scope="module")
def model():
    task = task_of()
    return SimpleNamespace(task=task, variables=begun(task), net=task.sample.args[0])


def test_nats_are_of_offsets_where_there_are_points_and_of_the_pen_everywhere(model):
    points, z = with_pen(BATCH["strokes"], BATCH["length"]), jnp.ones((2, 3))
    params, net = model.variables.params, model.net
    nats = np.asarray(jax.jit(net.reconstruction)(params, points, z))
    assert nats.shape == (2, 9)

    @jax.jit
    def one(carry, before, point):
        (numbers, carry), _ = net.decoder(params["decoder"], {}, z, before[:, None], carry)
        found = density.mixture(numbers[:, 0])
        return carry, density.log_pen_probability(found, point[:, 2:]), density.log_density(found, point[:, :2])

    first = jnp.tanh(z @ params["decoder"]["first"]["kernel"] + params["decoder"]["first"]["bias"])
    carry, before = (
        {"layer_0": LstmCarry(*jnp.split(first, 2, -1))},
        jnp.broadcast_to(jnp.array([0.0, 0, 1, 0, 0]), (2, 5)),
    )
    for place in range(9):  # one point after the other, by hand
        carry, pen, offset = one(carry, before, points[:, place])
        before = points[:, place]
        np.testing.assert_allclose(nats[:, place], -np.array(pen) - np.where(place < LENGTHS, offset, 0), atol=1e-4)


def test_what_lies_past_the_end_changes_nothing(model):
    beyond = BATCH["strokes"].at[0, 6].set(jnp.array([9.0, 9.0, 1.0]))
    predict = jax.jit(model.task.predict)
    one, other = (
        predict(model.variables, {**BATCH, "strokes": strokes}, KEY) for strokes in (BATCH["strokes"], beyond)
    )
    jax.tree.map(np.testing.assert_array_equal, one, other)


def test_the_kl_term_is_annealed_and_has_a_floor():
    task = task_of(kl_weight=0.5, kl_start=0.01, kl_rate=0.9, kl_floor=50.0)
    params = begun(task).params
    loss = jax.jit(task.players[0].loss)
    for step in (0, 7):
        found, aux = loss(params, {}, {}, BATCH, KEY, step)
        weight = 0.5 * (1 - 0.99 * 0.9**step)
        assert aux.metrics["kl"] < 50
        np.testing.assert_allclose(found.value, aux.metrics["reconstruction"] + weight * 50, rtol=1e-4)


def test_a_drawing_ends_once_and_codes_decide_it(model):
    draw = partial(sketch_rnn._draw, model.net)
    params = jax.tree.map(lambda leaf: 3 * leaf, model.variables.params)  # decided enough to tell codes apart
    points = np.asarray(draw(params, jnp.repeat(jnp.eye(3) * 4, 5, 0), KEY, 0.3))
    assert points.shape == (15, 8, 5)
    np.testing.assert_array_equal(points[..., 2:].sum(-1), 1)
    ended = points[..., 4] > 0
    assert ((np.diff(ended.astype(int), axis=1) >= 0).all()) and not points[..., :2][ended].any()
    same = np.asarray(draw(params, jnp.zeros((15, 3)), KEY, 0.3))
    assert np.abs(same - points).max() > 0.1


def test_thinning_is_of_the_drawings_that_are_learnt_from_alone():
    thin, whole = task_of(thin=0.9), task_of()
    variables, key = begun(whole), jax.random.key(3)
    strokes, lengths = thinned(named(key, "thin"), BATCH["strokes"], BATCH["length"], 0.9)
    assert (lengths < BATCH["length"]).any()

    def loss(task, batch):
        return jax.jit(lambda params: task.players[0].loss(params, {}, {}, batch, key, 0)[0].value)(variables.params)

    by_hand = loss(whole, {"strokes": strokes, "length": lengths})
    assert float(loss(thin, BATCH)) == pytest.approx(float(by_hand), rel=1e-5)
    assert float(loss(whole, BATCH)) != pytest.approx(float(by_hand), rel=1e-3)
    found, same = (jax.jit(task.predict)(variables, BATCH, KEY) for task in (thin, whole))
    np.testing.assert_array_equal(found["reconstruction"], same["reconstruction"])


def test_without_codes_there_is_a_decoder_alone():
    task = task_of(codes=0)
    variables = begun(task)
    assert set(variables.params) == {"decoder"} and set(task.figures) == {"drawn"} and not task.makers
    assert float(jax.jit(task.predict)(variables, BATCH, KEY)["kl"].sum()) == 0


def test_samples_and_reconstructions_are_pictures_and_svg(model):
    made = model.task.sample(model.variables, KEY, 5, temperature=0.5)
    assert made["drawings"].kind == "drawings" and len(made["drawings"].arrays["rows"]["1 on"]) == 5
    root = ElementTree.fromstring(made["drawings.svg"])
    assert root.attrib["width"] == "500" and len(root) <= 5
    view = View(model.variables, {}, {"valid": STROKES_VIEW}, KEY)
    again = model.task.makers["reconstructions"](view, count=2)
    assert set(again) == {"reconstructions", "reconstructions.svg", "interpolation"}
    with pytest.raises(Misuse, match="temperature"):
        model.task.sample(model.variables, KEY, 1, temperature=0.0)


STROKES_VIEW = {"strokes": STROKES, "length": LENGTHS}


def test_svg_draws_the_lines():
    points = np.array(
        [[[0, 0, 1, 0, 0], [2, 0, 0, 1, 0], [0, 4, 1, 0, 0], [2, 0, 0, 1, 0], [9, 9, 0, 0, 1]]], np.float32
    )
    first, second = drawings.lines(points[0])
    assert first.tolist() == [[0, 0], [2, 0]] and second.tolist() == [[2, 4], [4, 4]]
    root = ElementTree.fromstring(drawings.svg(points))
    assert root[0].attrib["d"] == "M8.0 8.0 L50.0 8.0 M50.0 92.0 L92.0 92.0"
