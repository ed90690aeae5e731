"""The figure of transfer: a colour a source, a line a way of using it, and what lies below zero is named."""

import numpy as np

from dlcv.figures import transfer

rng = np.random.default_rng(0)
ARMS = {"from scratch": "", "fine-tuned": "digits", "frozen": "digits", "other": "photographs"}


def test_arms_of_one_source_share_its_colour_and_differ_in_style():
    looks = transfer._looks(ARMS)
    assert looks["fine-tuned"]["color"] == looks["frozen"]["color"] != looks["other"]["color"]
    assert looks["fine-tuned"]["linestyle"] != looks["frozen"]["linestyle"]


def test_curves_are_means_and_bands_standard_deviations():
    accuracy = {label: {1: [20.0, 40.0], 10: [60.0, 70.0]} for label in ARMS}
    gain = {label: {1: [-5.0, 5.0], 10: [-9.0, -1.0]} for label in list(ARMS)[1:]}
    images = {
        name: dict(images=rng.integers(0, 255, (4, 8, 8, 3)), labels=list("abcd")) for name in ("digits", "target")
    }
    views = {"frozen": dict(features={"valid": rng.normal(size=(30, 5))}, labels={"valid": np.arange(30) % 3})}
    figure = transfer.draw(accuracy, gain, ARMS, images, views, method="pca")
    curves, gains = [axes for axes in figure.get_axes() if axes.get_xlabel() == "target labels a class"]
    np.testing.assert_allclose(curves.lines[0].get_ydata(), [30, 65])
    band = curves.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([band.min(), band.max()], [30 - 200**0.5, 65 + 50**0.5])
    np.testing.assert_allclose(gains.lines[0].get_ydata(), [0, -5])
    assert "negative transfer" in [text.get_text() for text in gains.texts]
