"""Scatter component analysis: classes apart, all samples spread, domains together."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from dlcv.shallow import checks
from dlcv.shallow.discrepancy import marginal
from dlcv.shallow.kernels import centred, kernel_of
from dlcv.shallow.projection import Projection, closed_form


@closed_form
def sca(
    source, source_labels, target, *, kernel="rbf", dim=None, beta=0.5, delta=1.0, ridge=1e-5, width=None
) -> Projection:
    """Scatter component analysis: the largest ratio of beta P + (1 - beta) T to delta D + Q + K + ridge I on the centred kernel.

    P and Q are the source's scatter between and within classes, T the total scatter, D that of the domains' means. The
    embedding is K B / sqrt(ratio) with B' (denominator) B = I; `dim` is by default the number of classes less one, the rank of P.
    Ghifary, Balduzzi, Kleijn, Zhang, "Scatter Component Analysis: A Unified Framework for Domain Adaptation and Domain
    Generalization", 2017. Raises Misuse for bad input and a `dim` above the rank.
    """
    x_ND, classes = jnp.concatenate([source, target]), int(source_labels.max()) + 1
    dim = classes - 1 if dim is None else dim
    checks.fraction("beta", beta)
    checks.positive("ridge", ridge)
    checks.dimension(dim, len(x_ND) - 1, "the centred samples")
    of = kernel_of(kernel, width, x_ND)
    raw_NN = of(x_ND, x_ND)
    gram_NN = centred(raw_NN, raw_NN)
    numerator_NN, denominator_NN = scatters(gram_NN, source_labels, beta, delta, ridge, classes=classes)
    b_Nd, values_d, rank = _largest(numerator_NN, denominator_NN, dim=dim)
    checks.dimension(dim, int(rank), "the scatters")
    b_Nd = b_Nd / jnp.sqrt(values_d)
    z_Nd = gram_NN @ b_Nd
    return Projection(
        z_Nd[: len(source)],
        z_Nd[len(source) :],
        lambda x, domain: centred(of(x, x_ND), raw_NN) @ b_Nd,
        ({"objective": jnp.sum(values_d)},),
    )


@functools.partial(jax.jit, static_argnames="classes")
def scatters(
    gram_NN: Float[Array, "N N"], labels_S: Int[Array, " S"], beta, delta, ridge, *, classes: int
) -> tuple[Float[Array, "N N"], Float[Array, "N N"]]:
    """beta P + (1 - beta) T and delta D + Q + K + ridge I of a centred Gram matrix whose first S rows are the labelled source.

    T = K K / N and D = the mean over domains of the squared distance of their means from the means' centre.
    """
    count, sources = len(gram_NN), len(labels_S)
    labelled_NS = gram_NN[:, :sources]
    member_SC = jax.nn.one_hot(labels_S, classes, dtype=gram_NN.dtype)
    mean_NC = labelled_NS @ member_SC / member_SC.sum(0)
    between_NC = (mean_NC - labelled_NS.mean(1, keepdims=True)) * jnp.sqrt(member_SC.sum(0))
    within_NS = labelled_NS - mean_NC @ member_SC.T
    gap_N1 = gram_NN @ marginal(sources, count - sources) / 2
    numerator_NN = beta * between_NC @ between_NC.T + (1 - beta) * gram_NN @ gram_NN / count
    denominator_NN = delta * gap_N1 @ gap_N1.T + within_NS @ within_NS.T + gram_NN + ridge * jnp.eye(count)
    return numerator_NN, denominator_NN


@functools.partial(jax.jit, static_argnames="dim")
def _largest(numerator_NN, denominator_NN, *, dim: int):
    """The `dim` largest solutions of numerator b = lambda denominator b with b' denominator b = 1, and the rank."""
    factor_NN = jnp.linalg.cholesky((denominator_NN + denominator_NN.T) / 2)
    solve = functools.partial(jax.scipy.linalg.solve_triangular, factor_NN, lower=True)
    form_NN = solve(solve(numerator_NN).T)
    values_N, vectors_NN = jnp.linalg.eigh((form_NN + form_NN.T) / 2)
    rank = jnp.sum(values_N > values_N[-1] * len(values_N) * jnp.finfo(values_N.dtype).eps)
    top_Nd = vectors_NN[:, ::-1][:, :dim]
    return solve(top_Nd, trans="T"), values_N[::-1][:dim], rank
