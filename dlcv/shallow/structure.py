"""Adaptation between features of different width by two projections that keep classes together (CDSPP).

Wang and Breckon, "Cross-Domain Structure Preserving Projection for Heterogeneous Domain Adaptation", 2022.
S source and N labelled target samples (given or predicted), D and E features, M dimensions, C classes.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dlcv.shallow import checks
from dlcv.shallow.heterogeneous import Shared, checked, in_float64


def cdspp(source, source_labels, labelled, labelled_labels, target, *, dim=None, ridge=1.0, iterations=10) -> Shared:
    """Projections P and Q with max tr(2 P'Xs Wc Xt'Q) over tr(P'(Xs Ls Xs' + ridge I)P + Q'(Xt Lt Xt' + ridge I)Q).

    Wc links samples of one class across the domains; Ls and Lt are the Laplacians of such links within a domain and across.
    `dim` is by default the number of classes, the rank of Wc. A target sample takes the class of the nearest class mean of unit
    rows (cosine); iteration t of T trusts the best t/T of each predicted class, and the next projections learn from them.
    Raises Misuse for bad input and a `dim` above the rank.
    """
    arrays = checked(source, source_labels, labelled, labelled_labels, target)
    dim = int(arrays[1].max()) + 1 if dim is None else dim
    checks.settings({"dim": dim, "iterations": iterations, "ridge": ridge}, {})
    return in_float64(_iterate, arrays, dim, ridge, iterations)


def _iterate(xs_SD, ys_S, xl_LE, yl_L, xu_UE, dim, ridge, iterations) -> dict[str, Any]:
    classes = int(ys_S.max()) + 1
    s_SP, both_NR = _span(xs_SD), _span(jnp.concatenate([xl_LE, xu_UE]))
    checks.dimension(dim, min(classes, s_SP.shape[1], both_NR.shape[1]), "the links between classes across the domains")
    labelled = len(yl_L)
    trust_N = np.arange(len(both_NR)) < labelled
    labels_N = jnp.concatenate([yl_L, jnp.zeros(len(xu_UE), yl_L.dtype)])
    history = []
    for step in range(1, iterations + 1):
        yt_NC = jax.nn.one_hot(labels_N, classes, dtype=s_SP.dtype) * trust_N[:, None]
        ys_SC = jax.nn.one_hot(ys_S, classes, dtype=s_SP.dtype)
        p_PM, q_RM, values_M = projections(s_SP, ys_SC, both_NR, yt_NC, ridge, dim=dim)
        zs_SM, zt_NM = unit(s_SP @ p_PM), unit(both_NR @ q_RM)
        means_CM = unit(ys_SC.T @ zs_SM + yt_NC.T @ zt_NM)
        likeness_UC = zt_NM[labelled:] @ means_CM.T
        labels = jnp.argmax(likeness_UC, axis=1)
        labels_N = jnp.concatenate([yl_L, labels])
        trust_N[labelled:] = _best(np.asarray(labels), np.asarray(likeness_UC.max(1)), step / iterations)
        history.append({"labels": np.asarray(labels), "objective": float(values_M.sum())})
    return {
        "source": zs_SM, "labelled": zt_NM[:labelled], "target": zt_NM[labelled:], "labels": labels, "history": history,
    }  # fmt: skip


def _span(x_ND):
    """The samples in an orthonormal basis of their span: the projections lie in it."""
    left_NR, s_R, _ = jnp.linalg.svd(x_ND, full_matrices=False)
    rank = int(jnp.sum(s_R > s_R[0] * max(x_ND.shape) * jnp.finfo(s_R.dtype).eps))
    return left_NR[:, :rank] * s_R[:rank]


def unit(x_NM):
    """Rows of length one; zero rows stay."""
    return x_NM / jnp.maximum(jnp.linalg.norm(x_NM, axis=1, keepdims=True), jnp.finfo(x_NM.dtype).tiny)


@partial(jax.jit, static_argnames="dim")
def projections(
    s_SP: Float[Array, "S P"],
    ys_SC: Float[Array, "S C"],
    t_NR: Float[Array, "N R"],
    yt_NC: Float[Array, "N C"],
    ridge,
    *,
    dim: int,
) -> tuple[Float[Array, "P M"], Float[Array, "R M"], Float[Array, " M"]]:
    """The `dim` largest solutions of [0 K; K' 0] w = value diag(Bs, Bt) w, w = [p; q], K = Xs' Wc Xt; rows of zeros in yt are left out.

    diag(Bs, Bt) is block-diagonal, so that they are singular vectors: of Bs^-1/2 K Bt^-1/2 in Cholesky factors.
    """
    s_C, t_C = ys_SC.sum(0), yt_NC.sum(0)
    own_s_S, own_t_N = ys_SC @ (s_C + t_C / 2), yt_NC @ (t_C + s_C / 2)  # degrees: links within, half of those across
    sums_CP, sums_CR = ys_SC.T @ s_SP, yt_NC.T @ t_NR
    of_s_PP = (own_s_S * s_SP.T) @ s_SP - sums_CP.T @ sums_CP + ridge * jnp.eye(s_SP.shape[1])
    of_t_RR = (own_t_N * t_NR.T) @ t_NR - sums_CR.T @ sums_CR + ridge * jnp.eye(t_NR.shape[1])
    solve = partial(jax.scipy.linalg.solve_triangular, lower=True)
    root_s_PP, root_t_RR = jnp.linalg.cholesky(of_s_PP), jnp.linalg.cholesky(of_t_RR)
    between_PR = solve(root_t_RR, solve(root_s_PP, sums_CP.T @ sums_CR).T).T
    left, values, right = jnp.linalg.svd(between_PR, full_matrices=False)
    p_PM, q_RM = solve(root_s_PP, left[:, :dim], trans="T"), solve(root_t_RR, right[:dim].T, trans="T")
    return p_PM, q_RM, values[:dim]


def _best(labels_U: np.ndarray, likeness_U: np.ndarray, share: float) -> np.ndarray:
    """True for the likeliest `share` of the samples of each predicted class, rounded up."""
    chosen = np.zeros(len(labels_U), bool)
    for label in np.unique(labels_U):
        rows = np.flatnonzero(labels_U == label)
        order = rows[np.argsort(-likeness_U[rows], kind="stable")]
        chosen[order[: int(np.ceil(len(rows) * share - 1e-9))]] = True
    return chosen
