"""CDLS and CDSPP: each update is the optimum of its equation, the objective falls, and a shift of known answer is undone."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg, optimize

from dlcv.errors import Misuse
from dlcv.shallow import landmarks, structure
from dlcv.shallow.heterogeneous import cdls
from dlcv.shallow.structure import cdspp

CLASSES = 3


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def rows(*classes):
    return jnp.asarray(np.eye(CLASSES)[list(classes)])


def small(seed=0):
    """A problem of 8 source, 4 labelled and 7 unlabelled samples, a map and feasible weights."""
    draw = np.random.default_rng(seed).normal
    problem = landmarks.Problem(
        jnp.asarray(draw(size=(8, 5))), rows(0, 0, 0, 1, 1, 1, 2, 2), jnp.asarray(draw(size=(4, 3))), rows(0, 1, 2, 2),
        jnp.asarray(draw(size=(7, 3))), rows(0, 0, 1, 1, 1, 2, 2), 0.5, 0.3,
    )  # fmt: skip
    return (
        problem,
        jnp.asarray(draw(size=(5, 3))),
        *landmarks.feasible(problem, jnp.asarray(draw(size=8)), jnp.asarray(draw(size=7))),
    )


def written_out(p, a, alpha, beta):
    """The paper's E_M + sum_c (E_cond + E_embed / e_c) + weight |A|^2, pair by pair."""
    z, l, u = np.asarray(p.x_SD @ a), np.asarray(p.l_LM), np.asarray(p.u_UM)
    ys, yl, yu = (np.asarray(y).argmax(1) for y in (p.ys_SC, p.yl_LC, p.yu_UC))
    alpha, beta, d = np.asarray(alpha), np.asarray(beta), p.delta

    def gap(s, k, v):  # distance of the weighted means of source rows s from target rows k and v
        target = (l[k].sum(0) + (beta[v, None] * u[v]).sum(0)) / (len(k) + d * len(v))
        return np.sum(((alpha[s, None] * z[s]).sum(0) / (d * len(s)) - target) ** 2)

    total = gap(np.arange(len(z)), np.arange(len(l)), np.arange(len(u)))
    for c in range(CLASSES):
        s, k, v = (np.flatnonzero(y == c) for y in (ys, yl, yu))
        pairs = [(alpha[i] * z[i], l[j]) for i, j in itertools.product(s, k)]
        pairs += [(l[i], beta[j] * u[j]) for i, j in itertools.product(k, v)]
        pairs += [(beta[i] * u[i], alpha[j] * z[j]) for i, j in itertools.product(v, s)]
        count = d * len(s) * len(k) + d * len(k) * len(v) + d**2 * len(v) * len(s)
        total += gap(s, k, v) + sum(np.sum((a - b) ** 2) for a, b in pairs) / count
    return total + p.weight * np.sum(np.asarray(a) ** 2)


def test_the_objective_is_the_papers():
    problem, a, alpha, beta = small()
    np.testing.assert_allclose(
        landmarks.objective(problem, a, alpha, beta), written_out(problem, a, alpha, beta), rtol=1e-12
    )


def test_the_best_map_is_where_the_gradient_vanishes():
    problem, a, alpha, beta = small()
    best = landmarks.best_map(problem, alpha, beta)
    slope = jax.grad(landmarks.objective, 1)
    assert (
        jnp.abs(slope(problem, best, alpha, beta)).max() < 1e-10 < 1e-2 < jnp.abs(slope(problem, a, alpha, beta)).max()
    )


def test_feasible_weights_are_the_nearest_in_the_set():
    problem, _, _, _ = small()
    given = np.random.default_rng(3).normal(size=8)
    found, _ = landmarks.feasible(problem, jnp.asarray(given), jnp.zeros(7))
    ys = np.asarray(problem.ys_SC)
    wanted = optimize.minimize(
        lambda w: np.sum((w - given) ** 2), np.full(8, 0.5), jac=lambda w: 2 * (w - given), bounds=[(0, 1)] * 8, method="SLSQP",
        constraints={"type": "eq", "fun": lambda w: ys.T @ w - 0.5 * ys.sum(0), "jac": lambda w: ys.T}, options={"ftol": 1e-15},
    )  # fmt: skip
    np.testing.assert_allclose(found, wanted.x, atol=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_the_best_weights_are_those_of_a_general_solver(seed):
    problem, a, alpha, beta = small(seed)
    found = landmarks.best_weights(problem, a, alpha, beta)
    ys, yu = np.asarray(problem.ys_SC), np.asarray(problem.yu_UC)
    block = linalg.block_diag(ys.T, yu.T)
    value = jax.jit(lambda w: landmarks.objective(problem, a, w[:8], w[8:]))
    wanted = optimize.minimize(
        value, np.full(15, 0.5), jac=jax.jit(jax.grad(value)), bounds=[(0, 1)] * 15, method="SLSQP",
        constraints={"type": "eq", "fun": lambda w: block @ w - 0.5 * block.sum(1), "jac": lambda w: block},
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert float(value(jnp.concatenate(found))) <= wanted.fun + 1e-7
    np.testing.assert_allclose(np.concatenate(found), wanted.x, atol=1e-3)
    np.testing.assert_allclose(block @ np.concatenate(found), 0.5 * block.sum(1), atol=1e-9)


def shifted(seed=0, classes=4, noise=0.3):
    """Target samples are the source's latent points seen through another, wider map: source, labels, few, labels, rest, truth."""
    generator = np.random.default_rng(seed)
    centres = 4 * np.linalg.qr(generator.normal(size=(6, 6)))[0][:classes]

    def sample(count, view):
        labels = np.repeat(np.arange(classes), count)
        return (centres[labels] + noise * generator.normal(size=(len(labels), 6))) @ view, labels

    to_source, to_target = generator.normal(size=(6, 9)), generator.normal(size=(6, 14))
    return *sample(15, to_source), *sample(2, to_target), *sample(20, to_target)


@pytest.mark.parametrize(("method", "settings"), [(cdls, dict(dim=6, weight=1e-3)), (cdspp, {})])
def test_a_linear_change_of_features_is_undone(method, settings):
    *given, truth = shifted()
    found = method(*given, **settings)
    assert np.mean(found.labels == truth) == 1.0
    assert found.source.shape[1] == found.labelled.shape[1] == found.target.shape[1]
    nearest = given[1][((found.target[:, None] - found.source) ** 2).sum(-1).argmin(1)]
    assert np.mean(nearest == truth) > 0.95  # the source itself lies where the target is


def test_cdls_lowers_its_objective_with_each_update():
    *given, _ = shifted(noise=1.5)
    found = cdls(*given, dim=6)
    for entry in found.history:
        start, mapped, weighted = entry["objective"]
        assert weighted <= mapped + 1e-9 and mapped <= start + 1e-9
    assert (found.source_weights >= 0).all() and (found.source_weights <= 1).all()
    for label in range(4):
        np.testing.assert_allclose(found.source_weights[given[1] == label].mean(), 0.5, atol=1e-9)


def test_cdspp_solves_its_eigenproblem():
    """Against the whole block matrix of the paper, Laplacians written out pair by pair."""
    generator = np.random.default_rng(0)
    xs, xt = generator.normal(size=(9, 4)), generator.normal(size=(7, 5))
    ys, yt = np.arange(9) % CLASSES, np.arange(7) % CLASSES
    across, own_s, own_t = (np.equal.outer(*pair).astype(float) for pair in ((ys, yt), (ys, ys), (yt, yt)))
    of_s = xs.T @ (np.diag(own_s.sum(1) + across.sum(1) / 2) - own_s) @ xs + 2.0 * np.eye(4)
    of_t = xt.T @ (np.diag(own_t.sum(1) + across.sum(0) / 2) - own_t) @ xt + 2.0 * np.eye(5)
    k = xs.T @ across @ xt
    values, vectors = linalg.eigh(
        np.block([[np.zeros((4, 4)), k], [k.T, np.zeros((5, 5))]]), linalg.block_diag(of_s, of_t)
    )
    p, q, found = structure.projections(jnp.asarray(xs), rows(*ys), jnp.asarray(xt), rows(*yt), 2.0, dim=3)
    np.testing.assert_allclose(found, values[::-1][:3], rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(p.T @ of_s @ p, np.eye(3), atol=1e-9)
    both = np.concatenate([p, q])[:, :2] / np.sqrt(2)
    overlap = np.abs(both.T @ linalg.block_diag(of_s, of_t) @ vectors[:, ::-1][:, :2])
    np.testing.assert_allclose(overlap, np.eye(2), atol=1e-8)


def test_rotated_features_change_no_prediction():
    *given, _ = shifted(noise=1.5)
    turn = lambda width: np.linalg.qr(np.random.default_rng(5).normal(size=(width, width)))[0]  # noqa: E731
    s, t = turn(9), turn(14)
    turned = (given[0] @ s, given[1], given[2] @ t, given[3], given[4] @ t)
    for method, settings in ((cdls, dict(dim=6)), (cdspp, {})):
        np.testing.assert_array_equal(method(*turned, **settings).labels, method(*given, **settings).labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.__setitem__(1, g[1] + 1), "classes count from 0"),
        (lambda g: g.__setitem__(3, g[3] % 3), "source has 4 classes, the labelled target 3"),
        (lambda g: g.__setitem__(4, g[4][:, :5]), "14 features, the unlabelled 5"),
        (lambda g: g[0].__setitem__((2, 3), np.nan), "NaN"),
    ],
)
def test_bad_input_is_misuse(change, message):
    given = list(shifted())[:-1]
    change(given)
    for method in (cdls, cdspp):
        with pytest.raises(Misuse, match=message):
            method(*given)


def test_bad_settings_are_misuse():
    given = shifted()[:-1]
    for method, settings, message in (
        (cdls, dict(delta=1.5), "delta=1.5"), (cdls, dict(dim=7), "dim=7 is larger than the rank 6"), (cdls, dict(weight=-1.0), "weight=-1.0"),
        (cdspp, dict(dim=5), "dim=5 is larger than the rank 4"), (cdspp, dict(iterations=0), "iterations=0"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=message):
            method(*given, **settings)
