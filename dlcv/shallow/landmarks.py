"""The objective of cross-domain landmark selection, its best linear map and its best weights, each with the other fixed.

Tsai, Yeh and Wang, "Learning Cross-Domain Landmarks for Heterogeneous Domain Adaptation", 2016.
S source, L labelled and U unlabelled target samples, D source features, M directions of the target, C classes.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class Problem(NamedTuple):
    """What both updates hold fixed."""

    x_SD: Float[Array, "S D"]
    ys_SC: Float[Array, "S C"]  # classes as rows of one 1, of the source
    l_LM: Float[Array, "L M"]
    yl_LC: Float[Array, "L C"]
    u_UM: Float[Array, "U M"]
    yu_UC: Float[Array, "U C"]  # predicted ones; rows of zeros leave a sample out
    delta: float
    weight: float

    @property
    def counts(self):
        """Samples by class, [C] each: source, labelled, unlabelled."""
        return self.ys_SC.sum(0), self.yl_LC.sum(0), self.yu_UC.sum(0)

    @property
    def pairs_C(self):
        """e_c, the weighted number of pairs of samples of class c from two of the three sets."""
        s, l, u = self.counts
        return self.delta * s * l + self.delta * l * u + self.delta**2 * u * s


@jax.jit
def objective(p: Problem, a_DM, alpha_S, beta_U) -> Float[Array, ""]:
    """E_M + sum_c (E_cond^c + E_embed^c / e_c) + weight |A|^2: distances of the domains' means, of the classes' means, and of
    all pairs of a class, source samples weighted by alpha and unlabelled ones by beta.
    """
    return _matching(p, p.x_SD @ a_DM, alpha_S, beta_U) + p.weight * jnp.sum(a_DM**2)


def _matching(p: Problem, z_SM, alpha_S, beta_U):
    s_C, l_C, u_C = p.counts
    z_CM, l_CM, u_CM = _sums(p, alpha_S[:, None] * z_SM, beta_U)
    domain = z_CM.sum(0) / (p.delta * s_C.sum()) - (l_CM + u_CM).sum(0) / (l_C + p.delta * u_C).sum()
    by_class_CM = z_CM / (p.delta * s_C)[:, None] - (l_CM + u_CM) / (l_C + p.delta * u_C)[:, None]
    # sum_ij |a_i - b_j|^2 = n_b sum |a_i|^2 + n_a sum |b_j|^2 - 2 (sum a_i)(sum b_j)
    squares = (
        (l_C + u_C) * (p.ys_SC.T @ (alpha_S**2 * jnp.sum(z_SM**2, 1)))
        + (s_C + u_C) * (p.yl_LC.T @ jnp.sum(p.l_LM**2, 1))
        + (l_C + s_C) * (p.yu_UC.T @ (beta_U**2 * jnp.sum(p.u_UM**2, 1)))
    )
    products = jnp.sum(z_CM * l_CM + l_CM * u_CM + u_CM * z_CM, 1)
    return jnp.sum(domain**2) + jnp.sum(by_class_CM**2) + jnp.sum((squares - 2 * products) / p.pairs_C)


def _sums(p: Problem, rows_SX, beta_U):
    """Sums by class of given source rows, of the labelled and of the weighted unlabelled samples."""
    return p.ys_SC.T @ rows_SX, p.yl_LC.T @ p.l_LM, p.yu_UC.T @ (beta_U[:, None] * p.u_UM)


@jax.jit
def best_map(p: Problem, alpha_S, beta_U) -> Float[Array, "D M"]:
    """argmin over A of the objective: the normal equations of a ridge regression."""
    s_C, l_C, u_C = p.counts
    x_CD, l_CM, u_CM = _sums(p, alpha_S[:, None] * p.x_SD, beta_U)
    mean_D, mean_CD = x_CD.sum(0) / (p.delta * s_C.sum()), x_CD / (p.delta * s_C)[:, None]
    target_M = (l_CM + u_CM).sum(0) / (l_C + p.delta * u_C).sum()
    target_CM = (l_CM + u_CM) / (l_C + p.delta * u_C)[:, None]
    share_S = p.ys_SC @ ((l_C + u_C) / p.pairs_C) * alpha_S**2
    left_DD = jnp.outer(mean_D, mean_D) + mean_CD.T @ mean_CD + (share_S * p.x_SD.T) @ p.x_SD
    right_DM = jnp.outer(mean_D, target_M) + mean_CD.T @ target_CM + (x_CD / p.pairs_C[:, None]).T @ (l_CM + u_CM)
    return jnp.linalg.solve(left_DD + p.weight * jnp.eye(p.x_SD.shape[1]), right_DM)


@jax.jit
def feasible(p: Problem, alpha_S, beta_U):
    """The nearest weights in [0, 1] that sum to delta times the number of samples in every class."""
    return _capped(alpha_S, p.ys_SC, p.delta), _capped(beta_U, p.yu_UC, p.delta)


def _capped(weights_N, y_NC, delta):
    """Bisection for the shift of each class: clip(w - shift, 0, 1) has the wanted sum."""

    def halve(_, edges):
        low_C, high_C = edges
        middle_C = (low_C + high_C) / 2
        above_C = y_NC.T @ jnp.clip(weights_N - y_NC @ middle_C, 0, 1) > delta * y_NC.sum(0)
        return jnp.where(above_C, middle_C, low_C), jnp.where(above_C, high_C, middle_C)

    start = (jnp.full(y_NC.shape[1], weights_N.min() - 1), jnp.full(y_NC.shape[1], weights_N.max()))
    low_C, high_C = jax.lax.fori_loop(0, 50, halve, start)
    return jnp.clip(weights_N - y_NC @ ((low_C + high_C) / 2), 0, 1) * y_NC.sum(1)


@jax.jit
def best_weights(p: Problem, a_DM, alpha_S, beta_U, iterations: int = 120):
    """argmin over (alpha, beta) of the objective under `feasible`, by accelerated projected gradient with restarts.

    The method: Beck and Teboulle, "A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems", 2009; the
    restarts: O'Donoghue and Candes, "Adaptive Restart for Accelerated Gradient Schemes", 2015.
    """
    z_SM = p.x_SD @ a_DM
    value = lambda weights: _matching(p, z_SM, *weights)  # noqa: E731
    gradient = jax.grad(value)
    step = 1 / _curvature(gradient, (alpha_S, beta_U))

    def move(_, state):
        now, ahead, momentum = state
        moved = feasible(p, *jax.tree.map(lambda w, g: w - step * g, ahead, gradient(ahead)))
        after = (1 + jnp.sqrt(1 + 4 * momentum**2)) / 2
        restart = sum(jnp.vdot(a - m, m - n) for a, m, n in zip(ahead, moved, now, strict=True)) > 0
        pace = jnp.where(restart, 0.0, (momentum - 1) / after)
        return moved, jax.tree.map(lambda m, n: m + pace * (m - n), moved, now), jnp.where(restart, 1.0, after)

    start = feasible(p, alpha_S, beta_U)
    return jax.lax.fori_loop(0, iterations, move, (start, start, jnp.ones(())))[0]


def _curvature(gradient, at):
    """A bound on the largest eigenvalue of the Hessian, which is constant: 30 power iterations, with a margin."""

    def turn(_, state):
        direction, _ = state
        after = jax.jvp(gradient, (at,), (direction,))[1]
        length = jnp.sqrt(sum(jnp.vdot(part, part) for part in after))
        return jax.tree.map(lambda part: part / length, after), length

    return 1.1 * jax.lax.fori_loop(0, 30, turn, (jax.tree.map(jnp.ones_like, at), jnp.ones(())))[1]
