"""Joint geometrical and statistical alignment: two coupled projections, one a domain, in the input space or a kernel's.

Zhang, Li, Ogunbona, "Joint Geometrical and Statistical Alignment for Visual Domain Adaptation", 2017. The projections A and B
maximise tr(spread' W' Smax W) / tr(W' Smin W), W = [A; B], with Smax the target's scatter (weighted mu) and the source's
between-class scatter (beta), Smin the class-wise differences of the domains' means, the source's within-class scatter (beta),
|A - B|^2 (weight) and |B|^2 (mu). Columns of W have unit norm, as in the published tables.
"""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.shallow.classifiers import nearest
from dlcv.shallow.discrepancy import conditional, frobenius, marginal
from dlcv.shallow.eigen import Ratio, directions, largest_ratio
from dlcv.shallow.kernels import centred, kernel_of, squared_distances
from dlcv.shallow.projection import Projection, closed_form

DOMAINS = ("source", "target")
RIDGE = 1e-9  # added to Smin, as the authors do


@closed_form
def primal(
    source, source_labels, target, *, dim=30, weight=1.0, mu=1.0, beta=0.1, iterations=10, scale="unit"
) -> Projection:
    """JGSA in the input space, solved in the span of the samples where that is narrower than the features.

    `history` holds the pseudo-labels after each iteration and the attained sum of ratios. Raises Misuse for bad input and a
    `dim` above the rank.
    """
    x_ND = jnp.concatenate([source, target])
    basis_DR = jnp.linalg.qr(x_ND.T)[0] if len(x_ND) < x_ND.shape[1] else jnp.eye(x_ND.shape[1])
    a, b, history = _iterate(
        source @ basis_DR,
        target @ basis_DR,
        jnp.ones(basis_DR.shape[1]),
        source_labels,
        first=nearest(source, source_labels, target),
        centre=True,
        weights=(weight, mu, beta),
        dim=dim,
        iterations=iterations,
        scale=scale,
    )
    maps = {"source": basis_DR @ a, "target": basis_DR @ b}
    return Projection(
        source @ maps["source"], target @ maps["target"], lambda x, domain: x @ maps[domain], tuple(history)
    )


@closed_form
def linear(
    source, source_labels, target, *, dim=30, weight=1.0, mu=1.0, beta=0.1, iterations=10, scale="unit"
) -> Projection:
    """JGSA on the centred linear kernel: norms are taken in feature space, the target's scatter about the joint mean."""
    settings = {"weights": (weight, mu, beta), "dim": dim, "iterations": iterations, "scale": scale}
    kernels = dict.fromkeys(("both", *DOMAINS), kernel_of("linear", None, source))
    return _kernelised(kernels, source, source_labels, target, **settings)


@closed_form
def rbf(
    source, source_labels, target, *, dim=30, weight=1.0, mu=1.0, beta=0.1, iterations=10, width=None, scale="unit"
) -> Projection:
    """JGSA on the centred kernel exp(-|x - y|^2 / (2 width^2)).

    No width: 2 / mean |x - y|^2, meant for rows of unit norm, where the mean is taken for each block of rows (the source's, the
    target's, all) against all samples: so the published numbers come out to the digit.
    """
    settings = {"weights": (weight, mu, beta), "dim": dim, "iterations": iterations, "scale": scale}
    both = jnp.concatenate([source, target])
    rows = {"both": both, "source": source, "target": target}
    widths = {block: 2 / squared_distances(x, both).mean() if width is None else width for block, x in rows.items()}
    kernels = {block: kernel_of("rbf", widths[block], both) for block in rows}
    return _kernelised(kernels, source, source_labels, target, **settings)


def _kernelised(kernels, source, labels, target, **settings) -> Projection:
    """In the eigenbasis of the centred Gram matrix without its null space, in which neither quadratic form has a part."""
    x_ND = jnp.concatenate([source, target])
    gram_NN = kernels["both"](x_ND, x_ND)
    values_N, vectors_NN = jnp.linalg.eigh(centred(gram_NN, gram_NN))
    rank = int(jnp.sum(values_N > values_N[-1] * len(x_ND) * jnp.finfo(x_ND.dtype).eps))
    basis_NR = vectors_NN[:, -rank:]

    def features(x, domain):
        return centred(kernels[domain](x, x_ND), gram_NN) @ basis_NR

    source_SR, target_TR = features(source, "source"), features(target, "target")
    first = nearest(source, labels, target)
    a, b, history = _iterate(source_SR, target_TR, values_N[-rank:], labels, first=first, centre=False, **settings)
    maps = {"source": a, "target": b}
    return Projection(
        source_SR @ a, target_TR @ b, lambda x, domain: features(x, domain) @ maps[domain], tuple(history)
    )


def _iterate(source_SR, target_TR, norm_R, labels_S, *, first, centre, weights, dim, iterations, scale):
    """A, B and the history, from features of both domains in coordinates where |a|^2 in feature space is sum norm a^2."""
    weight, mu, beta = weights
    classes, width = int(labels_S.max()) + 1, source_SR.shape[1]
    aim_TR = target_TR - target_TR.mean(0) if centre else target_TR
    if len(aim_TR) > width:
        aim_TR = jnp.linalg.qr(aim_TR, mode="r")
    fixed = _fixed(source_SR, aim_TR, norm_R, labels_S, weight, mu, beta, classes=classes)
    overall_N1 = marginal(len(source_SR), len(target_TR)) * classes**0.5
    labels_T, history = first, []
    for _ in range(iterations):
        e_NE = jnp.concatenate([overall_N1, conditional(labels_S, labels_T, classes)], axis=1)
        e_NE = e_NE / jnp.sqrt(frobenius(overall_N1))
        ratio = _step(source_SR, target_TR, norm_R, e_NE, fixed, weight, mu, dim=dim)
        w = directions(ratio, scale, dim)
        a, b = w[:width], w[width:]
        labels_T = nearest(source_SR @ a, labels_S, target_TR @ b)
        history.append({"labels": labels_T, "objective": jnp.sum(ratio.values_d)})
    return a, b, history


@functools.partial(jax.jit, static_argnames="classes")
def _fixed(
    source_SR: Float[Array, "S R"],
    aim_MR: Float[Array, "M R"],
    norm_R: Float[Array, " R"],
    labels_S: Int[Array, " S"],
    weight,
    mu,
    beta,
    *,
    classes: int,
):
    """What no pseudo-label changes: V' D^-1 V and D^-1 V, with V V' = Smax and D the rest of Smin, and a factor that inverts D."""
    member_SC = jax.nn.one_hot(labels_S, classes, dtype=source_SR.dtype)
    count_C = member_SC.sum(0)
    mean_CR = member_SC.T @ source_SR / count_C[:, None]
    between_CR = jnp.sqrt(count_C)[:, None] * (mean_CR - source_SR.mean(0))
    within_SR = source_SR - member_SC @ mean_CR
    v_WV = jax.scipy.linalg.block_diag(jnp.sqrt(beta) * between_CR.T, jnp.sqrt(mu) * aim_MR.T)
    coupled_R = weight * norm_R - (weight * norm_R) ** 2 / _second(norm_R, weight, mu) + RIDGE
    factor_RR = jnp.linalg.cholesky(jnp.diag(coupled_R) + beta * within_SR.T @ within_SR)
    solved_v_WV = _solve(factor_RR, norm_R, weight, mu, v_WV)
    return v_WV.T @ solved_v_WV, solved_v_WV, factor_RR


def _second(norm_R, weight, mu):
    """The lower right block of D, which is diagonal."""
    return (weight + mu) * norm_R + RIDGE


def _solve(factor_RR, norm_R, weight, mu, p_WP):
    """D^-1 P of D = [[weight N + beta Sw, -weight N], [-weight N, (weight + mu) N]] + ridge, by its Schur complement."""
    upper_RP, lower_RP = jnp.split(p_WP, 2)
    pull_R1, second_R1 = (weight * norm_R)[:, None], _second(norm_R, weight, mu)[:, None]
    a_RP = jax.scipy.linalg.cho_solve((factor_RR, True), upper_RP + pull_R1 * lower_RP / second_R1)
    return jnp.concatenate([a_RP, (lower_RP + pull_R1 * a_RP) / second_R1])


@functools.partial(jax.jit, static_argnames="dim")
def _step(source_SR, target_TR, norm_R, e_NE, fixed, weight, mu, *, dim: int) -> Ratio:
    form_VV, solved_v_WV, factor_RR = fixed
    sources = len(source_SR)
    u_WE = jnp.concatenate([source_SR.T @ e_NE[:sources], target_TR.T @ e_NE[sources:]])
    return largest_ratio(form_VV, solved_v_WV, u_WE, _solve(factor_RR, norm_R, weight, mu, u_WE), dim=dim)
