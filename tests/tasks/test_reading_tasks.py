"""Encoders that read both ways, as tasks: what the loss sees, what stays frozen, starts from another library's folder, what they show."""

import json
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import pretrained
from dlcv.engine import catalogue, loop, restore
from dlcv.engine.experiment import follow, make_task
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.language.marked import Marks
from dlcv.models.bert import bert
from dlcv.ops.keys import named
from dlcv.ops.masking import hidden
from dlcv.pretrained import bert as kind
from dlcv.tasks import reading

MASKED, CLASSIFIED = "experiments/attention/bert.py:smoke", "experiments/attention/sst2.py:smoke"
PIECES = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "list",
    "is",
    ".",
    *"abcdefghijklmnopqrstuvwxyz",
    *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
)


@pytest.fixture(scope="module")
def masked():
    """(experiment, a batch of sentence pairs, its variables)."""
    experiment = catalogue.experiment(MASKED, None)
    source = experiment.data.train
    batch = source.gather(source.arrays, np.arange(6))
    variables = jax.jit(lambda key: experiment.task.init(key, experiment.task.batch_spec))(jax.random.key(0))
    return experiment, batch, variables


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint as Transformers leaves it: weights, config and WordPiece vocabulary."""
    place = tmp_path_factory.mktemp("checkpoint")
    model = bert("tiny", len(PIECES), length=32, heads=("masked", "next"))
    params = model.init(jax.random.key(5), jnp.zeros((1, 4), jnp.int32), train=False)["params"]
    pretrained.write(place, "bert", kind.described(model), params)
    (place / "vocab.txt").write_text("\n".join(PIECES))
    return place


def test_only_hidden_words_count(masked):
    """The weight is their number and padding changes nothing; the gradient of the tokens' biases is negative for hidden words alone, and
    sums to 0: each hidden place is a softmax."""
    experiment, batch, variables = masked
    player, key = experiment.task.players[0], jax.random.key(0)

    @jax.jit
    def value(params, batch, key):
        return player.loss(params, {}, {}, batch, key, 0)[0]

    loss = value(variables.params, batch, key)
    words = (batch["length"] - 3).clip(0)  # [start], two [end]
    width = batch["tokens"].shape[1]
    expected = np.clip(np.round(0.15 * words), np.minimum(words, 1), max(1, round(0.15 * width))).sum()
    assert int(loss.weight) == int(expected)
    other = {**batch, "tokens": np.where(np.arange(width) < batch["length"][:, None], batch["tokens"], 7)}
    assert float(value(variables.params, other, key).value) == pytest.approx(float(loss.value), abs=1e-6)
    assert float(value(variables.params, batch, jax.random.key(1)).value) != float(loss.value)  # hidden anew

    marks = Marks(*experiment.data.info["marks"])
    keys = jax.random.split(named(key, "masking"), len(batch["tokens"]))
    found = hidden(
        keys, jnp.asarray(batch["tokens"]), reading.words(batch, marks), marks.mask, experiment.data.info["size"], 0.15
    )
    stood = np.bincount(found.tokens_BK[found.chosen_BK], minlength=experiment.data.info["size"])
    slope = jax.grad(lambda params: value(params, batch, key).value)(variables.params)["model"]["token_bias"]
    assert stood.sum() == expected
    np.testing.assert_array_equal(np.flatnonzero(slope < 0), np.flatnonzero(stood))
    assert float(slope.sum()) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("options", [dict(scan=True), dict(remat=True)])
def test_blocks_compiled_once_or_computed_again_are_the_same_network(masked, options):
    experiment, batch, variables = masked
    params = dict(variables.params["model"])
    if "scan" in options:
        blocks = jax.tree.map(lambda *leaves: jnp.stack(leaves), *params["stack"].values())
        params["stack"] = {"blocks": blocks}
    task = catalogue.experiment(MASKED, None, task_kw=options).task
    begun = jax.eval_shape(lambda key: task.init(key, task.batch_spec), jax.random.key(0)).params["model"]
    batch = jax.tree.map(jnp.asarray, batch)
    assert jax.tree.map(jnp.shape, begun) == jax.tree.map(jnp.shape, params)

    def slope(task, params):
        def loss(params):
            return task.players[0].loss({"model": params}, {}, {}, batch, jax.random.key(0), 0)[0].value

        whole = jax.jit(task.predict)(Variables({"model": params}), batch, jax.random.key(0))["nats"]
        return whole, jax.jit(jax.grad(loss))(params)["embedding"]["positions"]

    for found, wanted in zip(slope(task, params), slope(experiment.task, variables.params["model"]), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_blocks_of_an_encoder_are_skipped_in_training_alone(masked):
    _, batch, variables = masked
    task, plain = (
        catalogue.experiment(MASKED, None, task_kw=dict(dropout=0.0, stochastic_depth=rate)).task for rate in (0.5, 0.0)
    )
    key = jax.random.key(0)
    losses = [
        float(jax.jit(each.players[0].loss)(variables.params, {}, {}, batch, key, 0)[0].value) for each in (task, plain)
    ]
    assert abs(losses[0] - losses[1]) > 1e-5
    found, whole = (jax.jit(each.predict)(variables, batch, key)["nats"] for each in (task, plain))
    np.testing.assert_array_equal(found, whole)


def test_a_pair_of_sentences_is_drawn_as_the_model_reads_it(masked):
    experiment, batch, variables = masked
    view = View(variables, {}, {"valid": batch}, jax.random.key(0), experiment.data.info, experiment.data.train)
    length, model = int(batch["length"][2]), experiment.task.makers["vectors"].args[0]
    drawn = experiment.task.makers["attention"](view, row=2)["heads"].arrays["parts"][0]["weights"]

    def weights(segments_BL):
        options = dict(train=False, return_attention=True)
        tokens = batch["tokens"][2:3, :length]
        return model.apply({"params": variables.params["model"]}, tokens, None, segments_BL, **options)[1]["attention"]

    np.testing.assert_allclose(drawn, weights(batch["segments"][2:3, :length])[0], atol=1e-6)
    assert np.abs(drawn - weights(None)[0]).max() > 1e-4
    with pytest.raises(Misuse, match="row=6: expected 0 to 5, the rows of this split"):
        experiment.task.makers["attention"](view, row=6)


def test_held_out_rows_are_hidden_alike_whatever_the_batch_and_the_seed(masked):
    experiment, batch, variables = masked
    predict = jax.jit(experiment.task.predict)
    some = predict(variables, batch, jax.random.key(0))
    again = predict(variables, {name: leaf[::-1] for name, leaf in batch.items()}, jax.random.key(9))
    np.testing.assert_array_equal(some["shown"], again["shown"][::-1])
    np.testing.assert_array_equal(some["places"], again["places"][::-1])
    np.testing.assert_allclose(some["nats"], again["nats"][::-1], atol=1e-5)


def by_hand(train, batch, outputs, info) -> float:
    """Nats of the hidden words of a batch by how often each occurs in training, once more than it does; marks are never guessed."""
    marks = Marks(*info["marks"])
    seen = Counter(
        token for row, length in zip(train["tokens"], train["length"], strict=True) for token in row[:length].tolist()
    )
    known = [token for token in range(info["size"]) if token not in (marks.pad, marks.start, marks.end, marks.mask)]
    total, hidden_words = sum(seen[token] + 1 for token in known), []
    for row, places, weights in zip(batch["tokens"], outputs["places"], outputs["weights"], strict=True):
        hidden_words += [int(row[place]) for place, weight in zip(places, weights, strict=True) if weight]
    return float(np.mean([np.log(total / (seen[token] + 1)) for token in hidden_words]))


def test_the_unigram_and_the_makers(masked):
    experiment, batch, variables = masked
    outputs = {
        name: np.asarray(leaf)
        for name, leaf in jax.jit(experiment.task.predict)(variables, batch, jax.random.key(0)).items()
    }
    view = View(
        variables, {"valid": outputs}, {"valid": batch}, jax.random.key(0), experiment.data.info, experiment.data.train
    )
    nats = experiment.task.scores["unigram"](view)["valid_nats"]
    assert nats == pytest.approx(by_hand(experiment.data.train.arrays, batch, outputs, experiment.data.info), rel=1e-6)
    made = experiment.task.makers["fill"](view, text="the [MASK] is a <mask> .", count=3)["fill"]
    assert len(made.splitlines()) == 3 and all(len(line.split("  ")) == 3 for line in made.splitlines()[1:])
    with pytest.raises(Misuse, match="has no mask"):
        experiment.task.makers["fill"](view, text="the list")
    pictures = experiment.task.makers["attention"](view, text="the list is a list")
    assert set(pictures) == {"attention.html", "heads", "rollout"}
    vectors = experiment.task.makers["vectors"](view, text="the list")["vectors"]
    assert vectors["hidden"].shape == (3, len(vectors["tokens"]), 32)
    with pytest.raises(Misuse, match="at most 24 tokens"):
        experiment.task.makers["vectors"](view, text="the list " * 30)
    reader = experiment.data.info["reader"]
    assert reading.given("the list " * 30, reader, None).shape[1] > 60  # where nothing has places
    with pytest.raises(Misuse, match=r"has 2 tokens: expected one or more words$"):
        reading.given(" ", reader, None)


def started(source, **changes):
    """The classifier of `smoke` on the checkpoint's tokeniser, started from `source`."""
    experiment = catalogue.experiment(CLASSIFIED, None)
    with experiment.config.unlocked():
        experiment.config.start.source = str(source)
        experiment.config.update_from_flattened_dict(changes)
        told = follow(experiment.config)
    return experiment, told


def test_one_line_starts_from_another_librarys_folder_and_a_frozen_encoder_keeps_every_bit(folder, tmp_path):
    frozen = (("model/(embedding|segments|norm|stack)", "frozen", 1),)
    experiment, told = started(folder, **{"optimizer.rules": frozen})
    assert "config.task_kw.size, config.data.tokeniser as it says" in told
    loop.train(experiment, tmp_path / "run", quiet=True)
    (found,) = restore.weights(experiment, tmp_path / "run")[1]
    params, given = found.params["model"], pretrained.opened(folder).params()
    for name in ("embedding", "segments", "norm", "stack"):
        jax.tree.map(np.testing.assert_array_equal, params[name], given[name])
    begun = jax.jit(lambda key: experiment.task.init(key, experiment.task.batch_spec))(jax.random.key(0)).params[
        "model"
    ]
    assert not np.array_equal(params["classifier"]["bias"], begun["classifier"]["bias"])
    again, _ = started(folder, **{"optimizer.rules": frozen})
    assert loop.train(again, tmp_path / "run", quiet=True)["step"] == 3  # the finished run is taken up


def test_without_rules_every_weight_goes_to_its_own_name(folder):
    experiment, _ = started(folder, **{"start.rules": ()})
    (source,) = restore.start_weights(experiment.config, folder, None, 1)
    target = experiment.task.init(jax.random.key(0), experiment.task.batch_spec)
    found = restore.transplant(target, source, ()).params["model"]
    np.testing.assert_array_equal(found["pooler"]["kernel"], source.params["model"]["pooler"]["kernel"])
    np.testing.assert_array_equal(found["classifier"]["kernel"], target.params["model"]["classifier"]["kernel"])
    with pytest.raises(Misuse, match="no weight of the source has the name of one here"):
        restore.transplant(target, Variables({"other": source.params["model"]}), ())
    fewer = {**source.params["model"], "stack": {"block_0": source.params["model"]["stack"]["block_0"]}}
    with pytest.raises(Misuse, match=r"model/stack/block_1/.* is not there in the source"):
        restore.transplant(target, Variables({"model": fewer}), ())


def test_a_start_that_does_not_fit_is_refused_before_anything_is_written(folder, tmp_path):
    experiment, _ = started(folder)
    experiment.config.task_kw.size = "turc-tiny"
    with pytest.raises(Misuse, match=r"model/.* is \[.*\] in the source, \[.*\] here"):
        loop.train(experiment, tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
    experiment, _ = started(folder)
    experiment.config.data.tokeniser = "byte_pair"
    with pytest.raises(Misuse, match=r"knows 61 tokens, the data's tokeniser 301: --config.data.tokeniser="):
        make_task(experiment.config)
    experiment, _ = started(folder)
    experiment.config.data.width = 40
    with pytest.raises(Misuse, match=r"data.width=40 tokens do not fit the 32 places"):
        make_task(experiment.config)


@pytest.mark.parametrize(
    ("task", "changes", "message"),
    [
        (MASKED, {"task_kw.network": "recurent"}, "did you mean 'recurrent'"),
        (MASKED, {"task_kw.network": "recurrent"}, r"fills masks alone: give data\.pairs=False"),
        (MASKED, {"task_kw.rate": 1.5}, "rate=1.5"), (MASKED, {"task_kw.size": "bsae"}, "did you mean 'base'"),
        (CLASSIFIED, {"data": {"name": "passages"}}, "has no classes"), (MASKED, {"data": {"name": "digits"}}, "no rows of marked sentences"),
    ],
)  # fmt: skip
def test_misuse_is_named(task, changes, message):
    config = catalogue.load(task)
    with config.unlocked(), config.ignore_type():
        for path, value in changes.items():
            parent, _, last = path.rpartition(".")
            (config[parent] if parent else config)[last] = value
    with pytest.raises(Misuse, match=message):
        make_task(config)


def test_a_checkpoint_is_no_run_and_a_run_no_checkpoint(folder, tmp_path):
    assert pretrained.is_checkpoint(folder)
    (tmp_path / "config.json").write_text(json.dumps({"task": "gan"}))
    assert not pretrained.is_checkpoint(tmp_path) and not pretrained.is_checkpoint(tmp_path / "none")
