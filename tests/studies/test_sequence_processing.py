"""How far each way of reading a sequence sees, and what is said of a cost that is not known."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import figures
from dlcv.models.sequence_reader import TAPS, sequence_reader
from dlcv.ops.causal_convolution import receptive_field
from dlcv.studies import sequence_processing as study


def seen(way, steps, **fields):
    module = sequence_reader(way, 3, width=8, **fields)
    x_BTD = jnp.asarray(np.random.default_rng(0).normal(size=(1, steps, 1)), jnp.float32)
    params = jax.jit(lambda: module.init(jax.random.key(0), x_BTD, train=False))()
    return study.seen(module, params, x_BTD)


@pytest.mark.parametrize("way", ["gru", "attention"])
def test_a_recurrent_state_and_attention_see_every_step_however_far(way):
    assert seen(way, 512) == 512


@pytest.mark.parametrize(("layers", "steps"), [(1, 64), (4, 64), (5, 40)])
def test_dilated_convolutions_see_what_their_formula_says(layers, steps):
    assert seen("convolution", steps, layers=layers) == min(
        receptive_field(TAPS, tuple(2**i for i in range(layers))), steps
    )


def test_an_output_that_reads_nothing_sees_no_step():
    module = SimpleNamespace(apply=lambda params, x_BTD, train: (jnp.zeros((1, 1, 1)), None))
    assert study.seen(module, {}, jnp.ones((1, 5, 1))) == 0


def test_memory_that_the_compiler_does_not_tell_is_not_known(tmp_path):
    costs = {"way": [dict(seen=4, chain=2, mebibytes=None, milliseconds=1.5)]}
    results = {"way": {"metrics": {"valid/accuracy": {"mean": 0.5, "std": 0.1}}}}
    table = study.as_table(results, costs, "valid/accuracy", [4])
    assert table.splitlines()[-1] == "| way | 0.500 ± 0.100 | 4 | 2 | – | 1.5 |"
    shown = {way: study.columns(rows) for way, rows in costs.items()}
    assert set(shown["way"]) == {"seen", "chain", "milliseconds"}
    figures.draw("three_ways", tmp_path / "x.png", values={"way": [0.5]}, quantity="accuracy", lengths=[4], costs=shown)
    assert (tmp_path / "x.png").stat().st_size > 1000
