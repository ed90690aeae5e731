"""Evaluation: every example counts exactly once, sums are divided once, state is threaded, rows come back in order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tiny

from dlcv.data.source import Examples, Records, Stream
from dlcv.engine.evaluation import Evaluator, masked_sums
from dlcv.engine.sharding import make_mesh
from dlcv.engine.task import Metric

KEY = jax.random.key(0)
ROWS = tiny.batch(10, 2)


def evaluator(task, batch_size: int = 4, **splits):
    return Evaluator(task, splits or {"valid": Examples(ROWS)}, batch_size, make_mesh({"data": 1}))


def variables(task):
    return task.init(KEY, task.batch_spec)


def errors(task):
    return np.asarray(tiny.squares(variables(task).params["model"], ROWS), np.float64)


@pytest.mark.parametrize("batch_size", [1, 4, 5, 10, 16])
def test_a_metric_is_the_mean_over_every_example_once(batch_size):
    task = tiny.regression()
    metrics, outputs, examples = evaluator(task, batch_size).split("valid", variables(task), KEY)
    assert metrics["error"] == pytest.approx(errors(task).mean(), rel=1e-6)
    assert (outputs, examples) == ({}, {})


def test_a_weighted_metric_is_divided_by_its_weights():
    weigh = lambda batch: jnp.where(batch["y"] > 0, 3.0, 0.5)  # noqa: E731
    task = tiny.regression(metrics={"error": Metric(lambda outputs, batch: (outputs["error"], weigh(batch)))})
    metrics, _, _ = evaluator(task).split("valid", variables(task), KEY)
    weights = np.asarray(weigh(ROWS))
    assert metrics["error"] == pytest.approx((errors(task) * weights).sum() / weights.sum(), rel=1e-6)


def test_the_final_transform_comes_after_the_division():
    task = tiny.regression(metrics={"perplexity": Metric(lambda outputs, batch: outputs["error"], np.exp)})
    metrics, _, _ = evaluator(task).split("valid", variables(task), KEY)
    assert metrics["perplexity"] == pytest.approx(np.exp(errors(task).mean()), rel=1e-5)


def test_a_value_that_is_not_finite_under_the_mask_does_not_spread():
    values, mask = jnp.array([1.0, jnp.nan, 3.0]), jnp.array([True, False, True])
    value, weight = masked_sums({"a": Metric(lambda outputs, batch: values)}, {}, {}, mask)["a"]
    assert (float(value), float(weight)) == (4.0, 2.0)


def test_sums_of_a_low_precision_metric_are_exact():
    values = jnp.ones(1001, jnp.bfloat16)
    for kind in (values, (values, values), values.astype(bool)):
        value, weight = masked_sums(
            {"a": Metric(lambda outputs, batch, kind=kind: kind)}, {}, {}, jnp.ones(1001, bool)
        )["a"]
        assert (float(value), float(weight)) == (1001.0, 1001.0)


def test_a_metric_that_is_no_row_each_is_refused():
    task = tiny.regression(metrics={"error": Metric(lambda outputs, batch: outputs["error"].mean())})
    with pytest.raises(ValueError, match="metric 'error'"):
        evaluator(task).split("valid", variables(task), KEY)


def test_outputs_come_back_in_order_without_padding():
    task = tiny.regression()
    _, outputs, examples = evaluator(task).split("valid", variables(task), KEY, keep=True)
    np.testing.assert_array_equal(examples["x"], ROWS["x"])
    np.testing.assert_allclose(outputs["error"], errors(task), rtol=1e-5)
    assert len(set(outputs["drawn"].tolist())) == 10  # each batch had its own key


def test_splits_are_told_apart():
    task, other = tiny.regression(), tiny.batch(7, 9)
    made = evaluator(task, 4, valid=Examples(ROWS), test=Examples(other))
    valid, test = (made.split(name, variables(task), KEY, keep=True) for name in ("valid", "test"))
    assert len(valid[1]["error"]) == 10 and len(test[1]["error"]) == 7
    assert valid[0] != test[0]
    assert valid[1]["drawn"][0] != test[1]["drawn"][0]


def test_examples_read_one_by_one_count_as_those_in_memory():
    task = tiny.regression()
    items = [{name: column[row] for name, column in ROWS.items()} for row in range(10)]
    found = [
        evaluator(task, 4, valid=split).split("valid", variables(task), KEY, keep=True)
        for split in (Examples(ROWS), Records(items))
    ]
    assert found[0][0] == found[1][0]
    tiny.same(found[0][1:], found[1][1:])


@pytest.mark.parametrize("size", [16, 41, 43, 60])
def test_the_state_is_threaded_through_a_stream(size):
    """One row of one pass over the whole text, against the same text in short steps."""
    task = tiny.walker(rows=4, length=5)
    tokens = np.random.default_rng(size).integers(0, 9, size).astype(np.int32)
    held = variables(task).replace(carry={"model": jnp.full(4, 7.0)})  # training's own state must not matter
    metrics, outputs, _ = evaluator(task, 1, valid=Stream({"tokens": tokens}, 5)).split("valid", held, KEY, keep=True)
    fresh = variables(task).replace(carry={"model": jnp.zeros(1)})
    whole = task.predict(fresh, {"tokens": jnp.asarray(tokens[None])}, KEY)["state"][0]
    np.testing.assert_allclose(outputs["state"].reshape(-1)[: size - 1], whole, rtol=1e-5)
    assert metrics["error"] == pytest.approx(float(((whole - tokens[1:]) ** 2).mean()), rel=1e-5)


def test_a_stream_in_parallel_rows_counts_every_token_once():
    task = tiny.walker()
    count = Metric(lambda outputs, batch: batch["tokens"][:, 1:].astype(jnp.float32))
    task = type(task)(**{**task.__dict__, "metrics": {"token": count}})
    tokens = np.random.default_rng(0).integers(0, 9, 50).astype(np.int32)
    metrics, _, _ = evaluator(task, 4, valid=Stream({"tokens": tokens}, 5)).split("valid", variables(task), KEY)
    assert metrics["token"] == pytest.approx(tokens[1:].mean(), rel=1e-6)


def test_the_state_begins_anew_at_each_evaluation():
    task = tiny.walker()
    tokens = np.arange(30, dtype=np.int32) % 7
    made = evaluator(task, 2, valid=Stream({"tokens": tokens}, 5))
    assert made.split("valid", variables(task), KEY)[0] == made.split("valid", variables(task), KEY)[0]
