"""Figures of generative systems: what is drawn of the numbers given."""

import json

import numpy as np
import pytest

from dlcv import figures

rng = np.random.default_rng(0)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws a figure and gives the matplotlib figure back, still open to questions."""
    from matplotlib import pyplot

    kept = []
    monkeypatch.setattr(pyplot, "close", kept.append)

    def draw(kind: str, **arrays):
        assert figures.draw(kind, tmp_path / "figure.png", **arrays).stat().st_size > 1000
        return kept[-1]

    yield draw
    monkeypatch.undo()
    pyplot.close("all")


def test_points_lie_over_the_data_in_a_row_a_system_and_a_panel_a_seed(drawn):
    rows, data = {"one": rng.normal(size=(3, 5, 2)), "two": rng.normal(size=(3, 5, 2))}, rng.normal(size=(9, 2))
    axes = np.reshape(drawn("points", rows=rows, data=data, columns=["seed 0", "seed 1", "seed 2"]).axes, (2, 3))
    grey, coloured = axes[1, 2].collections
    np.testing.assert_allclose(grey.get_offsets(), data)
    np.testing.assert_allclose(coloured.get_offsets(), rows["two"][2])
    assert [line[0].get_ylabel() for line in axes] == ["one", "two"] and axes[0, 1].get_title() == "seed 1"


def test_norms_are_averaged_on_their_logarithmic_axis_and_shares_are_in_per_cent(drawn):
    norms, told = {"minimax": [[1.0, 1e-4], [1.0, 1e-6]]}, {"minimax": [[0.5, 0.9], [0.5, 1.0]]}
    left, right = drawn("strength", updates=[0, 10], gradient_norm=norms, told=told).axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), [1, 1e-5])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [50, 95])
    assert left.get_yscale() == "log"


def test_systems_over_time_are_read_from_their_runs_scores_and_metrics_alike(drawn, tmp_path):
    for label, best in (("one", 3.0), ("two", 2.0)):
        lines = [
            {"step": step, "split": split, "seed": seed, name: best + seed + step}
            for split, name in (("lenet", "frechet"), ("valid", "told"), ("source", "told"))
            for step in (0, 10)
            for seed in (0, 1)
        ]
        (tmp_path / f"{label}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    runs = {label: tmp_path / f"{label}.jsonl" for label in ("one", "two")}
    metrics = {"lenet/frechet": "LeNet-FID", "valid/told": "told"}
    first, second = drawn("arms_over_time", runs=runs, metrics=metrics).axes
    for axis in (first, second):
        assert [line.get_label() for line in axis.lines] == ["one", "two"]
        np.testing.assert_allclose(axis.lines[0].get_ydata(), [3.5, 13.5])
    assert (first.get_ylabel(), second.get_ylabel()) == ("LeNet-FID", "told")
