"""Manifold embedded distribution alignment: a kernel classifier on the geodesic flow's features, learnt with the target."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.shallow import checks
from dlcv.shallow.classifiers import nearest, support_vector
from dlcv.shallow.discrepancy import conditional, frobenius, marginal
from dlcv.shallow.geodesic import flow_root
from dlcv.shallow.kernels import kernel_of
from dlcv.shallow.projection import Projection, closed_form, unit_length


@closed_form
def meda(
    source,
    source_labels,
    target,
    *,
    dim=20,
    balance=None,
    alignment=10.0,
    smoothness=1.0,
    ridge=0.1,
    neighbours=10,
    iterations=10,
    width=1.0,
) -> Projection:
    """MEDA: class scores f = K alpha that fit the source, agree between domains in mean, and vary little along the samples' graph.

    The embedding is the scores [N, C] themselves and `labels` their largest. alpha solves ((E + alignment M + smoothness L) K +
    ridge I) alpha = E Y, where M mixes overall and class-wise differences of means by `balance` in [0, 1]; none: estimated from
    proxy A-distances in each iteration. Wang, Feng, Chen, Yu, Huang, Yu, "Visual Domain Adaptation with Manifold Embedded
    Distribution Alignment", 2018. Raises Misuse for bad input and as `gfk`.
    """
    checks.positive("ridge", ridge)
    if balance is not None:
        checks.fraction("balance", balance)
    flow, classes, sources = flow_root(source, target, dim), int(source_labels.max()) + 1, len(source)

    def manifold(x):
        return unit_length(x @ flow)

    z_NP = manifold(jnp.concatenate([source, target]))
    kernel = kernel_of("rbf", width, z_NP)
    gram_NN, smooth_NN = kernel(z_NP, z_NP), smoothness * laplacian(z_NP, neighbours=min(neighbours, len(z_NP) - 1))
    factor = _factor(gram_NN, smooth_NN, (jnp.arange(len(z_NP)) < sources) * 1.0, ridge)
    labels, history = nearest(z_NP[:sources], source_labels, z_NP[sources:]), []
    for _ in range(iterations):
        mixed = balance_of(z_NP, source_labels, labels, classes=classes) if balance is None else balance
        scores_NC, alpha_NC, objective = _fit(
            factor, gram_NN, smooth_NN, source_labels, labels, mixed, alignment, ridge, classes=classes
        )
        labels = jnp.argmax(scores_NC[sources:], axis=1)
        history.append({"labels": labels, "objective": objective, "balance": mixed})
    return Projection(
        scores_NC[:sources],
        scores_NC[sources:],
        lambda x, domain: kernel(manifold(x), z_NP) @ alpha_NC,
        tuple(history),
        labels,
    )


@functools.partial(jax.jit, static_argnames="neighbours")
def laplacian(z_NP: Float[Array, "N P"], *, neighbours: int) -> Float[Array, "N N"]:
    """I - D^-1/2 W D^-1/2 of the graph that joins each unit row to its nearest by cosine, weighted by that cosine (not below 0).

    Belkin, Niyogi, Sindhwani, "Manifold Regularization", 2006.
    """
    cosine_NN = jnp.maximum(z_NP @ z_NP.T, 0.0) * (1 - jnp.eye(len(z_NP)))
    least_N1 = jax.lax.top_k(cosine_NN, neighbours)[0][:, -1:]
    near_NN = jnp.where(cosine_NN >= least_N1, cosine_NN, 0.0)
    weight_NN = jnp.maximum(near_NN, near_NN.T)
    scale_N = 1 / jnp.sqrt(jnp.maximum(weight_NN.sum(1), jnp.finfo(z_NP.dtype).tiny))
    return jnp.eye(len(z_NP)) - scale_N[:, None] * weight_NN * scale_N


@functools.partial(jax.jit, static_argnames="classes")
def balance_of(
    z_NP: Float[Array, "N P"], labels_S: Int[Array, " S"], labels_T: Int[Array, " T"], *, classes: int
) -> Array:
    """The class-wise share of the domains' distance: mean_c d_c / (mean_c d_c + d), d = 2 (1 - 2 error) of a linear SVM.

    The error is that of telling the domains apart (Ben-David et al., "Analysis of Representations for Domain Adaptation", 2007); a
    class with a domain missing counts as 0.
    """
    sources = len(labels_S)
    x_NE = jnp.concatenate([z_NP, jnp.ones_like(z_NP[:, :1])], axis=1)
    sign_N = jnp.where(jnp.arange(len(z_NP)) < sources, 1.0, -1.0)

    def distance(chosen_N):
        guess_N = jnp.where(x_NE @ support_vector(x_NE, sign_N, chosen_N) > 0, 1.0, -1.0)
        error = jnp.sum(chosen_N * (guess_N != sign_N)) / jnp.maximum(chosen_N.sum(), 1.0)
        both = (chosen_N[:sources].sum() > 0) & (chosen_N[sources:].sum() > 0)
        return jnp.where(both, 2 * (1 - 2 * jnp.minimum(error, 0.5)), 0.0)

    member_CN = jax.nn.one_hot(jnp.concatenate([labels_S, labels_T]), classes, dtype=z_NP.dtype).T
    overall, by_class = distance(jnp.ones(len(z_NP))), jax.lax.map(distance, member_CN).mean()
    return jnp.where(overall + by_class > 0, by_class / (overall + by_class), 0.5)


@jax.jit
def _factor(gram_NN, smooth_NN, known_N, ridge):
    """An LU factor of (E + smoothness L) K + ridge I, which no pseudo-label changes."""
    return jax.scipy.linalg.lu_factor((jnp.diag(known_N) + smooth_NN) @ gram_NN + ridge * jnp.eye(len(gram_NN)))


@functools.partial(jax.jit, static_argnames="classes")
def _fit(factor, gram_NN, smooth_NN, labels_S, labels_T, balance, alignment, ridge, *, classes: int):
    """alpha, its scores, and the attained objective: a sum of squares over the source and three quadratic forms."""
    targets, sources = len(labels_T), len(labels_S)
    overall_N1 = marginal(sources, targets) * jnp.sqrt(classes * (1 - balance))
    e_NE = jnp.concatenate([overall_N1, conditional(labels_S, labels_T, classes) * jnp.sqrt(balance)], axis=1)
    e_NE = e_NE * jnp.sqrt(alignment / frobenius(e_NE))
    aim_NC = jnp.concatenate([jax.nn.one_hot(labels_S, classes), jnp.zeros((targets, classes))])
    solved = jax.scipy.linalg.lu_solve(factor, jnp.concatenate([aim_NC, e_NE], axis=1))
    plain_NC, pull_NE = solved[:, :classes], solved[:, classes:]
    seen_EN = e_NE.T @ gram_NN
    small_EE = jnp.eye(e_NE.shape[1]) + seen_EN @ pull_NE
    alpha_NC = plain_NC - pull_NE @ jnp.linalg.solve(small_EE, seen_EN @ plain_NC)
    scores_NC = gram_NN @ alpha_NC
    missed = jnp.sum((scores_NC - aim_NC)[:sources] ** 2)
    penalties = jnp.sum((e_NE.T @ scores_NC) ** 2) + jnp.sum(scores_NC * (smooth_NN @ scores_NC))
    return scores_NC, alpha_NC, missed + penalties + ridge * jnp.sum(alpha_NC * scores_NC)
