"""Optimal transport with a group lasso: marginals, optimality, and the same problem solved by POT."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from shifts import blobs

from dlcv import shallow
from dlcv.shallow import transport

SOURCE, LABELS, TARGET, _ = blobs(seed=31)
COST = cdist(SOURCE, TARGET, "sqeuclidean")
COST /= COST.max()
ROWS, COLUMNS = COST.shape
MEMBER = np.eye(3)[LABELS]


def entropic(cost, entropy):
    with jax.enable_x64(True):
        state = transport.sinkhorn(jnp.asarray(cost), entropy, jnp.zeros(ROWS), jnp.zeros(COLUMNS))
        return np.exp(np.asarray(state.log_plan_ST))


def solved(entropy, group, iterations=60):
    with jax.enable_x64(True):
        cost, member = jnp.asarray(COST), jnp.asarray(MEMBER)
        state = transport.start(cost)
        for _ in range(iterations):
            state = transport.mirror_step(state, cost, member, entropy, group)
        return np.exp(np.asarray(state.log_plan_ST))


def value(plan, entropy, group):
    lasso = sum(np.linalg.norm(plan[c == LABELS], axis=0).sum() for c in range(3))
    return np.sum(plan * COST) + entropy * np.sum(plan * np.log(plan + 1e-300)) + group * lasso


@pytest.mark.parametrize("entropy", [1.0, 0.05, 0.005])
def test_the_plan_has_uniform_marginals_and_the_form_of_a_scaled_kernel(entropy):
    plan = entropic(COST, entropy)
    np.testing.assert_allclose(plan.sum(0), 1 / COLUMNS, atol=1e-8)
    np.testing.assert_allclose(plan.sum(1), 1 / ROWS, atol=1e-8)
    scores = entropy * np.log(plan) + COST  # f_i + g_j at the optimum
    np.testing.assert_allclose(scores, scores[:1] + scores[:, :1] - scores[0, 0], atol=1e-8)


def test_a_small_entropy_neither_underflows_nor_misses_the_linear_programme():
    entropy = 1e-3  # exp(-1 / entropy) is 0 in double precision
    plan = entropic(COST, entropy)
    rows, columns = np.kron(np.eye(ROWS), np.ones(COLUMNS)), np.kron(np.ones(ROWS), np.eye(COLUMNS))
    marginals = np.r_[np.full(ROWS, 1 / ROWS), np.full(COLUMNS, 1 / COLUMNS)]
    exact = linprog(COST.ravel(), A_eq=np.vstack([rows, columns]), b_eq=marginals).fun
    assert np.isfinite(plan).all()
    assert exact - 1e-5 <= np.sum(plan * COST) < exact + entropy * np.log(ROWS * COLUMNS)


def test_each_iteration_lowers_the_objective_it_reports():
    found = shallow.fit("ot_gl", SOURCE, LABELS, TARGET, entropy=0.02, group=0.5, iterations=20)
    objective = [entry["objective"] for entry in found.history]
    assert np.all(np.diff(objective) <= 1e-10)
    assert objective[0] - objective[-1] > 1e-6
    assert objective[-1] == pytest.approx(value(solved(0.02, 0.5, 20), 0.02, 0.5), rel=1e-6)


def test_no_feasible_plan_near_by_is_better():
    plan = solved(0.05, 0.1, 100)
    best, rng = value(plan, 0.05, 0.1), np.random.default_rng(0)
    for _ in range(20):  # mass moved around a rectangle keeps the marginals
        (i, k), (j, l) = rng.choice(ROWS, 2, replace=False), rng.choice(COLUMNS, 2, replace=False)
        other = plan.copy()
        amount = 0.05 * min(plan[i, j], plan[k, l])
        other[[i, k], [j, l]] -= amount
        other[[i, k], [l, j]] += amount
        assert value(other, 0.05, 0.1) > best - 1e-9


def test_a_heavier_lasso_buys_a_smaller_lasso_term_with_transport_cost():
    plans = [solved(0.05, group, 200) for group in (0.0, 0.1, 1.0)]
    lassos = [value(plan, 0.0, 1.0) - value(plan, 0.0, 0.0) for plan in plans]
    costs = [value(plan, 0.05, 0.0) for plan in plans]
    assert lassos[0] > 1.1 * lassos[1] > 1.1 * 1.1 * lassos[2]
    assert costs[0] < costs[1] < costs[2]


def test_without_a_lasso_it_is_entropic_transport():
    np.testing.assert_allclose(solved(0.05, 0.0, 2), entropic(COST, 0.05), atol=1e-9)


def test_the_source_moves_into_the_hull_of_the_target_and_new_samples_follow():
    found = shallow.fit("ot_gl", SOURCE, LABELS, TARGET)
    plan = solved(0.05, 0.1, 10)
    assert found.history[-1]["marginal_error"] <= 1e-8
    np.testing.assert_allclose(found.source, plan @ TARGET * ROWS, atol=1e-6)
    new = SOURCE[:2] + 1e-3
    np.testing.assert_allclose(found.transform(new, "source"), found.source[:2] + 1e-3, atol=1e-9)
    np.testing.assert_array_equal(found.transform(TARGET), TARGET)


@pytest.mark.peers
def test_entropic_plan_equals_pot():
    ot = pytest.importorskip("ot", reason="needs POT")
    theirs = ot.sinkhorn(
        np.full(ROWS, 1 / ROWS), np.full(COLUMNS, 1 / COLUMNS), COST, 0.05, stopThr=1e-12, numItermax=9999
    )
    np.testing.assert_allclose(entropic(COST, 0.05), theirs, atol=1e-9)


@pytest.mark.peers
@pytest.mark.parametrize("group", [0.01, 0.5])
def test_group_lasso_plan_is_at_least_as_good_as_pots(group):
    ot = pytest.importorskip("ot", reason="needs POT")
    marginals = np.full(ROWS, 1 / ROWS), LABELS, np.full(COLUMNS, 1 / COLUMNS)
    theirs = ot.da.sinkhorn_l1l2_gl(*marginals, COST, 0.1, group, numItermax=50, numInnerItermax=1000)
    ours = solved(0.1, group, 100)
    assert value(ours, 0.1, group) <= value(theirs, 0.1, group) + 1e-8
    assert value(theirs, 0.1, group) < value(ours, 0.1, group) + 0.02  # it is the same problem
    if group < 0.1:  # where its conditional gradient converges
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
