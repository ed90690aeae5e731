"""Adaptation between features of different width, with a few labelled target samples: weighted landmarks (CDLS)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.errors import Misuse
from dlcv.shallow import checks, landmarks
from dlcv.shallow.classifiers import support_vector_weights


@dataclass(frozen=True)
class Shared:
    """Both domains in one space of M dimensions, and the classes predicted there."""

    source: np.ndarray  # [S, M]
    labelled: np.ndarray  # [L, M]
    target: np.ndarray  # [U, M]
    labels: np.ndarray  # [U]
    source_weights: np.ndarray | None = None  # [S] of CDLS: alpha in [0, 1], of mean delta in every class
    target_weights: np.ndarray | None = None  # [U] of CDLS: beta, likewise over the predicted classes
    history: tuple[Mapping[str, Any], ...] = ()  # an iteration: "labels" and "objective"


def checked(source, source_labels, labelled, labelled_labels, target) -> tuple[np.ndarray, ...]:
    """The five arrays as float64 and classes from 0; raises Misuse for bad input, other classes, unequal target widths."""
    xs, ys = checks.features(source, "source"), checks.classes(source_labels, len(source))
    xl, yl = checks.features(labelled, "the labelled target"), checks.classes(labelled_labels, len(labelled))
    xu = checks.features(target, "target")
    if xl.shape[1] != xu.shape[1]:
        raise Misuse(f"the labelled target has {xl.shape[1]} features, the unlabelled {xu.shape[1]}: they must agree")
    if ys.max() != yl.max():
        raise Misuse(f"the source has {ys.max() + 1} classes, the labelled target {yl.max() + 1}: they must agree")
    return xs, ys, xl, yl, xu


def in_float64(solve, arrays: tuple[np.ndarray, ...], *settings) -> Shared:
    """What `solve(*arrays, *settings)` finds in float64: the fields of Shared by name."""
    with jax.enable_x64(True):
        found = dict(solve(*map(jnp.asarray, arrays), *settings))
        history = tuple(found.pop("history"))
        return Shared(**{name: np.asarray(value) for name, value in found.items()}, history=history)


def cdls(
    source,
    source_labels,
    labelled,
    labelled_labels,
    target,
    *,
    dim=100,
    delta=0.5,
    weight=0.1,
    iterations=10,
    cost=10.0,
) -> Shared:
    """Cross-domain landmark selection: source [S, D] with labels, a few labelled target [L, E], unlabelled target [U, E].

    `dim` principal directions of the target, mean landmark weight `delta`, penalty `weight` of |A|^2, `cost` of the support
    vector machine that predicts; objectives: an iteration's start, after A, after the weights. Tsai, Yeh, Wang, "Learning
    Cross-Domain Landmarks for Heterogeneous Domain Adaptation", 2016. Raises Misuse for bad input, delta outside (0, 1], a
    `dim` above the target's rank.
    """
    arrays = checked(source, source_labels, labelled, labelled_labels, target)
    checks.settings({"dim": dim, "iterations": iterations, "weight": weight, "cost": cost}, {})
    if not 0 < delta <= 1:
        raise Misuse(f"delta={delta!r}: expected the mean weight of a landmark, above 0 and at most 1")
    return in_float64(_alternate, arrays, dim, delta, weight, iterations, cost)


def _alternate(xs_SD, ys_S, xl_LE, yl_L, xu_UE, dim, delta, weight, iterations, cost) -> dict[str, Any]:
    classes = int(ys_S.max()) + 1
    both_NM = _principal(jnp.concatenate([xl_LE, xu_UE]), dim)
    l_LM, u_UM = both_NM[: len(xl_LE)], both_NM[len(xl_LE) :]

    def one_hot(labels):
        return jax.nn.one_hot(labels, classes, dtype=xs_SD.dtype)

    def problem(yu_UC, share):
        return landmarks.Problem(xs_SD, one_hot(ys_S), l_LM, one_hot(yl_L), u_UM, yu_UC, share, weight)

    def predict(a_DM, alpha_S):
        rows, labels = jnp.concatenate([xs_SD @ a_DM, l_LM]), jnp.concatenate([ys_S, yl_L])
        costs = cost * jnp.concatenate([alpha_S, jnp.ones(len(l_LM))])
        w_MC = support_vector_weights(rows, labels, costs, classes=classes)
        return jnp.argmax(u_UM @ w_MC[:-1] + w_MC[-1], axis=1)

    # Without weights and without the unlabelled target: the supervised map that the iterations start from.
    alpha_S, beta_U = jnp.ones(len(xs_SD)), jnp.zeros(len(xu_UE))
    a_DM = landmarks.best_map(problem(jnp.zeros((len(xu_UE), classes)), 1.0), alpha_S, beta_U)
    labels, history = predict(a_DM, alpha_S), []
    alpha_S, beta_U = jnp.full(len(xs_SD), delta), jnp.full(len(xu_UE), delta)
    for _ in range(iterations):
        now = problem(one_hot(labels), delta)
        beta_U = landmarks.feasible(now, alpha_S, beta_U)[1]  # the classes of the target have changed
        start = landmarks.objective(now, a_DM, alpha_S, beta_U)
        a_DM = landmarks.best_map(now, alpha_S, beta_U)
        mapped = landmarks.objective(now, a_DM, alpha_S, beta_U)
        alpha_S, beta_U = landmarks.best_weights(now, a_DM, alpha_S, beta_U)
        weighted = landmarks.objective(now, a_DM, alpha_S, beta_U)
        labels = predict(a_DM, alpha_S)
        history.append({"labels": np.asarray(labels), "objective": (float(start), float(mapped), float(weighted))})
    return {
        "source": xs_SD @ a_DM, "labelled": l_LM, "target": u_UM, "labels": labels,
        "source_weights": alpha_S, "target_weights": beta_U, "history": history,
    }  # fmt: skip


def _principal(x_NE, dim: int):
    """The samples in their first `dim` principal directions; raises Misuse above the rank."""
    centred_NE = x_NE - x_NE.mean(0)
    left_NR, s_R, _ = jnp.linalg.svd(centred_NE, full_matrices=False)
    checks.dimension(dim, int(jnp.sum(s_R > s_R[0] * max(x_NE.shape) * jnp.finfo(s_R.dtype).eps)), "the centred target")
    return left_NR[:, :dim] * s_R[:dim]
