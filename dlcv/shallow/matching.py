"""Transfer components: TCA, JDA and TJM, which bring the domains' means together in a kernel's feature space."""

import functools

import jax
import jax.numpy as jnp

from dlcv.shallow.classifiers import nearest
from dlcv.shallow.discrepancy import conditional, frobenius, marginal
from dlcv.shallow.eigen import Ratio, directions, largest_ratio
from dlcv.shallow.kernels import gram_factor, kernel_of
from dlcv.shallow.projection import Projection, closed_form, unit_length


class _Problem:
    """The samples of both domains, their Gram matrix K and V with V V' = K H K."""

    def __init__(self, source, labels, target, kernel: str, width):
        self.x, self.labels, self.sources = jnp.concatenate([source, target]), labels, len(source)
        self.classes = int(labels.max()) + 1
        self.kernel = kernel_of(kernel, width, self.x)
        self.gram = self.kernel(self.x, self.x)
        self.factor = gram_factor(kernel, self.x, self.gram)

    def split(self, z):
        return z[: self.sources], z[self.sources :]

    def predict(self, z):
        """The target's labels by the nearest source sample."""
        source, target = self.split(z)
        return nearest(source, self.labels, target)

    def projection(self, a, finish, history) -> Projection:
        source, target = self.split(finish(self.gram @ a))
        return Projection(source, target, lambda x, domain: finish(self.kernel(x, self.x) @ a), tuple(history))


@closed_form
def tca(source, source_labels, target, *, kernel="linear", dim=30, weight=1.0, width=None, scale="unit") -> Projection:
    """Transfer component analysis: min tr(A'KMKA) + weight |A|^2 subject to A'KHKA = I, embedding K A.

    Pan, Tsang, Kwok, Yang, "Domain Adaptation via Transfer Component Analysis", 2011. `kernel` "linear" or "rbf" of `width`.
    Raises Misuse for bad input and a `dim` above the rank.
    """
    problem = _Problem(source, source_labels, target, kernel, width)
    e = marginal(len(source), len(target))
    ratio = _weighted_step(problem.gram, problem.factor, e / jnp.linalg.norm(e), jnp.full(len(e), weight), dim=dim)
    a = directions(ratio, scale, dim)
    labels = problem.predict(problem.gram @ a)
    return problem.projection(a, _as_is, [{"labels": labels, "objective": jnp.sum(1 / ratio.values_d)}])


@closed_form
def jda(
    source, source_labels, target, *, kernel="linear", dim=100, weight=1.0, iterations=10, width=None, scale="unit"
) -> Projection:
    """Joint distribution adaptation: TCA whose M also holds the class-wise differences under pseudo-labels; unit rows.

    The first iteration has no pseudo-labels and matches the overall means alone; these count C times beside the C classes.
    Long, Wang, Ding, Sun, Yu, "Transfer Feature Learning with Joint Distribution Adaptation", 2013. Raises as `tca`.
    """
    problem = _Problem(source, source_labels, target, kernel, width)
    overall_N1, history = marginal(len(source), len(target)) * problem.classes**0.5, []
    e, solved = overall_N1, problem.factor / weight
    form = problem.factor.T @ solved
    for _ in range(iterations):
        ratio = _ridge_step(problem.gram, solved, e / jnp.sqrt(frobenius(e)), weight, form, dim=dim)
        a = directions(ratio, scale, dim)
        labels = problem.predict(unit_length(problem.gram @ a))
        history.append({"labels": labels, "objective": jnp.sum(1 / ratio.values_d)})
        e = jnp.concatenate([overall_N1, conditional(source_labels, labels, problem.classes)], axis=1)
    return problem.projection(a, unit_length, history)


@closed_form
def tjm(
    source, source_labels, target, *, kernel="linear", dim=20, weight=1.0, iterations=10, width=None, scale="unit"
) -> Projection:
    """Transfer joint matching: TCA whose penalty weight (2 |A_s|_{2,1} + |A_t|^2) also drops source samples, row by row.

    Each iteration solves the quadratic bound with weights 1 / |a_i| on source rows. With `scale="constraint"` the objective
    never rises; the published numbers use "unit". Long, Wang, Ding, Sun, Yu, "Transfer Joint Matching for Unsupervised Domain
    Adaptation", 2014. Raises as `tca`.
    """
    problem = _Problem(source, source_labels, target, kernel, width)
    e = marginal(len(source), len(target))
    e, penalty, history = e / jnp.linalg.norm(e), jnp.ones(len(problem.x)), []
    for _ in range(iterations):
        ratio = _weighted_step(problem.gram, problem.factor, e, weight * penalty, dim=dim)
        a = directions(ratio, scale, dim)
        length_N = jnp.sqrt(jnp.sum(a**2, 1) + jnp.finfo(a.dtype).eps)
        row_costs_N = jnp.where(jnp.arange(len(a)) < len(source), 2 * length_N, length_N**2)
        objective = jnp.sum((e.T @ problem.gram @ a) ** 2) + weight * jnp.sum(row_costs_N)
        penalty = jnp.where(jnp.arange(len(a)) < len(source), 1 / length_N, 1.0)
        history.append({"labels": problem.predict(problem.gram @ a), "objective": objective})
    return problem.projection(a, _as_is, history)


@functools.partial(jax.jit, static_argnames="dim")
def _ridge_step(gram_NN, solved_v_NR, e_NE, weight, form_RR, *, dim: int) -> Ratio:
    """V V' a = mu (K E E' K + weight I) a from V / weight and V' V / weight."""
    u_NE = gram_NN @ e_NE
    return largest_ratio(form_RR, solved_v_NR, u_NE, u_NE / weight, dim=dim)


@functools.partial(jax.jit, static_argnames="dim")
def _weighted_step(gram_NN, v_NR, e_NE, penalty_N, *, dim: int) -> Ratio:
    """V V' a = mu (K E E' K + diag(penalty)) a."""
    u_NE, solved_v_NR = gram_NN @ e_NE, v_NR / penalty_N[:, None]
    return largest_ratio(v_NR.T @ solved_v_NR, solved_v_NR, u_NE, u_NE / penalty_N[:, None], dim=dim)


def _as_is(z):
    return z
