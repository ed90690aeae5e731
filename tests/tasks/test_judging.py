"""Samples in the eyes of a judge: copies of the real set, samples that lost classes, and what each score says of them."""

import time
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv import figures
from dlcv.data.source import Examples
from dlcv.engine import catalogue, loop
from dlcv.engine.task import Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.models.cnn import cnn
from dlcv.models.net import Net
from dlcv.quality.frechet import frechet_distance
from dlcv.quality.verdict import class_kl, memorised, scale
from dlcv.tasks.judging import Judge, fitted, make_judge

rng = np.random.default_rng(0)
COUNT, CLASSES = 400, 10
MEANS = 4 * rng.normal(size=(CLASSES, 64))
TURNS = rng.normal(size=(2, 64, 64)).astype(np.float32)  # what two other judges see
JUDGE = Judge(Net(cnn("digits", 10)), (8, 8, 1), tuple("0123456789"))
judged = JUDGE.judged


def seen(labels):
    """Features [N, 64], the last of them always 0, and sure probabilities [N, 10] of images with these labels."""
    features = (MEANS[labels] + rng.normal(size=(len(labels), 64))).astype(np.float32)
    features[:, -1] = 0
    return features, (0.9 * np.eye(CLASSES)[labels] + 0.01).astype(np.float32)


def view(fake_labels, real_labels):
    outputs = {}
    for name, labels in (("real", real_labels), ("fake", fake_labels)):
        outputs[f"{name}_features"], outputs[f"{name}_classes"] = seen(labels)
        others = [outputs[f"{name}_features"] @ turn for turn in TURNS]
        outputs[f"{name}_seeds"] = np.stack([outputs[f"{name}_features"], *others], 1)
    outputs["samples"] = rng.random((len(fake_labels), 8, 8, 1), np.float32)
    images = rng.integers(0, 256, (len(real_labels), 8, 8, 1), np.uint8)
    info = {"classes": tuple("0123456789")}
    return View(Variables({}), {"valid": outputs}, {"valid": {"image": images}}, jax.random.key(0), info)


LABELS = np.arange(COUNT) % CLASSES
EVEN, COLLAPSED = view(LABELS, LABELS), view(LABELS % 2, LABELS)


def test_samples_of_the_real_distribution_score_as_the_floor():
    found = judged(EVEN)
    assert set(found) == {
        "frechet", "frechet_floor", "frechet_std", "frechet_floor_std",
        "confidence", "classes", "kid", "kid_std", "kid_floor", "precision", "recall", "density", "coverage",
        "class_kl", "inception_score", "ndb", "ndb_floor", "jsd", "jsd_floor", "diversity", "diversity_real",
    }  # fmt: skip
    assert all(np.isfinite(value) for value in found.values())
    assert 0.5 < found["frechet"] / found["frechet_floor"] < 2
    assert abs(found["kid"]) < 0.2 and abs(found["kid_floor"]) < 0.2
    assert min(found["precision"], found["recall"], found["coverage"]) > 0.85 and 0.8 < found["density"] < 1.2
    assert found["class_kl"] < 0.1 and found["classes"] == 10
    assert max(found["ndb"], found["ndb_floor"]) <= 0.2 and max(found["jsd"], found["jsd_floor"]) < 0.05
    assert 0.95 < found["diversity"] / found["diversity_real"] < 1.05
    np.testing.assert_allclose(found["confidence"], 0.91, rtol=1e-5)
    entropy = -(0.91 * np.log(0.91) + 9 * 0.01 * np.log(0.01))
    np.testing.assert_allclose(found["inception_score"], 10 * np.exp(-entropy), rtol=0.02)


def test_lost_classes_are_precise_and_seen_by_all_else():
    found, even = judged(COLLAPSED), judged(EVEN)
    assert found["precision"] > 0.85 and found["classes"] == 2
    assert found["recall"] < 0.4 and found["coverage"] < 0.4
    assert found["kid"] > 50 * abs(even["kid"]) and found["frechet"] > 3 * even["frechet"]
    assert found["ndb"] > 0.7 and found["jsd"] > 0.3 and found["diversity"] < 0.8 * found["diversity_real"]
    assert 1.4 < found["class_kl"] < 1.9  # log 5, the real half not quite even
    assert found["inception_score"] < 0.3 * even["inception_score"]


def test_the_distance_is_told_by_every_judge_with_the_floor_of_each():
    outputs, half = EVEN.outputs["valid"], COUNT // 2
    order = np.random.default_rng(0).permutation(COUNT)
    wanted = {"frechet": [], "frechet_floor": []}
    for seed in range(3):
        first, second = (outputs["real_seeds"][rows, seed] for rows in (order[:half], order[half:]))
        wanted["frechet"].append(frechet_distance(outputs["fake_seeds"][order[:half], seed], second))
        wanted["frechet_floor"].append(frechet_distance(first, second))
    found = judged(EVEN)
    for name, values in wanted.items():
        np.testing.assert_allclose(
            (found[name], found[f"{name}_std"]), (np.mean(values), np.std(values, ddof=1)), rtol=1e-9
        )
    assert found["frechet_std"] > 0


def test_scores_take_less_than_a_second_of_the_processor():
    judged(EVEN)
    begun = time.process_time()
    judged(EVEN)
    assert time.process_time() - begun < 1


def test_class_kl_by_hand():
    fake, real = np.eye(3)[[0, 0, 1, 2]], np.eye(3)[[0, 0, 1, 1]]
    np.testing.assert_allclose(class_kl(real, real), 0)
    wanted = 0.5 * np.log(0.5 / (2 / 4.5)) + 0.25 * np.log(0.25 / (2 / 4.5)) + 0.25 * np.log(0.25 / (0.5 / 4.5))
    np.testing.assert_allclose(class_kl(fake, real), wanted)


def test_a_split_too_small_is_named():
    labels = np.arange(11) % CLASSES
    with pytest.raises(Misuse, match=r"need 12 held-out examples, got 11: raise data\.valid_limit"):
        judged(view(labels, labels))


def test_a_copy_stands_above_its_original():
    copied = view(LABELS, LABELS)
    copied.outputs["valid"]["fake_features"][:3] = copied.outputs["valid"]["real_features"][[50, 7, 99]]
    figure = JUDGE.neighbours_figure(copied)
    arrays = figure.arrays
    np.testing.assert_allclose(arrays["rows"]["nearest real"][:3], copied.examples["valid"]["image"][[50, 7, 99]] / 255)
    assert arrays["captions"]["nearest real"][:3] == ["0.0"] * 3 and float(arrays["captions"]["2nd real"][0]) > 1
    assert arrays["columns"][:3] == ["0", "1", "2"] and "held-out" in arrays["title"]


def blobs(count):
    """Pictures [N, 8, 8, 1] of a spot anywhere."""
    place, grid = rng.uniform(1, 6, (count, 1, 1, 2)), np.stack(np.meshgrid(np.arange(8), np.arange(8)), -1)
    return np.rint(255 * np.exp(-((grid - place) ** 2).sum(-1, keepdims=True) / 4)).astype(np.uint8)


def test_a_generator_that_copies_training_images_is_caught():
    """Over 600 training images unlike the batch that is judged in one call: the images come back in their order."""
    train, held_out, fresh = blobs(600), blobs(60), blobs(60)
    params, stats = JUDGE.init(jax.random.key(0))
    variables = Variables({"judge": params}, {"judge": stats})

    def scene(samples):
        shown = {
            name: jnp.asarray(images / 127.5 - 1, jnp.float32)
            for name, images in (("real", held_out), ("fake", samples))
        }
        outputs = jax.tree.map(np.asarray, JUDGE.outputs(variables, **shown))
        return View(variables, {"valid": {**outputs, "samples": samples / 255}}, {"valid": {"image": held_out}},
                    jax.random.key(0), {}, Examples({"image": train}))  # fmt: skip

    thief, honest = scene(train[rng.integers(600, size=60)]), scene(fresh)
    assert judged(thief)["copying"] > 0.95 and 0.3 < judged(honest)["copying"] < 0.7
    assert "copying" not in judged(replace(thief, train=None))
    stolen = JUDGE.neighbours_figure(thief).arrays
    np.testing.assert_allclose(stolen["rows"]["nearest real"], stolen["rows"]["samples"])
    assert "training" in stolen["title"] and set(stolen["captions"]["nearest real"]) == {"0.0"}
    images, features = JUDGE.training(honest)
    wanted = np.asarray(JUDGE.looks(variables, jnp.asarray(images[-3:] / 127.5 - 1, jnp.float32))[0][0])
    np.testing.assert_allclose(features[-3:], wanted, atol=1e-4)
    assert JUDGE.training(honest)[1] is features  # the same set by the same judge is looked at once
    changed = jax.tree.map(lambda w: 2 * w, honest.variables)
    assert np.abs(JUDGE.training(replace(honest, variables=changed))[1] - features).max() > 1e-3
    assert len(JUDGE.training(replace(honest, train=Examples({"image": train[:50]})))[1]) == 50


def test_copying_is_of_features_over_the_real_spread():
    real, train = rng.normal(size=(2, 50, 4)) * [1, 1, 1, 1e4]
    assert memorised(train + [0, 0, 0, 1.0], real, train) == 1.0
    assert scale(np.zeros((5, 2))).tolist() == [1, 1]


def setup(classes, channels=1, **spec):
    image = jax.ShapeDtypeStruct((4, 28, 28, channels), np.uint8)
    label = {"label": jax.ShapeDtypeStruct((4,), np.int32)}
    return Setup({"image": image, **label}, {"classes": classes, **spec}, lambda *_: optax.sgd(0.1), 10, jnp.float32)


def test_a_task_joined_by_its_judge_has_the_frozen_subtree_and_its_own_variables_bit_by_bit():
    own = Variables({"model": {"w": jnp.arange(3.0)}}, {"model": {"mean": jnp.ones(2)}})
    task = Task(lambda key, spec: own, (), {}, None, {}, frozen=("perceptual",))
    joined, key = JUDGE.join(task), jax.random.key(3)
    found, (params, stats) = joined.init(key, {}), JUDGE.init(key)
    jax.tree.map(np.testing.assert_array_equal, found.params, {**own.params, "judge": params})
    jax.tree.map(np.testing.assert_array_equal, found.stats, {**own.stats, "judge": stats})
    assert joined.frozen == ("perceptual", "judge") and joined.least_examples == 12


@pytest.mark.parametrize("name", ["dcgan", "vae", "autoencoder", "pix2pix"])
def test_a_split_too_small_is_named_before_the_judge_is_trained(name, tmp_path):
    experiment = catalogue.experiment(f"experiments/generative/{name}.py:default", None)
    with experiment.config.unlocked():
        experiment.config.data.valid_limit = 11
    with pytest.raises(Misuse, match=r"need 12 held-out examples, split 'valid' has 11: raise data\.valid_limit"):
        loop.train(experiment, tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_judge_is_as_its_experiment_is_whatever_it_judges():
    judge = make_judge("experiments/vision/cnn.py:default", setup(("cat", "dog"), 3))
    assert (judge.shape, judge.classes, judge.seeds, judge.name) == ((28, 28, 1), tuple("0123456789"), 3, "lenet")
    params, stats = jax.eval_shape(judge.init, jax.random.key(0))
    assert set(params) == set(stats) == {"0", "1", "2"} and params["0"]["head"]["kernel"].shape[1] == 10
    assert judge.metrics == {} and set(judge.figures) == {"neighbours"} and set(judge.scores) == {"lenet"}
    known = make_judge("experiments/vision/cnn.py:default", setup(judge.classes))
    assert set(known.metrics) == {"as_asked"} and set(known.figures) == {"histogram", "neighbours"}
    colour = make_judge("experiments/vision/cnn.py:small", setup(()))
    assert (colour.shape, colour.name, set(colour.scores)) == ((32, 32, 3), "cifar", {"cifar"})
    assert make_judge("", setup(())) is None
    with pytest.raises(Misuse, match="trains no CNN"):
        make_judge("experiments/vision/vit.py:default", setup(()))


def test_every_experiment_starts_its_judge_from_the_experiment_it_names():
    """Else a judge of other data would speak, or one with other seeds."""
    judged = 0
    for name, file in catalogue.files().items():
        for rung in catalogue.rungs(file) if name.startswith("generative/") else ():
            config = catalogue.load(f"experiments/{name}.py:{rung}")
            if judge := config.get("task_kw", {}).get("judge", ""):
                assert config.start.source in (judge, ""), (name, rung)
                judged += bool(config.start.source)
    assert judged > 20


def test_images_are_brought_to_the_judge_s_shape():
    images = jnp.asarray(rng.normal(size=(2, 16, 16, 3)), jnp.float32)
    np.testing.assert_allclose(fitted(images, (16, 16, 1))[..., 0], images @ np.array([0.299, 0.587, 0.114]), atol=1e-5)
    grey = fitted(images[..., :1], (8, 8, 3))
    assert grey.shape == (2, 8, 8, 3) and (grey[..., 0] == grey[..., 2]).all()
    np.testing.assert_allclose(fitted(jnp.full((1, 28, 28, 1), 0.3), (32, 32, 1)), 0.3, rtol=1e-6)
    assert fitted(images, (16, 16, 3)) is images


@pytest.mark.parametrize("name", JUDGE.figures)
def test_figures_are_drawn(name, tmp_path):
    figure = JUDGE.figures[name](COLLAPSED)
    assert figures.draw(figure.kind, tmp_path / f"{name}.png", **figure.arrays).stat().st_size > 3000


def test_a_thousand_classes_are_drawn(tmp_path):
    shares = {"real": np.full(1000, 1e-3), "samples": rng.dirichlet(np.ones(1000))}
    file = figures.draw("histogram", tmp_path / "many.png", shares=shares, classes=[str(one) for one in range(1000)])
    assert file.stat().st_size > 3000
