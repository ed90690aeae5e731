"""Every experiment: it says what it reproduces, its `paper` has shapes, its `smoke` runs, learns, resumes and shards.

By default one experiment a task runs; `-m all` runs every one and the guarantees that cost more.
"""

import json
import math
from functools import partial

import jax
import numpy as np
import pytest

from dlcv.engine import catalogue, loop, step
from dlcv.engine import config as configs
from dlcv.engine.config import RUNGS
from dlcv.engine.execution import Execution
from dlcv.engine.experiment import make_task
from dlcv.engine.study import run_study
from dlcv.errors import Misuse

FILES = catalogue.files()
RESULT_KEYS = {
    "experiment", "rung", "step", "seeds", "metrics", "reference", "seconds", "devices", "versions", "params_sha256", "best",
}  # fmt: skip
# Task -> (steps, learning rate, the loss of its first player that one batch is brought below).
OVERFIT = {
    "classification": (40, 3e-3, 0.5),
    "source_only": (30, 3e-3, 0.5),
    "dann": (30, 3e-3, 1.5),
    "discrepancy": (30, 3e-3, 1.0),
    "dsn": (30, 3e-3, 1.5),
    "adda": (30, 3e-3, 0.7),
    "pix2pix": (30, 2e-3, 0.55),
    "text_to_image": (40, 2e-3, 3.0),
    "ctc": (80, 3e-2, 0.5),
    "word2vec": (40, 20.0, 0.1),
    "gan": (30, 2e-3, 0.7),
    "acgan": (30, 2e-3, 2.6),  # its fake images have no class yet, which costs log 10
    "infogan": (60, 1e-2, 1.2),  # its posterior stands still with the generator
    "language_model": (60, 2e-2, 1.5),
    "causal_language_model": (80, 1e-2, 1.0),
    "prefix_language_model": (80, 1e-2, 1.5),  # its prefixes are drawn anew
    "word_model": (60, 2e-2, 1.8),
    "vae": (60, 3e-3, 300.0),
    "autoencoder": (60, 1e-2, 0.25),
    "sequence_vae": (60, 2e-2, 2.2),
    "sequence_reading": (80, 2e-2, 0.02),
    "colourisation": (60, 1e-2, 0.3),
    "sketch_rnn": (60, 2e-2, 1.0),
    "stroke_classification": (40, 1e-2, 0.9),  # its labels are smoothed
    "seq2seq": (80, 2e-2, 0.5),
    "masked_language_model": (80, 1e-2, 4.5),  # other words are hidden in every step; with log 2 for the sentence pairs
    "sentence_classification": (40, 1e-2, 0.5),
    "latent_semantics": (80, 3e-2, 0.1),
    "masked_recovery": (80, 1e-2, 0.2),
    "translation": (80, 1e-2, 0.5),
}

# (experiment, metric of a later player or of a variant that is not the first of its task) -> the same, and whether it runs by default
OVERFIT_BY_OTHERS = {
    ("generative/colourisation", "painter/loss"): (60, 1e-2, 0.2, True),
    ("generative/adversarial_colourisation", "painter/absolute_error"): (60, 1e-2, 0.25, False),
    ("generative/pix2pix", "generator/l1"): (25, 5e-3, 0.4, True),
    ("generative/acgan", "generator/class_loss"): (60, 5e-3, 1.2, True),
    ("generative/infogan", "generator/loss"): (40, 5e-3, 0.4, False),  # its codes' nats count against the rest
    ("generative/dcgan", "generator/loss"): (30, 5e-3, 0.45, False),
}


def source(name: str, rung: str) -> str:
    return f"experiments/{name}.py:{rung}"


def is_study(name: str) -> bool:
    return "study" in catalogue.load(source(name, "smoke"))


SYSTEMS = [name for name in FILES if not is_study(name)]
STUDIES = [name for name in FILES if is_study(name)]
FIRST = {catalogue.load(source(name, "smoke")).task: name for name in reversed(SYSTEMS)}  # one a task file


def changed(config, **changes):
    """A copy with some fields changed, "ema.decay" written as ema__decay."""
    config = config.copy_and_resolve_references().unlock()
    config.update_from_flattened_dict({name.replace("__", "."): value for name, value in changes.items()})
    return config


def every_optimizer(config, **changes):
    """Changes the fields of each player's optimiser."""
    config = config.copy_and_resolve_references().unlock()
    for fields in [config.optimizer] if "name" in config.optimizer else config.optimizer.values():
        fields.update(changes)
    return config


def finite(tree) -> bool:
    return all(np.isfinite(np.asarray(leaf, np.float64)).all() for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize("name", FILES)
def test_the_docstring_says_what_is_reproduced(name):
    line = next(line for line in catalogue.listing().splitlines() if line.split()[0] == name)
    text = FILES[name].read_text()
    docstring = text.split('"""')[1]
    assert "Paper" in docstring and any(str(year) in docstring for year in range(1950, 2035))
    assert line.endswith(docstring.splitlines()[0]) and docstring.splitlines()[0].endswith(".")


@pytest.mark.parametrize("name", FILES)
def test_every_rung_gives_a_config_that_can_be_run(name):
    for rung in catalogue.rungs(FILES[name]):
        config = catalogue.load(source(name, rung))
        if "study" not in config:
            configs.check(config)
        assert configs.resolved(config) == json.loads(json.dumps(configs.resolved(config)))
    assert set(catalogue.rungs(FILES[name])) <= set(RUNGS)
    with pytest.raises(Misuse, match="unknown rung 'papper'"):
        catalogue.load(source(name, "papper"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_task_of_smoke_can_be_made(name):
    """Its schedules fit into three steps, its names are known."""
    assert make_task(catalogue.load(source(name, "smoke"))).players


@pytest.mark.parametrize("name", SYSTEMS)
def test_paper_has_shapes_owners_and_a_step(name):
    """No data is read, no file is written, nothing is computed."""
    config = catalogue.load(source(name, "paper" if "paper" in catalogue.rungs(FILES[name]) else "small"))
    task = make_task(config)
    state = jax.eval_shape(
        partial(step.init_state, task), jax.random.key(0)
    )  # raises unless each subtree has one owner
    rows = config.batch_size * max(player.steps for player in task.players)
    batch = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((rows, *leaf.shape[1:]), leaf.dtype), dict(task.batch_spec))
    after, metrics = jax.eval_shape(partial(step.train_step, task=task), state, batch, jax.random.key(0))
    same = jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), state, after)
    assert all(jax.tree.leaves(same))
    assert {f"{player.name}/loss" for player in task.players} <= set(metrics)
    assert all(leaf.shape == () for leaf in jax.tree.leaves(metrics))


def smoke(name: str, **changes):
    return catalogue.experiment(source(name, "smoke"), None, **changes)


def check_workdir(experiment, result: dict, folder) -> None:
    """The result of three steps, and everything that a run leaves on disk."""
    config, task = experiment.config, experiment.task
    assert result["step"] == config.steps == 3 and set(result) >= RESULT_KEYS
    assert json.loads((folder / "result.json").read_text()) == json.loads(json.dumps(result))
    assert json.loads((folder / "config.json").read_text()) == configs.resolved(config)
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert finite([value for line in lines for value in line.values() if not isinstance(value, str)])
    assert {line["split"] for line in lines} >= {"train", *experiment.data.splits}
    expected = {f"{split}/{metric}" for split in experiment.data.splits for metric in task.metrics}
    assert expected <= set(result["metrics"])
    assert all(set(value) == {"mean", "std"} and math.isfinite(value["mean"]) for value in result["metrics"].values())
    pictures = {path.stem for path in (folder / "figures" / "3").glob("*.png")}
    assert pictures == set(task.figures) and (folder / "figures" / "curves.png").stat().st_size > 1000
    assert "3" in [path.name for path in (folder / "checkpoints").iterdir()]
    assert list((folder / "tensorboard").iterdir())


@pytest.mark.parametrize("name", sorted(FIRST.values()))
def test_smoke_runs_and_leaves_what_a_workdir_holds(name, tmp_path):
    experiment = smoke(name)
    check_workdir(experiment, loop.train(experiment, tmp_path / "run", quiet=True), tmp_path / "run")
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["3"]


@pytest.mark.parametrize("name", sorted(FIRST.values()))
def test_data_and_outputs_have_the_declared_shapes(name):
    experiment = smoke(name)
    config, task, data = experiment.config, experiment.task, experiment.data
    train = data.train
    read = train.batch if hasattr(train, "batch") else lambda *where: train.gather(train.arrays, train.indices(*where))
    found = jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), dict(read(0, 0, config.batch_size)))
    assert found == jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), dict(task.batch_spec))
    held = next(iter(data.splits.values()))
    sweep = held.sweep(config.eval_batch_size)
    if hasattr(held, "__len__"):
        assert sum(int(mask.sum()) for _, mask in sweep) == len(held)
    rows, mask = sweep[0]
    batch = {**held.gather(held.arrays, rows), "mask": mask}
    spec = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((len(mask), *leaf.shape[1:]), leaf.dtype), task.batch_spec)
    variables = jax.eval_shape(lambda key: task.init(key, spec), jax.random.key(0))
    outputs = dict(jax.eval_shape(task.predict, variables, batch, jax.random.key(0)))
    outputs.pop("carry", None)
    assert {leaf.shape[0] for leaf in jax.tree.leaves(outputs)} == {len(mask)}


def overfitted(name: str, metric: str, steps: int, rate: float) -> np.ndarray:
    """The metric, "<player>/<name>", over steps on one batch, while every other player stands still."""
    config = every_optimizer(
        changed(smoke(name).config, steps=steps), learning_rate=rate, schedule="constant", warmup=0, weight_decay=0.0
    )
    if "augmentation" in config.task_kw:
        config.task_kw.augmentation = ()
    for opponent in make_task(config).players:
        if opponent.name != metric.split("/")[0]:
            config.optimizer[opponent.name].learning_rate = 0.0
    config.dtype = "float32"
    experiment = type(smoke(name))(config, None)
    execution = Execution(experiment.task, config, experiment.data.train, experiment.mesh)
    execution.load(execution.initial())
    feed = execution.feed(0)
    return np.ravel(jax.device_get([execution.advance(feed, [True])[0][metric] for _ in range(steps)]))


@pytest.mark.parametrize("name", sorted(FIRST.values()))
def test_one_batch_is_overfitted(name):
    """By the first player: against one that stands still, a discriminator learns to tell."""
    steps, rate, below = OVERFIT[smoke(name).config.task]
    losses = overfitted(name, f"{smoke(name).task.players[0].name}/loss", steps, rate)
    assert np.isfinite(losses).all() and losses[-1] < below < losses[0], losses


@pytest.mark.parametrize(
    ("name", "metric"),
    [pytest.param(*key, marks=() if row[-1] else pytest.mark.all) for key, row in OVERFIT_BY_OTHERS.items()],
)
def test_one_batch_is_overfitted_by_other_players_too(name, metric):
    steps, rate, below, _ = OVERFIT_BY_OTHERS[name, metric]
    values = overfitted(name, metric, steps, rate)
    assert np.isfinite(values).all() and values[-1] < below < values[0], values


def same_run(one, other, left, right) -> None:
    for key in ("params_sha256", "metrics", "best", "by_seed"):
        assert one[key] == other[key], key
    assert (left / "metrics.jsonl").read_text() == (right / "metrics.jsonl").read_text()


class Stopped(Exception):
    pass


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.all) for name in SYSTEMS])
def test_a_resumed_run_equals_an_uninterrupted_one(name, tmp_path, monkeypatch):
    make = partial(smoke, name, checkpoint_every=1)
    experiment = make()
    whole = loop.train(experiment, tmp_path / "whole", quiet=True)
    check_workdir(experiment, whole, tmp_path / "whole")
    monkeypatch.setattr(loop.report, "draw", lambda *_: None)  # pictures show what is compared below as numbers
    monkeypatch.setattr(loop.report, "closing_figures", lambda *_: None)
    plain, calls = loop.Run._call, []

    def stopping(self):
        if len(calls) == 2:
            raise Stopped
        plain(self)
        calls.append(self.step)

    monkeypatch.setattr(loop.Run, "_call", stopping)
    with pytest.raises(Stopped):
        loop.train(make(), tmp_path / "run", quiet=True)
    monkeypatch.setattr(loop.Run, "_call", plain)
    same_run(loop.train(make(), tmp_path / "run", quiet=True), whole, tmp_path / "run", tmp_path / "whole")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.all) for name in STUDIES])
def test_a_study_runs_and_runs_again(name, tmp_path):
    config = catalogue.load(source(name, "smoke"))
    results = [run_study(config, tmp_path / "run", None, name=name, rung="smoke", quiet=True) for _ in range(2)]
    assert {"experiment", "rung", "metrics", "reference", "seconds", "devices", "versions"} <= set(results[0])
    assert json.loads((tmp_path / "run" / "result.json").read_text()) == json.loads(json.dumps(results[1]))
    assert results[0]["metrics"] == results[1]["metrics"]
    assert list((tmp_path / "run").rglob("*.png"))
