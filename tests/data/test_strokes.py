"""Drawings as strokes: tracing, padding, scale, and the published files."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data.skeletons import offsets, simplified, traced
from dlcv.data.strokes import strokes_data, strokes_spec
from dlcv.errors import Misuse


def points(drawing: np.ndarray) -> list[np.ndarray]:
    """The lines of a drawing of offsets."""
    return np.split(np.cumsum(drawing[:, :2], 0), np.flatnonzero(drawing[:-1, 2]) + 1)


def test_a_cross_is_two_lines_and_a_ring_closes():
    cross = np.zeros((21, 21), bool)
    cross[9:12, 2:19] = cross[2:19, 9:12] = True
    lines = traced(cross)
    assert len(lines) == 2
    spans = sorted(np.ptp(line, axis=0).round().tolist() for line in lines)
    assert spans[0][0] <= 3 and spans[0][1] >= 12 and spans[1][0] >= 12 and spans[1][1] <= 3

    y, x = np.mgrid[:25, :25]
    radius = np.hypot(y - 12, x - 12)
    (ring,) = traced((radius > 7) & (radius < 10))
    assert np.hypot(*(ring[0] - ring[-1])) <= 2**0.5 + 1e-6
    np.testing.assert_allclose(np.hypot(*(ring - 12).T), 8.5, atol=1.2)


def test_simplified_lines_stay_within_the_tolerance():
    line = np.stack([np.arange(60), 8 * np.sin(np.arange(60) / 9)], 1).astype(np.float32)
    few = simplified(line, 0.5)
    assert len(few) < 20 and (few[0] == line[0]).all() and (few[-1] == line[-1]).all()
    at = np.interp(line[:, 0], few[:, 0], few[:, 1])
    assert np.abs(at - line[:, 1]).max() < 0.5 / np.cos(np.arctan(8 / 9))
    np.testing.assert_array_equal(simplified(line[:, [0, 0]], 0.5), line[[0, -1]][:, [0, 0]])


def test_offsets_lead_back_to_the_lines():
    lines = [np.array([[3.0, 4], [5, 4], [5, 9]]), np.array([[1.0, 1], [0, 2]])]
    found = points(offsets(lines))
    for line, expected in zip(found, lines, strict=True):
        np.testing.assert_allclose(line, expected - lines[0][0])


def test_drawings_are_padded_scaled_by_train_and_left_out_where_too_long():
    rng = np.random.default_rng(0)
    drawings = [np.hstack([rng.normal(size=(n, 2)) * 7, np.ones((n, 1))]) for n in (3, 6, 4, 5)]
    splits = {"train": (drawings, [0, 1, 0, 1]), "valid": (drawings[:1], [0])}
    found = strokes_data("x", strokes_spec(5, ("a", "b")), splits, limit=None, facts={})
    train = found.train.arrays
    assert train["length"].tolist() == [3, 4, 5] and train["label"].tolist() == [0, 0, 1]
    assert found.facts["too_long"] == {"train": 1, "valid": 0}
    inside = np.arange(5) < train["length"][:, None]
    assert train["strokes"][inside][:, :2].std() == pytest.approx(1, rel=1e-5) and not train["strokes"][~inside].any()
    np.testing.assert_allclose(train["strokes"][1, :4, :2] * found.facts["scale"], drawings[2][:, :2], rtol=1e-5)
    assert (train["strokes"][inside][:, 2] == 1).all()
    with pytest.raises(Misuse, match="leaves no drawing"):
        strokes_data("x", strokes_spec(2), splits, limit=None, facts={})


def test_digits_are_traced_from_real_scans():
    found = data.load(dict(name="digit_strokes", limit=60), None)
    arrays = found.train.arrays
    assert len(arrays["length"]) > 50 and 5 < np.median(arrays["length"]) < 20
    sizes = [
        np.ptp(np.concatenate(points(s[:n])), axis=0)[1]
        for s, n in zip(arrays["strokes"], arrays["length"], strict=True)
    ]
    assert np.median(sizes) * found.facts["scale"] > 20  # of 40 pixels: drawn over the whole scan


@pytest.mark.parametrize(
    ("name", "train", "valid"),
    [("aaron_sheep", 7400, 300), ("short_kanji", 10000, 600), ("omniglot_strokes", 30000, 1000)],
)
def test_sketch_rnn_files_are_read_as_published(name, train, valid, data_dir):
    found = data.load(dict(name=name), str(data_dir))
    assert found.facts["examples"] == {"train": train, "valid": valid} and found.facts["too_long"]["train"] == 0
    assert found.train.arrays["strokes"].shape[1:] == data.spec(dict(name=name)).example["strokes"].shape


def test_quickdraw_holds_out_a_fifth_of_the_chosen_categories(data_dir):
    found = data.load(dict(name="quickdraw_small", categories=("square", "line"), longest=200), str(data_dir))
    counts = found.facts["examples"]
    assert counts["train"] + counts["valid"] + sum(found.facts["too_long"].values()) == 114 + 46
    assert found.info["classes"] == ("square", "line") and abs(counts["valid"] / counts["train"] - 0.25) < 0.05
    line = found.train.arrays["label"] == 1
    assert found.train.arrays["length"][line].mean() < 0.7 * found.train.arrays["length"][~line].mean()
    with pytest.raises(Misuse, match="did you mean 'square'"):
        data.load(dict(name="quickdraw_small", categories=("squar", "line")), str(data_dir))
