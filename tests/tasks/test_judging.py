"""Samples in the eyes of a judge: copies of the real set, samples that lost classes, and what each score says of them."""

import time

import jax
import numpy as np
import pytest

from dlcv import figures
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.quality.frechet import frechet_distance
from dlcv.tasks.judging import FIGURES, class_kl, judged, neighbours_figure

rng = np.random.default_rng(0)
COUNT, CLASSES = 400, 10
MEANS = 4 * rng.normal(size=(CLASSES, 64))


def seen(labels):
    """Features [N, 64], the last of them always 0, and sure probabilities [N, 10] of images with these labels."""
    features = (MEANS[labels] + rng.normal(size=(len(labels), 64))).astype(np.float32)
    features[:, -1] = 0
    return features, (0.9 * np.eye(CLASSES)[labels] + 0.01).astype(np.float32)


def view(fake_labels, real_labels):
    outputs = {}
    for name, labels in (("real", real_labels), ("fake", fake_labels)):
        outputs[f"{name}_features"], outputs[f"{name}_classes"] = seen(labels)
    outputs["samples"] = rng.random((len(fake_labels), 8, 8, 1), np.float32)
    images = rng.integers(0, 256, (len(real_labels), 8, 8, 1), np.uint8)
    info = {"classes": tuple("0123456789")}
    return View(Variables({}), {"valid": outputs}, {"valid": {"image": images}}, jax.random.key(0), info)


LABELS = np.arange(COUNT) % CLASSES
EVEN, COLLAPSED = view(LABELS, LABELS), view(LABELS % 2, LABELS)


def test_samples_of_the_real_distribution_score_as_the_floor():
    found = judged(EVEN)
    assert set(found) == {
        "frechet", "frechet_floor", "confidence", "classes", "kid", "kid_floor", "precision", "recall", "density", "coverage",
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


def test_the_older_scores_are_what_they_were():
    outputs, half = EVEN.outputs["valid"], COUNT // 2
    order = np.random.default_rng(0).permutation(COUNT)
    first, second = (outputs["real_features"][rows] for rows in (order[:half], order[half:]))
    found = judged(EVEN)
    assert found["frechet"] == frechet_distance(outputs["fake_features"][:half], second)
    assert found["frechet_floor"] == frechet_distance(first, second)


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
    arrays = neighbours_figure(copied).arrays
    np.testing.assert_allclose(arrays["rows"]["nearest real"][:3], copied.examples["valid"]["image"][[50, 7, 99]] / 255)
    assert arrays["captions"]["nearest real"][:3] == ["0.0"] * 3 and float(arrays["captions"]["2nd real"][0]) > 1
    assert arrays["columns"][:3] == ["0", "1", "2"]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn(name, tmp_path):
    figure = FIGURES[name](COLLAPSED)
    assert figures.draw(figure.kind, tmp_path / f"{name}.png", **figure.arrays).stat().st_size > 3000


def test_a_thousand_classes_are_drawn(tmp_path):
    shares = {"real": np.full(1000, 1e-3), "samples": rng.dirichlet(np.ones(1000))}
    file = figures.draw("histogram", tmp_path / "many.png", shares=shares, classes=[str(one) for one in range(1000)])
    assert file.stat().st_size > 3000
