"""Missing numbers of letters: sets have no order, sequences do, and the pictures are of the row that was asked for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import data
from dlcv.engine import catalogue
from dlcv.engine.experiment import make_task
from dlcv.engine.task import View
from dlcv.errors import Misuse
from dlcv.models.recovery import Recovery
from dlcv.tasks.masked_recovery import given


def made(positions="none", **changes):
    experiment = catalogue.load("experiments/attention/toy_sets.py:smoke")
    with experiment.unlocked():
        experiment.task_kw.positions = positions
        experiment.data.update(changes)
    task = make_task(experiment)
    loaded = data.load(experiment.data.to_dict(), None)
    batch = {name: jnp.asarray(values[:6]) for name, values in loaded.splits["valid"].arrays.items()}
    return task, task.init(jax.random.key(0), task.batch_spec), batch


def test_the_model_is_not_given_what_it_is_asked():
    _, _, batch = made()
    np.testing.assert_array_equal(given(batch) == 0, batch["asked"])
    np.testing.assert_array_equal(given(batch)[~batch["asked"]] - 1, batch["number"][~batch["asked"]])
    other = batch | {"number": jnp.where(batch["asked"], 1 - batch["number"], batch["number"])}
    np.testing.assert_array_equal(given(other), given(batch))


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "rotary", "relative"])
def test_only_without_positions_a_reordered_set_is_answered_alike(positions):
    model, order = Recovery(2, 6, 8, 2, 2, positions), jnp.array([3, 1, 5, 0, 2, 4])
    letters, numbers = jnp.array([[0, 1, 1, 0, 0, 1]]), jnp.array([[1, 2, 0, 0, 1, 0]])
    params = model.init(jax.random.key(0), letters, numbers, train=False)
    shapes = np.random.default_rng(0)
    params = jax.tree.map(lambda p: jnp.asarray(shapes.normal(size=p.shape), p.dtype), params)
    apply = jax.jit(lambda letters, numbers: model.apply(params, letters, numbers, train=False)[0])
    apart = jnp.abs(apply(letters[:, order], numbers[:, order]) - apply(letters, numbers)[:, order]).max()
    assert (apart < 1e-4) == (positions == "none")


def test_without_positions_equal_elements_have_one_answer_whatever_stands_before_them():
    """Why an encoder of sets fails on sequences: two missing numbers of one letter are answered alike, right or not."""
    task, variables, batch = made(rule="before", mapping="fixed")
    guesses = task.predict(variables, batch, jax.random.key(0))["guesses"]
    letters, asked, numbers = (np.asarray(batch[name]) for name in ("letter", "asked", "number"))
    unequal = 0
    for row in range(len(letters)):
        for letter in (0, 1):
            here = asked[row] & (letters[row] == letter)
            assert len(set(np.asarray(guesses)[row][here])) <= 1
            unequal += len(set(numbers[row][here])) > 1
    assert unequal > 2


def test_the_measures_are_those_of_the_missing_numbers_alone():
    task, variables, batch = made()
    outputs = task.predict(variables, batch, jax.random.key(0))
    right = np.asarray(outputs["guesses"] == batch["number"]) | ~np.asarray(batch["asked"])
    np.testing.assert_array_equal(outputs["exact"], right.all(1))
    _, weights = task.metrics["accuracy"].value(outputs, batch)
    np.testing.assert_array_equal(weights, batch["asked"])
    assert (np.asarray(outputs["nats"])[~np.asarray(batch["asked"])] == 0).all()


def test_attention_is_shown_of_a_row_and_the_figure_names_every_missing_number():
    task, variables, batch = made()
    examples = {name: np.asarray(values) for name, values in batch.items()}
    view = View(variables, {"valid": jax.device_get(task.predict(variables, batch, None))}, {"valid": examples}, None)
    shown = task.makers["attention"](view, row=2)
    labels = shown["heads"].arrays["parts"][0]["rows"]
    assert [label[1] == "?" for label in labels] == examples["asked"][2].tolist()
    assert [label[0] for label in labels] == ["ab"[letter] for letter in examples["letter"][2]]
    tokens, found = task.figures["recovered"](view).arrays["rows"][1]
    assert sorted(found) == np.flatnonzero(examples["asked"][1]).tolist() and tokens[0][1] in "12"
    with pytest.raises(Misuse, match="row=99: expected 0 to 5"):
        task.makers["attention"](view, row=99)


def test_other_data_are_refused():
    config = catalogue.load("experiments/attention/toy_sets.py:smoke")
    with config.unlocked():
        config.data = dict(name="adding")
    with pytest.raises(Misuse, match=r"no missing numbers: take data\.name=letters_and_numbers"):
        make_task(config)
