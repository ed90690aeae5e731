"""Gaussians in a ring or a grid: where the modes stand, how wide they are, that draws are seeded and splits differ."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from dlcv import data
from dlcv.data.gaussians import centres
from dlcv.errors import Misuse

NAME = {"name": "gaussians"}


def test_the_ring_has_radius_one_and_equal_angles():
    ring = centres("ring")
    assert ring.shape == (8, 2)
    np.testing.assert_allclose(ring, [[np.cos(t), np.sin(t)] for t in np.radians(np.arange(0, 360, 45))], atol=1e-6)


def test_the_grid_is_five_by_five_two_apart():
    assert {tuple(point) for point in centres("grid").tolist()} == {
        (x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)
    }


@pytest.mark.parametrize("options", [{}, {"shape": "grid"}, {"shape": "ring", "std": 0.3}])
def test_points_are_the_mixture_s(options):
    loaded, spec = data.load({**NAME, **options}, None), data.spec({**NAME, **options})
    means, std = np.array(loaded.info["centres"]), loaded.info["std"]
    assert std == options.get("std", {"grid": 0.05}.get(options.get("shape"), 0.01)) and loaded.info == spec.info
    for arrays in (loaded.train.arrays, loaded.splits["valid"].arrays):
        assert chisquare(np.bincount(arrays["label"], minlength=len(means))).pvalue > 0.001
        noise = (arrays["point"] - means[arrays["label"]]) / std
        assert kstest(noise.ravel(), "norm").pvalue > 0.001 and abs(np.corrcoef(noise.T)[0, 1]) < 0.06
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 0, 8))
    wanted = {key: (leaf.shape, leaf.dtype) for key, leaf in spec.batch(8).items()}
    assert {key: (leaf.shape, leaf.dtype) for key, leaf in batch.items()} == wanted


def test_draws_are_seeded_and_valid_has_its_own():
    one, other = data.load(NAME, None), data.load({**NAME, "limit": 7}, None)
    np.testing.assert_array_equal(one.train.arrays["point"][:7], other.train.arrays["point"])
    assert len(other.train) == 7 and len(other.splits["valid"]) == 2500
    rows = {tuple(row) for row in one.train.arrays["point"].tolist()}
    assert not rows & {tuple(row) for row in one.splits["valid"].arrays["point"].tolist()}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": "circle"}, "data.shape='circle': expected one of 'ring', 'grid'"),
        ({"std": 0.0}, "data.std=0.0: expected the standard deviation"),
        ({"std": "small"}, "data.std='small'"),
        ({"sdt": 1.0}, "did you mean 'std'"),
    ],
)
def test_wrong_options_are_misuse(options, message):
    for call in (data.spec, lambda given: data.load(given, None)):
        with pytest.raises(Misuse) as caught:
            call({**NAME, **options})
        assert message in str(caught.value) and "\n" not in str(caught.value)
