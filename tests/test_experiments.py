"""Every experiment: it says what it reproduces, its `paper` has shapes, its `smoke` runs, learns, resumes and shards.

By default one experiment a task runs; `-m all` runs every one and the guarantees that cost more.
"""

import json
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import blind_answers as blind
import jax
import numpy as np
import pytest

from dlcv.engine import catalogue, loop, step
from dlcv.engine import config as configs
from dlcv.engine.config import RUNGS
from dlcv.engine.execution import Execution
from dlcv.engine.experiment import Experiment, make_task
from dlcv.engine.study import run_study
from dlcv.errors import Misuse

FILES = catalogue.files()
RESULT_KEYS = {
    "experiment", "rung", "step", "seeds", "metrics", "reference", "seconds", "devices", "versions", "params_sha256", "best",
}  # fmt: skip


class Goal(NamedTuple):
    """Steps on one batch at a learning rate, and how much may be left at their end of what the best answer that ignores its input costs."""

    steps: int
    rate: float
    blind: Callable[..., float]
    share: float
    floor: Callable[..., float] = blind.nothing  # what no answer is below; the share is of what lies above it
    always: bool = True  # False: with -m all

    def below(self, batch, info) -> float:
        floor = self.floor(batch, info)
        return floor + self.share * (self.blind(batch, info) - floor)


# Task -> what its first player's loss is brought to in the first experiment of that task.
OVERFIT = {
    "classification": Goal(40, 3e-3, blind.classes, 0.25),
    "source_only": Goal(30, 3e-3, blind.source_classes, 0.25),
    "dann": Goal(30, 3e-3, blind.source_classes, 0.25),
    "discrepancy": Goal(30, 3e-3, blind.source_classes, 0.25),
    "dsn": Goal(40, 3e-3, blind.source_classes, 0.25),  # its other losses, not below 0, come on top
    "adda": Goal(30, 3e-3, blind.real_or_fake, 0.25),
    "pix2pix": Goal(40, 2e-3, blind.half_of_real_or_fake, 0.6),
    "text_to_image": Goal(80, 2e-3, blind.any_sentence, 0.8),
    "ctc": Goal(80, 3e-2, blind.strings, 0.25),
    "word2vec": Goal(40, 20.0, blind.told_words, 0.25),
    "gan": Goal(30, 2e-3, blind.real_or_fake, 0.25),
    "acgan": Goal(40, 2e-3, blind.classes_of_real_and_fake, 0.6),  # its fake images have no class yet, which costs half
    "infogan": Goal(80, 1e-2, blind.real_or_fake, 0.8),  # its posterior stands still with the generator
    "language_model": Goal(80, 2e-2, blind.next_tokens_by_place, 0.5),
    "causal_language_model": Goal(80, 1e-2, blind.next_tokens_by_place, 0.5),
    "prefix_language_model": Goal(100, 1e-2, blind.next_tokens_by_place, 0.5),  # its prefixes are drawn anew
    "word_model": Goal(60, 2e-2, blind.next_tokens, 0.6),  # the last 8 words of rows of 8 do not tell the place
    "vae": Goal(1000, 1e-2, blind.mean_pixels_of_classes, 0.85, floor=blind.drawn_pixels),  # the first is conditional
    "autoencoder": Goal(400, 1e-2, blind.mean_image, 0.5),
    "sequence_vae": Goal(300, 2e-2, blind.next_tokens_by_place, 0.6),
    "sequence_reading": Goal(80, 2e-2, blind.mean_number, 0.2),
    "colourisation": Goal(40, 1e-2, blind.real_or_fake, 0.25),
    "sketch_rnn": Goal(100, 2e-2, blind.points, 0.5),
    "stroke_classification": Goal(60, 1e-2, blind.classes, 0.25),
    "seq2seq": Goal(60, 2e-2, blind.targets_by_place, 0.25),
    "masked_language_model": Goal(350, 1e-2, blind.words_by_place, 0.6),  # other words are hidden in every step
    "sentence_classification": Goal(40, 1e-2, blind.classes, 0.25),
    "latent_semantics": Goal(40, 3e-2, blind.mean_bag, 0.25),
    "masked_recovery": Goal(200, 5e-3, blind.missing_numbers_by_place, 0.4),
    "translation": Goal(60, 1e-2, blind.targets_by_place, 0.25),
}

# (experiment, "player/metric") -> the same, of a later player or of an experiment that is not the first of its task.
OVERFIT_TOO = {
    ("generative/vae", "autoencoder/loss"): Goal(300, 1e-2, blind.mean_pixels, 0.5, floor=blind.drawn_pixels),
    ("generative/denoising", "autoencoder/loss"): Goal(500, 1e-2, blind.mean_image, 0.6),
    ("generative/colourisation", "painter/loss"): Goal(80, 1e-2, blind.mean_colours, 0.6),
    ("generative/adversarial_colourisation", "painter/absolute_error"): Goal(80, 1e-2, blind.median_colours, 0.6, always=False),
    ("generative/pix2pix", "generator/l1"): Goal(120, 1e-2, blind.median_image, 0.7),
    ("generative/acgan", "generator/class_loss"): Goal(70, 5e-3, blind.classes, 0.5),
}  # fmt: skip

# Experiment -> (steps, learning rate of its generator, what is left of the distance of samples to images).
GENERATORS = {
    "generative/dcgan": (60, 1e-2, 0.6),
    "generative/ebgan": (100, 1e-3, 0.8),
    "generative/text_to_image": (50, 6e-3, 0.7),
}

# What blurs a loss that is to be overfitted; a decoder of tokens that sees hardly any of those before is told by its code alone.
UNBLURRED = {"augmentation": (), "label_smoothing": 0.0, "word_dropout": 0.99}


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


def begun(experiment: Experiment):
    """(an execution at its first step, what it is fed then, the batch that this is)."""
    execution = Execution(experiment.task, experiment.config, experiment.data.train, experiment.mesh)
    execution.load(execution.initial())
    feed = execution.feed(0)
    rows = jax.tree.map(lambda leaf: leaf[0], feed[0])
    batch = rows if execution.gather is None else execution.gather(execution.arrays, rows)
    return execution, feed, jax.tree.map(np.asarray, dict(batch))


def check_overfitted(name: str, metric: str, goal: Goal) -> None:
    """The metric, "<player>/<name>", over steps on one batch, while every other player stands still."""
    config = changed(smoke(name).config, steps=goal.steps, dtype="float32")
    config = every_optimizer(config, learning_rate=goal.rate, schedule="constant", warmup=0, weight_decay=0.0)
    config.task_kw.update({option: value for option, value in UNBLURRED.items() if option in config.task_kw})
    for opponent in make_task(config).players:
        if opponent.name != metric.split("/")[0]:
            config.optimizer[opponent.name].learning_rate = 0.0
    experiment = Experiment(config, None)
    execution, feed, batch = begun(experiment)
    below = goal.below(batch, experiment.data.info)
    found = np.ravel(jax.device_get([execution.advance(feed, [True])[0][metric] for _ in range(goal.steps)]))
    assert np.isfinite(found).all() and found[-10:].mean() < below < found[0], (below, found)


@pytest.mark.parametrize("name", sorted(FIRST.values()))
def test_one_batch_is_overfitted(name):
    """By the first player: against one that stands still, a discriminator learns to tell."""
    task = smoke(name).config.task
    check_overfitted(name, f"{smoke(name).task.players[0].name}/loss", OVERFIT[task])


@pytest.mark.parametrize(
    ("name", "metric"),
    [pytest.param(*key, marks=() if goal.always else pytest.mark.all) for key, goal in OVERFIT_TOO.items()],
)
def test_one_batch_is_overfitted_by_other_players_too(name, metric):
    check_overfitted(name, metric, OVERFIT_TOO[name, metric])


def apart(samples, images) -> float:
    """The squared distance of two batches' pixels in mean and in standard deviation, a mean over pixels."""
    samples, images = (np.asarray(each, np.float64) for each in (samples, images))
    return float(((samples.mean(0) - images.mean(0)) ** 2 + (samples.std(0) - images.std(0)) ** 2).mean())


def played(name: str, steps: int, rate: float):
    """(an execution after steps on one batch, that batch, its variables, the same with the generator's first weights).

    Both players train, the generator at this rate, the discriminator as the experiment says. The generator's statistics are the last ones
    in both, so that nothing but its weights tells them apart.
    """
    config = changed(smoke(name).config, steps=steps, dtype="float32", optimizer__generator__learning_rate=rate)
    execution, feed, batch = begun(Experiment(config, None))
    first = execution.initial()[0].variables.params["generator"]
    for _ in range(steps):
        execution.advance(feed, [True])
    last = execution.states()[0].variables
    return execution, batch, last, last.replace(params={**last.params, "generator": first})


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_samples_come_nearer_to_the_images_of_one_batch(name):
    """Told by the discriminator alone: no loss of the generator has seen an image."""
    steps, rate, share = GENERATORS[name]
    execution, batch, last, still = played(name, steps, rate)
    draw = jax.jit(lambda variables, batch: execution.task.predict(variables, batch, jax.random.key(1))["samples"])
    near, far = (apart(draw(variables, batch), batch["image"] / 255) for variables in (last, still))
    assert near < share * far, (near, far)


def test_the_generator_of_infogan_draws_what_its_codes_say():
    """Its first weights, before the same discriminator and posterior, cost a nat more; its images come near later than a test can wait."""
    execution, batch, last, still = played("generative/infogan", 60, 1e-3)

    @jax.jit
    def cost(variables, batch):
        collections = variables.params, variables.stats, variables.carry
        return execution.task.players[-1].loss(*collections, batch, jax.random.key(1), 0)[0].value

    near, far = (float(cost(variables, batch)) for variables in (last, still))
    assert near < far - 1, (near, far)


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
