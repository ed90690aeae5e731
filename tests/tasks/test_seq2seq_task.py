"""The task: free running sees no truth, predictions are decoded, metrics count under weights, makers translate given text."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv import data
from dlcv.data.sequences import Texts
from dlcv.engine.evaluation import masked_sums
from dlcv.engine.task import Setup, View
from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, PAD, padded
from dlcv.tasks import seq2seq
from dlcv.tasks.aligning import steps_back

OPTIONS = {"name": "number_words", "digits": 2, "train": 60, "valid": 12}


@pytest.fixture(scope="module")
def loaded():
    return data.load(OPTIONS, None)


def task_of(**fields):
    spec = data.spec(OPTIONS)
    setup = Setup(spec.batch(4), spec.info, lambda name, updates=1: optax.sgd(0.1), 100, jnp.float32)
    return seq2seq.make(setup, size="tiny", **fields)


@pytest.fixture(scope="module")
def batch(loaded):
    return {name: jnp.asarray(column[:4]) for name, column in loaded.splits["valid"].arrays.items()}


@pytest.fixture(scope="module")
def variables():
    task = task_of(beams=3, long=2)
    return jax.jit(lambda key: task.init(key, task.batch_spec))(jax.random.key(0))


def test_free_running_never_sees_the_truth_and_teacher_forcing_does(batch, variables):
    """Of a loss that weighs every token alike, the one place that differs between two targets is subtracted by hand."""
    target = batch["target"]
    other = target.at[:, 1].set((target[:, 1] - 3) % 20 + 4)
    after = {}
    for forcing in ("never", "always"):
        (player,) = task_of(forcing=forcing).players

        def loss(params, x, player=player):
            value, aux = player.loss(params, {}, {}, {**batch, "target": x}, jax.random.key(0), 5)
            return value.value, aux.metrics

        run = jax.jit(jax.value_and_grad(loss, has_aux=True))
        found = [run(variables.params, x) for x in (target, other)]
        embedded = [gradient["model"]["decoder"]["embed"]["embedding"] for _, gradient in found]
        seen = {int(token) for token in np.unique(np.concatenate([target[:, 1], other[:, 1]]))}
        moved = {int(row) for table in embedded for row in np.flatnonzero(np.abs(table).sum(1))}
        after[forcing] = (seen, moved, float(found[0][0][1]["truth"]))
    assert after["always"][0] <= after["always"][1] and after["always"][2] == 1
    assert not after["never"][0] <= after["never"][1] and after["never"][2] == 0


def test_predictions_are_decoded_and_counted_under_weights(batch, variables):
    task = task_of(beams=3, long=2)
    outputs = jax.jit(lambda v, b: task.predict(v, b, jax.random.key(0)))(variables, batch)
    tokens, target = np.asarray(outputs["tokens"]), np.asarray(batch["target"])
    assert tokens.shape == target.shape
    for line in tokens.tolist():
        ended = line.index(END) if END in line else len(line)
        assert PAD not in line[:ended] and not any(line[ended + 1 :])
    np.testing.assert_array_equal(outputs["exact"], (tokens == target).all(1))
    sums = masked_sums(task.metrics, {**outputs, "exact": jnp.ones(4)}, batch, jnp.ones(4, bool))
    assert sums["nats"][1] == (target != PAD).sum()
    assert sums["exact_match_long"][1] == (np.asarray(batch["source_length"]) > 2).sum()


def test_text_is_translated_with_its_alignment(loaded, variables):
    task = task_of()
    view = View(variables, {}, {"valid": loaded.splits["valid"].arrays}, jax.random.key(0), loaded.info)
    found = task.makers["translations"](view, text=["42", "7"], beams=2)
    assert found["translations"].splitlines()[::2] == ["42", "7"]
    (first, second) = found["alignments"].arrays["pairs"]
    assert first["source"] == ["4", "2", "</s>"] and second["source"] == ["7", "</s>"]
    np.testing.assert_allclose(first["weights"].sum(1), 1, atol=1e-5)
    assert first["weights"].shape == (len(first["target"]), 3)
    with pytest.raises(Misuse, match="does not fit the width 3"):
        task.makers["translations"](view, text="12345")


def test_reorderings_are_the_pairs_that_step_back_most(loaded, variables):
    kept, crossed = np.eye(4), np.eye(4)[[0, 2, 1, 3]]
    assert [steps_back(weights) for weights in (kept, crossed, kept[::-1])] == [0, 1, 3]
    view = View(variables, {}, {"valid": loaded.splits["valid"].arrays}, jax.random.key(0), loaded.info)
    pairs = task_of().makers["reorderings"](view, count=4, length=3, beams=1)["reorderings"].arrays["pairs"]
    shares = [steps_back(pair["weights"][:-1]) / len(pair["target"]) for pair in pairs]
    assert len(pairs) == 4 and shares == sorted(shares, reverse=True)
    with pytest.raises(Misuse, match="length=1 "):
        task_of().makers["reorderings"](view, length=1)


def test_bleu_of_what_was_predicted(loaded, variables):
    pytest.importorskip("sacrebleu")
    tokeniser, text = loaded.info["target_tokeniser"], "one hundred and twenty-two million and two"
    info = {"target_tokeniser": tokeniser, "texts": {"valid": Texts(["x"], [text])}}
    tokens, _ = padded([[*tokeniser.encode(text), END, 7]])
    view = View(variables, {"valid": {"tokens": tokens}}, {}, jax.random.key(0), info)
    assert task_of(scores=("bleu",)).scores["bleu"](view) == pytest.approx({"valid": 100, "valid_lower_tokenised": 100})
    assert task_of().scores == {}


def test_unknown_names_are_refused():
    for fields, said in ((dict(forcing="teacher"), "unknown forcing"), (dict(scores=("blue",)), "unknown score")):
        with pytest.raises(Misuse, match=said):
            task_of(**fields)
