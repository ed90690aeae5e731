"""What the pictures claim, on a classifier of digits trained here: the digit matters, maps beat chance, features are activations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import catalogue, loop, sampling
from dlcv.engine.restore import weights
from dlcv.errors import Misuse
from dlcv.explain import deconvolution, gradcam, occlusion
from dlcv.explain.classifier import in_turn, mean_colour, subject
from dlcv.models.activations import activations
from dlcv.ops.images import from_bytes

STEPS = 150


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(experiment, variables, classifier, view of the valid split) of a digits' CNN after 150 steps."""
    changes = dict(seeds=1, steps=STEPS, log_every=STEPS, eval_every=STEPS, checkpoint_every=STEPS)
    experiment = catalogue.experiment("experiments/vision/cnn.py", None, **changes)
    folder = tmp_path_factory.mktemp("run")
    result = loop.train(experiment, folder, quiet=True)
    assert result["metrics"]["valid/accuracy"]["mean"] > 0.9
    (variables,) = weights(experiment, folder)[1]
    view, _ = sampling.look(experiment, variables, 0)
    return experiment, variables, experiment.task.makers["saliency"].args[0], view


def made(run, tmp_path, what, **options):
    return sampling.sample(run[0], run[1], tmp_path, seed=0, step=STEPS, what=what, options=options)


def test_occluding_the_digit_lowers_its_logit_more_than_occluding_the_ground(run):
    _, variables, classifier, view = run
    asked = subject(classifier, view, 60)
    _, _, mean = occlusion.maps(classifier, variables, asked.images, asked.classes, mean_colour(view), 5, 2)
    ink = asked.pictures[..., 0] > 0.5
    on = np.array([values[where].mean() for values, where in zip(mean, ink, strict=True)])
    off = np.array([values[~where].mean() for values, where in zip(mean, ink, strict=True)])
    assert (on > off).mean() > 0.95 and on.mean() > 3 * abs(off.mean()) and (on > 0).mean() > 0.95


def test_maps_tell_more_than_chance(run):
    found = run[0].task.makers["faithfulness"](run[3], count=60, stride=3)["faithfulness_by_image"]
    lost = dict(zip(found["map"].tolist(), found["lost"].mean(1), strict=True))
    chance = lost.pop("chance")
    assert set(lost) - {"deconvolution of the logit", "Grad-CAM"} == {
        "gradient", "integrated gradients from black", "guided backpropagation", "occlusion",
    }  # fmt: skip
    for name in (
        "deconvolution of the logit",
        "Grad-CAM",
    ):  # the one is not of a class; the other averages over positions,
        lost.pop(name)  # which this network's dense layer weighs one by one: see test_scene.py
    assert all(value > 1.5 * chance for value in lost.values()), (lost, chance)


def test_activation_maximisation_raises_the_logit_above_any_training_image(run):
    experiment, variables, classifier, _ = run
    train, _ = sampling.look(experiment, variables, 0, split="train")
    figure = experiment.task.makers["activation_maximisation"](train, steps=100)["activation_maximisation"]
    best = classifier.logits(variables, train.examples["train"]["image"]).max(0)
    real, free, regularised = (np.array(list(map(float, row))) for row in figure.arrays["captions"].values())
    np.testing.assert_allclose(real, best, atol=0.06)
    assert (free > best).all() and (regularised > best).all()
    smooth = [np.abs(np.diff(images, axis=1)).mean() for images in figure.arrays["rows"].values()]
    assert smooth[2] < smooth[1]


@pytest.mark.parametrize("layer", ["features", "stage_1", "conv_0"])
def test_features_are_the_activations(run, tmp_path, layer):
    experiment, variables, classifier, _ = run
    (file,) = made(run, tmp_path, "features", layer=layer, split="all")
    found = np.load(file)
    data = experiment.data
    images = np.concatenate([data.train.arrays["image"], data.splits["valid"].arrays["image"]])
    np.testing.assert_array_equal(found["label"][-400:], data.splits["valid"].arrays["label"])
    assert (
        len(found["features"]) == 1797 and found["layer"] == layer and found["classes"].tolist() == list("0123456789")
    )
    rows = [0, 700, 1396, 1397, 1796]
    params, stats = classifier.weights(variables)
    direct = activations(classifier.net, params, stats, from_bytes(jnp.asarray(images[rows])))[layer]
    np.testing.assert_allclose(found["features"][rows], np.asarray(direct).reshape(5, -1), atol=1e-4)
    if layer == "features":
        outputs = experiment.task.predict(variables, {"image": jnp.asarray(images[rows])}, jax.random.key(0))
        np.testing.assert_allclose(found["features"][rows], outputs["features"], atol=1e-4)


def test_features_of_another_set_and_their_means(run, tmp_path):
    options = {"data": "digit_domains", "data.domain": "turned", "data.size": 28, "split": "train", "layer": "stage_0"}
    (every,) = made(run, tmp_path, "features", **options)
    (mean,) = made(run, tmp_path / "mean", "features", positions="mean", **options)
    assert "turned" in every.name
    whole = np.load(every)["features"].reshape(-1, 14 * 14, 24)
    np.testing.assert_allclose(np.load(mean)["features"], whole.mean(1), atol=1e-5)


@pytest.mark.parametrize(
    ("what", "options", "message"),
    [
        ("features", {"layer": "stage_9"}, "unknown layer 'stage_9': choose one of .*stage_0, stage_1"),
        ("features", {"positions": "median"}, "unknown positions 'median'"),
        (
            "features",
            {"data": "digits_on_photographs"},
            r"image of data set .* is \[28, 28, 3\], the run's is \[28, 28, 1\]",
        ),
        ("features", {"split": "test"}, "unknown split 'test'"),
        ("gradcam", {"layer": "hidden"}, "unknown layer 'hidden' of positions: choose one of stage_0, stage_1"),
        ("saliency", {"of": "ten"}, "unknown class 'ten'"),
        ("occlusion", {"window": 40}, "a window of 40 at stride 1 does not fit"),
        ("saliencies", {}, "unknown --what 'saliencies': did you mean 'saliency'"),
    ],
)
def test_misuse_is_named(run, tmp_path, what, options, message):
    with pytest.raises(Misuse, match=message):
        made(run, tmp_path, what, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("what", ["saliency", "gradcam", "occlusion", "deconvolution", "filters"])
def test_every_picture_is_drawn(run, tmp_path, what):
    options = {"stride": 3} if what == "occlusion" else {}
    (file,) = made(run, tmp_path, what, **options)
    assert file.suffix == ".png" and file.stat().st_size > 5000


def test_the_strongest_images_of_a_channel_stand_beside_their_deconvolution(run):
    _, variables, classifier, view = run
    figure = next(iter(run[0].task.makers["deconvolution"](view, count=3, layer="stage_0").values()))
    projections, patches = figure.arrays["projections"], figure.arrays["patches"]
    assert projections.shape == patches.shape == (3, 9, 5, 5, 1)  # what a 5x5 kernel of the first layer sees
    params, stats = classifier.weights(variables)
    images = view.examples["valid"]["image"]
    peaks = activations(classifier.net, params, stats, from_bytes(jnp.asarray(images)))["stage_0"].max((1, 2))
    channel = int(figure.arrays["names"][0].split()[1])
    best = images[int(peaks[:, channel].argmax())]
    windows = np.lib.stride_tricks.sliding_window_view(best, (5, 5, 1)).reshape(-1, 5, 5, 1)
    assert (windows == patches[0, 0]).all((1, 2, 3)).any()


def test_a_projection_is_cut_where_it_is_not_zero():
    projections = np.zeros((2, 8, 8, 1))
    projections[0, 1:4, 2:4], projections[1, 6:, 7:] = 1, -1
    parts, patches = deconvolution.cut(projections, np.arange(128.0).reshape(2, 8, 8, 1))
    assert parts.shape == (2, 3, 3, 1) and parts[0].sum() == 6 and parts[1].sum() == -2
    assert patches[1, 0, 0] == 64 + 5 * 8 + 5
    shown = deconvolution.stretched(parts[:, None])
    assert shown.min() == 0 and shown.max() == 1 and (shown[0][parts[0][None] == 0] == 0.5).all()


def test_subjects_show_each_class_in_turn():
    labels = np.array([2, 2, 0, 1, 0, 2])
    np.testing.assert_array_equal(labels[in_turn({"image": labels, "label": labels})], [0, 1, 2, 0, 2, 2])


def test_the_last_layer_of_positions_is_chosen_when_none_is_named(run):
    _, variables, classifier, view = run
    known = gradcam.stages(classifier, variables, from_bytes(jnp.asarray(view.examples["valid"]["image"][:1])))
    assert gradcam.choose("", known) == "stage_1" and gradcam.choose("stage_0", known) == "stage_0"
