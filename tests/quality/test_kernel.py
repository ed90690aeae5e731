"""The kernel distance against moments of Gaussians, its expectation, double loops and scikit-learn's kernel."""

import numpy as np
import pytest

from dlcv.quality.kernel import kernel_distance

rng = np.random.default_rng(0)


def test_one_pair_of_subsets_is_the_double_loop():
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(6, 3)) + 0.5
    x = x[:6]

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    within = [np.mean([k(a, b) for i, a in enumerate(p) for j, b in enumerate(p) if i != j]) for p in (x, y)]
    across = np.mean([k(a, b) for a in x for b in y])
    found = kernel_distance(x, y, subsets=3, size=100)  # all examples, three times
    np.testing.assert_allclose(found.mean, sum(within) - 2 * across, rtol=1e-10)
    assert found.spread < 1e-12


def test_equal_distributions_give_zero_in_expectation():
    x, y = rng.normal(size=(2, 4000, 8))
    values = [kernel_distance(x[i : i + 100], y[i : i + 100], subsets=1).mean for i in range(0, 4000, 100)]
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert min(values) < 0 < max(values) and abs(np.mean(values)) < 3 * error < 0.05


def test_shifted_gaussians_give_the_difference_of_their_moments():
    """In one dimension (x y + 1)^3 has the features 1, sqrt 3 x, sqrt 3 x^2, x^3: MMD^2 is the squared distance of their means."""
    m, count = 0.7, 20_000
    found = kernel_distance(rng.normal(m, 1, (count, 1)), rng.normal(0, 1, (count, 1)), subsets=40, size=1000)
    wanted = 3 * m**2 + 3 * (m**2) ** 2 + (m**3 + 3 * m) ** 2
    error = found.spread / np.sqrt(40)
    assert abs(found.mean - wanted) < 4 * error < 0.25 * wanted


def test_subsets_are_seeded():
    x, y = rng.normal(size=(2, 60, 4))
    same, again, other = (kernel_distance(x, y, subsets=5, size=20, seed=seed) for seed in (0, 0, 1))
    assert same == again != other and same.spread > 0


@pytest.mark.peers
def test_equals_the_kernel_of_scikit_learn_over_all_examples():
    from sklearn.metrics.pairwise import polynomial_kernel

    x, y = rng.normal(size=(300, 64)), rng.normal(size=(300, 64)) * 1.2 + 0.1
    xx, yy, xy = (polynomial_kernel(a, b, degree=3, gamma=1 / 64, coef0=1) for a, b in ((x, x), (y, y), (x, y)))
    wanted = sum((k.sum() - np.trace(k)) / (300 * 299) for k in (xx, yy)) - 2 * xy.mean()
    np.testing.assert_allclose(kernel_distance(x, y, subsets=1).mean, wanted, rtol=1e-6)


def test_one_example_or_other_widths_are_refused():
    for pair in ((np.zeros((1, 3)), np.zeros((5, 3))), (np.zeros((5, 2)), np.zeros((5, 3)))):
        with pytest.raises(ValueError, match="two or more features"):
            kernel_distance(*pair)
