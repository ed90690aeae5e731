"""The Fréchet distance of Gaussians against its closed forms and against scipy's matrix root."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dlcv.quality.frechet import frechet_distance

rng = np.random.default_rng(0)


def test_a_set_is_at_distance_zero_of_itself():
    x = rng.normal(size=(200, 8))
    assert abs(frechet_distance(x, x)) < 1e-6


def test_a_shift_costs_its_square_in_units_of_the_real_spread():
    x = rng.normal(size=(500, 3)) * [1.0, 2.0, 5.0]
    np.testing.assert_allclose(frechet_distance(x + [1.0, 2.0, 5.0] * x.std(0) / x.std(0), x),
                               (np.array([1.0, 2.0, 5.0]) / x.std(0)) @ (np.array([1.0, 2.0, 5.0]) / x.std(0)), rtol=1e-4)  # fmt: skip


def test_equals_the_formula_with_a_general_matrix_root():
    first, second = (
        rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6)),
        rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)),
    )
    one, two = np.cov(first / second.std(0), rowvar=False), np.cov(second / second.std(0), rowvar=False)
    difference = (first.mean(0) - second.mean(0)) / second.std(0)
    wanted = difference @ difference + np.trace(one + two - 2 * np.real(sqrtm(one @ two)))
    np.testing.assert_allclose(frechet_distance(first, second), wanted, rtol=1e-3)


def test_one_example_has_no_covariance():
    with pytest.raises(ValueError, match="at least two"):
        frechet_distance(np.zeros((1, 3)), np.zeros((5, 3)))


def test_a_feature_that_is_dead_in_the_real_set_does_not_inflate_the_distance():
    x, y = rng.normal(size=(2, 300, 4))
    y[:, 2] = 0
    x[:, 2] = 0.01 * x[:, 2]
    others = [0, 1, 3]
    wanted = frechet_distance(x[:, others], y[:, others])
    np.testing.assert_allclose(frechet_distance(x, y), wanted + (x[:, 2] ** 2).mean(), rtol=1e-3)
