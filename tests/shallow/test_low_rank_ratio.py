"""The low-rank generalised eigenproblem against scipy's dense one, and the factors that feed it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

from dlcv.errors import Misuse
from dlcv.shallow import kernels
from dlcv.shallow.eigen import directions, largest_ratio

rng = np.random.default_rng(0)


@pytest.fixture(scope="module")
def problem():
    """V [20, 7], D and U [20, 3], the two dense forms, and the answer for 4 directions."""
    v, u, d = rng.normal(size=(20, 7)), rng.normal(size=(20, 3)), rng.normal(size=(20, 20))
    d = d @ d.T + np.eye(20)
    with jax.enable_x64(True):
        solved = np.linalg.solve(d, v)
        found = largest_ratio(*map(jnp.asarray, (v.T @ solved, solved, u, np.linalg.solve(d, u))), dim=4)
    return v @ v.T, d + u @ u.T, found


def test_solves_its_equation(problem):
    above, below, found = problem
    a = np.asarray(found.vectors_Nd)
    np.testing.assert_allclose(above @ a, below @ a * np.asarray(found.values_d), atol=1e-10 * np.abs(above @ a).max())


def test_equals_the_dense_solver(problem):
    above, below, found = problem
    values, vectors = eigh(above, below)
    np.testing.assert_allclose(found.values_d, values[::-1][:4], rtol=1e-9)
    a, wanted = np.asarray(found.vectors_Nd), vectors[:, ::-1][:, :4]
    cosine = np.sum(a * wanted, 0) / np.linalg.norm(a, axis=0) / np.linalg.norm(wanted, axis=0)
    np.testing.assert_allclose(np.abs(cosine), 1.0, rtol=1e-9)
    assert int(found.rank) == 7


def test_both_lengths_are_what_they_say(problem):
    above, _, found = problem
    with jax.enable_x64(True):
        unit, constrained = directions(found, "unit", 4), directions(found, "constraint", 4)
        with pytest.raises(Misuse, match="dim=8 is larger than the rank 7"):
            directions(found, "unit", 8)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(constrained).T @ above @ np.asarray(constrained), np.eye(4), atol=1e-10)


@pytest.mark.parametrize("shape", [(15, 6), (6, 15)])
@pytest.mark.parametrize("name", kernels.KERNELS)
def test_the_factor_gives_the_centred_square_of_the_gram_matrix(name, shape):
    x = rng.normal(size=shape) + 2.0
    with jax.enable_x64(True):
        kernel = kernels.kernel_of(name, None, jnp.asarray(x))
        gram = kernel(jnp.asarray(x), jnp.asarray(x))
        factor = np.asarray(kernels.gram_factor(name, jnp.asarray(x), gram))
    centre = np.eye(len(x)) - 1 / len(x)
    np.testing.assert_allclose(factor @ factor.T, np.asarray(gram) @ centre @ np.asarray(gram), atol=1e-9)
    assert factor.shape[1] == (min(shape) if name == "linear" else len(x))


def test_the_default_width_is_the_median_distance():
    x = rng.normal(size=(9, 4))
    with jax.enable_x64(True):
        found = kernels.kernel_of("rbf", None, jnp.asarray(x))(jnp.asarray(x), jnp.asarray(x[:3]))
    squares = cdist(x, x, "sqeuclidean")
    np.testing.assert_allclose(found, np.exp(-squares[:, :3] / (2 * np.median(squares))), rtol=1e-9)


def test_centring_moves_the_mean_of_feature_space_to_the_origin():
    x, new = rng.normal(size=(9, 4)) + 1, rng.normal(size=(3, 4))
    with jax.enable_x64(True):
        found = kernels.centred(jnp.asarray(new @ x.T), jnp.asarray(x @ x.T))
    np.testing.assert_allclose(found, (new - x.mean(0)) @ (x - x.mean(0)).T, atol=1e-12)
