"""The classifier of strokes: padding changes nothing, the order of drawing does."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.task import View
from dlcv.tasks.stroke_classification import mistaken_figure


def test_padding_changes_nothing_and_order_does():
    rng, lengths = np.random.default_rng(0), jnp.array([4, 6])
    strokes = jnp.asarray(rng.normal(size=(2, 6, 3)), jnp.float32)
    strokes = strokes.at[..., 2].set(0).at[0, 4:].set(0)
    wider = jnp.pad(strokes, ((0, 0), (0, 5), (0, 0)))
    config = configs.experiment(
        task="stroke_classification", task_kw=dict(width=8), batch_size=2, data=dict(name="digit_strokes", longest=6)
    )
    task = make_task(config)
    variables = jax.jit(lambda key: task.init(key, task.batch_spec))(jax.random.key(0))

    def logits(strokes):
        return jax.jit(task.predict)(variables, {"strokes": strokes, "length": lengths}, jax.random.key(0))["logits"]

    np.testing.assert_allclose(logits(wider), logits(strokes), atol=1e-5)
    turned = strokes.at[1].set(strokes[1, ::-1])
    difference = np.abs(logits(turned) - logits(strokes))
    assert difference[0].max() < 1e-6 < 1e-3 < difference[1].max()


def test_mistaken_drawings_stand_in_the_row_they_were_taken_for():
    examples = {
        "strokes": np.ones((4, 3, 3), np.float32),
        "length": np.full(4, 3, np.int32),
        "label": np.array([0, 0, 1, 2]),
    }
    outputs = {"logits": np.eye(3)[[1, 1, 1, 0]]}
    figure = mistaken_figure(View(None, {"valid": outputs}, {"valid": examples}, None), ("a", "b", "c"), most=2)
    rows = figure.arrays["rows"]
    assert (
        list(rows) == ["taken for b", "taken for a"]
        and rows["taken for b"].shape == (2, 4, 5)
        and len(rows["taken for a"]) == 1
    )
    assert figure.arrays["title"].startswith("3 of 4")
