"""Figures of what a network looks at: rows and scales are as named, t-SNE and principal axes place points as they claim."""

import numpy as np
import pytest

from dlcv import figures
from dlcv.figures.bars import draw as draw_bars
from dlcv.figures.channels import draw as draw_channels
from dlcv.figures.heatmaps import draw as draw_heatmaps
from dlcv.figures.image_rows import draw as draw_rows
from dlcv.figures.projection import plane

rng = np.random.default_rng(0)
IMAGES = rng.uniform(size=(3, 6, 6, 1))
POSITIVE, SIGNED = rng.uniform(size=(3, 6, 6)), rng.normal(size=(3, 6, 6))
MAPS = dict(
    images=IMAGES, maps={"positive": POSITIVE, "signed": SIGNED}, captions=["a", "b", "c"], more={"other": IMAGES}
)
CHANNELS = dict(
    projections=rng.uniform(size=(5, 9, 4, 4, 3)),
    patches=rng.integers(0, 255, (5, 9, 4, 4, 3), np.uint8),
    names=list("vwxyz"),
)
ROWS = dict(
    rows={"one": IMAGES, "two": IMAGES}, captions={"one": ["1", "2", "3"], "two": ["4", "5", "6"]}, columns=list("abc")
)
BARS = dict(values={"first": [1.0, 3.0], "second": [-2.0, -4.0]}, quantity="points", title="title")


@pytest.mark.parametrize(
    ("kind", "arrays"), [("heatmaps", MAPS), ("channels", CHANNELS), ("image_rows", ROWS), ("bars", BARS)]
)
def test_draws_a_picture_file(kind, arrays, tmp_path):
    from PIL import Image

    pixels = np.asarray(Image.open(figures.draw(kind, tmp_path / f"{kind}.png", **arrays)).convert("L"))
    assert min(pixels.shape) > 50 and pixels.std() > 5


def test_a_signed_map_has_zero_in_the_middle_and_a_positive_one_at_the_end():
    figure = draw_heatmaps(**MAPS)
    shown = [axis.images[0] for axis in figure.axes]
    assert len(shown) == 4 * 3 and [axis.get_title() for axis in figure.axes[:3]] == ["a", "b", "c"]
    for place in range(3):
        positive, signed = shown[6 + place], shown[9 + place]
        assert positive.get_clim() == (0, POSITIVE[place].max())
        largest = np.abs(SIGNED[place]).max()
        assert signed.get_clim() == (-largest, largest)
        np.testing.assert_array_equal(signed.get_array(), SIGNED[place])
    assert len(draw_heatmaps(**MAPS, opacity=0.5).axes[6].images) == 2  # the image shows through


def test_channels_pair_projections_with_patches():
    figure = draw_channels(**CHANNELS)
    titles = [axis.get_title("left") for axis in figure.axes[::2]]
    assert titles == ["v", "w", "x", "y", "z", "", "", ""]
    left, right = (np.asarray(axis.images[0].get_array()) for axis in figure.axes[2:4])
    np.testing.assert_allclose(left[:4, :4], CHANNELS["projections"][1, 0])
    np.testing.assert_allclose(right[:4, 5:9], CHANNELS["patches"][1, 1] / 255)


def test_rows_carry_their_captions_and_columns():
    figure = draw_rows(**ROWS)
    assert [axis.get_xlabel() for axis in figure.axes] == list("123456")
    assert [axis.get_title() for axis in figure.axes[:3]] == list("abc")


def test_bars_are_means_over_seeds():
    axes = draw_bars(**BARS).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [2.0, -3.0]
    assert [text.get_text() for text in axes.texts] == ["2.0", "-3.0"] and "2 seeds" in axes.get_title("left")


def test_tsne_separates_two_blobs():
    blobs = np.concatenate([rng.normal(size=(40, 20)), rng.normal(size=(40, 20)) + 4])
    placed = plane(blobs, "tsne")
    one, other = placed[:40].mean(0), placed[40:].mean(0)
    own = np.r_[np.linalg.norm(placed[:40] - one, axis=1), np.linalg.norm(placed[40:] - other, axis=1)]
    cross = np.r_[np.linalg.norm(placed[:40] - other, axis=1), np.linalg.norm(placed[40:] - one, axis=1)]
    assert (own < cross).all()


def test_the_plane_of_principal_axes_is_that_of_scikit_learn():
    from sklearn.decomposition import PCA

    points = rng.normal(size=(30, 6)) * np.arange(1, 7)
    expected = PCA(2).fit_transform(points)
    got = plane(points, "pca")
    np.testing.assert_allclose(np.abs(got), np.abs(expected), atol=1e-8)
