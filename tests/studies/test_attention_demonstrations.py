"""Demonstrations of attention: the numbers of the lecture, masks that agree, sines that count, pictures of what was computed."""

import jax
import numpy as np
import pytest

from dlcv import figures
from dlcv.studies import attention_demonstrations as shown


def test_the_worked_example_is_the_lectures():
    scores, scaled, weights = (panel["values"] for panel in shown.worked_example().arrays["panels"])
    np.testing.assert_allclose(scores, [[112, 96]])
    np.testing.assert_allclose(scaled, [[14, 12]])
    np.testing.assert_allclose(weights, [[0.88, 0.12]], atol=5e-3)


def test_an_encoder_and_a_decoder_see_together_what_a_prefix_language_model_sees():
    panels = {panel["title"]: panel["kinds"] for panel in shown.masks_compared().arrays["panels"]}
    np.testing.assert_array_equal(panels["encoder-decoder"] > 0, panels["prefix language model"] > 0)
    np.testing.assert_array_equal(panels["language model"] > 0, np.tril(np.ones((6, 6))))
    layers = panels["encoder-decoder"]
    assert (layers[:3, :3] == 1).all() and (layers[3:, :3] == 2).all() and set(layers[3:, 3:].ravel()) == {0, 3}
    assert (panels["local and causal, 2 back"] > 0).sum() == 1 + 2 + 3 * 4


def test_every_binary_digit_is_the_sign_of_a_sine_and_the_tables_sines_slow_down_alike():
    binary, sines, _ = (np.asarray(panel["values"]) for panel in shown.binary_counter(5).arrays["panels"])
    positions, digit = np.arange(32)[:, None], np.arange(5)
    np.testing.assert_array_equal(binary @ 2**digit, positions[:, 0])
    np.testing.assert_array_equal(binary, np.sin(np.pi * (positions + 0.5) / 2**digit) < 0)
    np.testing.assert_allclose(sines, np.sin(positions / 2.0**digit), atol=1e-5)


def test_the_logits_variance_is_the_width_and_one_once_divided():
    found = shown.logits_by_width([jax.random.key(0), jax.random.key(1)], (16, 64), 200).arrays["found"]
    np.testing.assert_allclose(found["q . k"]["variance"], [[16, 16], [64, 64]], rtol=0.1)
    np.testing.assert_allclose(found["q . k over sqrt(D)"]["variance"], np.ones((2, 2)), rtol=0.1)
    entropy = {arm: np.mean(values["entropy"], 1) for arm, values in found.items()}
    assert entropy["q . k"][1] < entropy["q . k"][0] < entropy["q . k over sqrt(D)"].min() < np.log(200)


def test_what_the_lecture_says_is_one_is_one():
    found = shown.differences(jax.random.key(3))
    assert found.pop("asymmetry") > 0.1
    means = [found.pop(name) for name in list(found) if name.startswith("dropout")]
    np.testing.assert_allclose(means, (2 / np.pi) ** 0.5, atol=0.15)  # of |z|, z standard normal
    assert abs(means[0] - means[1]) > 1e-3  # draws of their own
    assert found.pop("gradient from later inputs under the causal mask") == 0
    assert len(found) == 5 and max(found.values()) < 1e-5


@pytest.mark.parametrize(("factor", "options", "least", "most"), [(0.7, {}, 10, 200), (1.0, dict(key=None), 0, 0.1)])
def test_dropout_that_scales_nothing_up_or_drops_nothing_is_found_out(factor, options, least, most, monkeypatch):
    own = shown.attention
    monkeypatch.setattr(shown, "attention", lambda *qkv, **given: (factor * own(*qkv, **given | options)[0], None))
    found = shown.dropout_differences(jax.random.key(2), jax.random.normal(jax.random.key(1), (8, 16)))
    assert least <= found["dropout, scaled up in training, standard errors"] < most
    assert 0.6 < found["dropout, scaled down at inference, standard errors"] < 1


def test_distances_of_position_codes_hang_on_the_difference_alone():
    for panel in shown.positions_figure(12, 8).arrays["panels"]:
        np.testing.assert_allclose(panel["values"][1:, 1:], panel["values"][:-1, :-1], atol=1e-4)


def test_both_tables_of_positions_are_told():
    first, second = shown.positions_table().split("Frequencies counted from 1:")
    assert "| 2 | 0.91 | -0.42 | 0.20 | 0.98 |" in first and "| 1 | 0.10 | 1.00 | 0.01 | 1.00 |" in second


def test_the_figures_draw_what_they_are_given(tmp_path, monkeypatch):
    from matplotlib import pyplot

    kept = []
    monkeypatch.setattr(pyplot, "close", kept.append)
    scaling = shown.logits_by_width([jax.random.key(0)], (4, 8), 10)
    for figure in (shown.causality(jax.random.key(0)), shown.masks_compared(), scaling):
        assert figures.draw(figure.kind, tmp_path / "figure.png", **figure.arrays).stat().st_size > 1000
    monkeypatch.undo()
    matrices, masks, lines = kept
    texts = [text.get_text() for text in matrices.axes[2].texts]
    assert np.reshape(texts, (8, 8))[np.triu_indices(8, 1)].tolist() == ["0"] * 28 and "0" not in texts[::9]
    np.testing.assert_array_equal(masks.axes[1].images[0].get_array() > 0, np.tril(np.ones((6, 6))))
    assert [text.get_text() for text in masks.legends[0].get_texts()] == list(shown.LAYERS)
    assert lines.axes[0].containers[1][0].get_xdata().tolist() == [4, 8]
    pyplot.close("all")
