"""Alignments in any script: Hebrew runs from right to left, missing characters are named, not dropped."""

import re

import numpy as np
import pytest
from matplotlib import pyplot

from dlcv import figures
from dlcv.figures import alignments
from dlcv.figures.accuracy_by_length import draw as draw_lengths

HEBREW = ["שני", "כלבים", "רצים"]


def panel(source, target, **more):
    weights = np.eye(len(target), len(source))
    figure = alignments.draw([{"source": source, "target": target, "weights": weights, **more}])
    axis = figure.axes[0]
    places = {
        tick.get_text(): axis.transData.transform((place, 0))[0] for place, tick in enumerate(axis.get_xticklabels())
    }
    image = axis.images[0]
    pyplot.close(figure)
    return axis, places, image


def test_a_left_to_right_source_runs_to_the_right_and_weights_are_drawn():
    axis, places, image = panel(["Two", "dogs"], ["Zwei", "Hunde", "."])
    assert places["Two"] < places["dogs"]
    np.testing.assert_array_equal(image.get_array(), np.eye(3, 2))
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["Zwei", "Hunde", "."]


def test_a_hebrew_source_runs_to_the_left():
    _, places, _ = panel(HEBREW, ["Two", "dogs", "run"])
    first, second, third = (places[alignments.shown(label)] for label in HEBREW)
    assert first > second > third


def test_hebrew_letters_stand_in_visual_order():
    """Lamed towers over alef; in the word alef, lamed it is the second letter, drawn left of the first."""
    label = "אל"
    assert alignments.shown(label, shaped=False) == label[::-1] and alignments.shown("ab", shaped=False) == "ab"
    figure = pyplot.figure(figsize=(3, 1))
    figure.text(0.1, 0.3, alignments.shown(label), fontsize=30)
    figure.canvas.draw()
    ink = np.asarray(figure.canvas.buffer_rgba())[..., 0] < 128
    pyplot.close(figure)
    columns = np.flatnonzero(ink.any(0))
    left, right = (np.flatnonzero(ink[:, part].any(1)).min() for part in (columns[:6], columns[-6:]))
    assert left < right


def test_where_no_font_has_chinese_one_line_names_it_and_code_points_are_drawn(monkeypatch, caplog):
    manager = alignments.font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [font for font in manager.ttflist if font.name == "DejaVu Sans"])
    axis, places, _ = panel([*"两只棕色的狗在跑"], ["two", "brown", "dogs", "run"])
    (line,) = caplog.messages
    assert re.fullmatch(
        r"no installed font has .*两 \(U\+4E24\).*: install one of that script, such as Noto Sans", line
    )
    assert [tick.get_text() for tick in axis.get_xticklabels()][:2] == ["U+4E24", "U+53EA"]
    assert places["U+4E24"] < places["U+53EA"]


def test_chinese_is_drawn_where_a_font_has_it(tmp_path, caplog):
    families, missing = alignments.fonts("两只狗")
    if missing:
        pytest.skip("no font of this machine has Chinese")
    assert len(families) == 2
    pairs = [{"source": [*"两只狗"], "target": ["two", "dogs"], "weights": np.full((2, 3), 1 / 3)}]
    figures.draw(
        "alignments", tmp_path / "chinese.png", pairs=pairs
    )  # a missing glyph would warn, which is an error here
    assert not caplog.messages and (tmp_path / "chinese.png").stat().st_size > 1000


def test_a_character_without_a_font_is_named():
    unassigned = "\U000e0fff"
    families, missing = alignments.fonts(f"ab שלום {unassigned}")
    assert missing == {unassigned} and families[0] == "DejaVu Sans"


def test_accuracy_by_length_is_the_share_of_each_bin():
    lengths, exact = np.repeat([4, 10], 50), np.concatenate([np.ones(50), np.tile([0.0, 1.0], 25)])
    figure = draw_lengths(lengths, {"with": [exact, exact], "without": [exact, 1 - exact]}, bins=2)
    lines = {container.get_label(): container[0].get_xydata() for container in figure.axes[0].containers}
    pyplot.close(figure)
    np.testing.assert_allclose(lines["with"], [[4, 100], [10, 50]])
    np.testing.assert_allclose(lines["without"], [[4, 50], [10, 50]])
