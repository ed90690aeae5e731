"""The heat table writes every value, frames those that have a printed number, and keeps panels of one width."""

import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from dlcv import figures
from dlcv.figures import table

BLOCK = {
    "title": "SURF", "rows": ["Raw", "TCA"], "columns": ["A->D", "A->W", "D->A"],
    "values": [[35.67, 31.19, 50.0], [33.76, 30.0, 51.0]], "deviations": [[0.0, None, None], [0.0, -6.27, None]],
}  # fmt: skip
PLAIN = {"title": "digits", "rows": ["Raw"], "columns": ["C->T"], "values": [[60.0]], "spreads": [[1.25]]}


@pytest.fixture
def drawn():
    figure = table.draw([BLOCK, PLAIN])
    yield figure
    pyplot.close(figure)


def frames(axes):
    return [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_width() < 1]


def test_every_value_is_written_and_the_best_of_a_column_is_bold(drawn):
    texts = {text.get_text(): text.get_fontweight() for text in drawn.axes[0].texts}
    assert texts == {
        "35.7": "bold", "31.2": "bold", "50.0": "normal", "33.8": "normal", "30.0": "normal", "51.0": "bold", "-6.3": "normal",
    }  # fmt: skip
    assert [text.get_text() for text in drawn.axes[1].texts] == ["60.0", "± 1.2"]


def test_cells_with_a_printed_number_are_framed_by_whether_it_is_met(drawn):
    found = {(round(f.get_x() + 0.46), round(f.get_y() + 0.43)): f.get_edgecolor() for f in frames(drawn.axes[0])}
    assert found == {(0, 0): to_rgba(table.SAME), (0, 1): to_rgba(table.SAME), (1, 1): to_rgba(table.OFF)}
    assert not frames(drawn.axes[1])
    assert "equals the printed number" in [text.get_text() for text in drawn.legends[0].texts]


def test_panels_share_the_width_of_a_cell(drawn, tmp_path):
    assert {axes.get_xlim() for axes in drawn.axes} == {(-0.5, 2.5)}
    assert figures.draw("table", tmp_path / "table.png", tables=[BLOCK, PLAIN]).stat().st_size > 5000
