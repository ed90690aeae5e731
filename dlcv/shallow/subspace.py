"""Alignment of principal subspaces (SA, SDA) and of covariances (CORAL), beside no alignment at all."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.shallow import checks
from dlcv.shallow.projection import Projection, closed_form


@closed_form
def raw(source, source_labels, target) -> Projection:
    """The samples as they are: the baseline of every table."""
    return Projection(source, target, lambda x, domain: x)


@functools.partial(jax.jit, static_argnames="dim")
def _principal(x_ND: Float[Array, "N D"], *, dim: int):
    values_R, basis_DR, rank = _axes(x_ND)
    return basis_DR[:, ::-1][:, :dim], values_R[::-1][:dim], rank


def _axes(x_ND: Float[Array, "N D"]) -> tuple[Float[Array, " R"], Float[Array, "D R"], Array]:
    """(variances rising, axes, rank) of the covariance (N - 1), R = min(N, D), through the smaller of its two Gram matrices.

    Squaring halves the digits: a direction counts when its variance is above the largest times max(N, D) times the float's epsilon.
    """
    centred_ND = (x_ND - x_ND.mean(0)) / jnp.sqrt(len(x_ND) - 1)
    narrow = centred_ND.shape[0] < centred_ND.shape[1]
    gram_RR = centred_ND @ centred_ND.T if narrow else centred_ND.T @ centred_ND
    values_R, vectors_RR = jnp.linalg.eigh(gram_RR, symmetrize_input=False)
    real_R = values_R > values_R[-1] * max(centred_ND.shape) * jnp.finfo(x_ND.dtype).eps
    scale_R = jnp.sqrt(jnp.where(real_R, values_R, 1.0))
    return (
        jnp.where(real_R, values_R, 0.0),
        centred_ND.T @ (vectors_RR / scale_R) if narrow else vectors_RR,
        real_R.sum(),
    )


def principal(x_ND: Float[Array, "N D"], dim: int, name: str) -> tuple[Float[Array, "D d"], Float[Array, " d"]]:
    """The first `dim` principal axes, as columns, and the variances along them; raises Misuse above the rank."""
    basis_Dd, variances_d, rank = _principal(x_ND, dim=min(dim, *x_ND.shape))
    checks.dimension(dim, int(rank), f"the centred {name}")
    return basis_Dd, variances_d


@closed_form
def sa(source, source_labels, target, *, dim=30) -> Projection:
    """Subspace alignment: source axes turned by M = Ps'Pt = argmin |Ps M - Pt|_F, so Xs Ps M beside Xt Pt.

    Fernando, Habrard, Sebban, Tuytelaars, "Unsupervised Visual Domain Adaptation Using Subspace Alignment", 2013. Raises
    Misuse for bad input and a `dim` above a domain's rank.
    """
    source_Dd, _ = principal(source, dim, "source")
    target_Dd, _ = principal(target, dim, "target")
    return _linear(source, target, source_Dd @ (source_Dd.T @ target_Dd), target_Dd)


@closed_form
def sda(source, source_labels, target, *, dim=30) -> Projection:
    """Subspace distribution alignment: SA, then each axis rescaled by sqrt(target variance / source variance).

    Sun, Saenko, "Subspace Distribution Alignment for Unsupervised Domain Adaptation", 2015. Raises as `sa`.
    """
    source_Dd, source_variances_d = principal(source, dim, "source")
    target_Dd, target_variances_d = principal(target, dim, "target")
    scale_d = jnp.sqrt(target_variances_d / source_variances_d)
    return _linear(source, target, source_Dd @ (source_Dd.T @ target_Dd) * scale_d, target_Dd)


@closed_form
def coral(source, source_labels, target, *, ridge=1.0) -> Projection:
    """Correlation alignment: the source whitened, then coloured like the target, Xs (Cs + ridge I)^-1/2 (Ct + ridge I)^1/2.

    Sun, Feng, Saenko, "Return of Frustratingly Easy Domain Adaptation", 2016 (algorithm 1, ridge 1). Raises Misuse for bad
    input.
    """

    map_of_rows = _coral(source, target, ridge)

    def follow(x, domain):
        return x if domain == "target" else map_of_rows(x)

    return Projection(follow(source, "source"), target, follow)


class Power(NamedTuple):
    """A power of C + ridge I as outside I + basis diag(gain) basis'."""

    outside: Array
    gain_R: Float[Array, " R"]
    basis_DR: Float[Array, "D R"]

    def matrix(self) -> Float[Array, "D D"]:
        return self.outside * jnp.eye(len(self.basis_DR)) + (self.basis_DR * self.gain_R) @ self.basis_DR.T

    def __call__(self, x_MD: Float[Array, "M D"]) -> Float[Array, "M D"]:
        """X (C + ridge I)^exponent without a D x D matrix: 4096 features of 295 samples need none."""
        return self.outside * x_MD + (x_MD @ self.basis_DR * self.gain_R) @ self.basis_DR.T


def _coral(source_SD: Float[Array, "S D"], target_TD: Float[Array, "T D"], ridge):
    whiten, colour = _covariance_power(source_SD, ridge, -0.5), _covariance_power(target_TD, ridge, 0.5)
    if min(len(source_SD), len(target_TD)) < source_SD.shape[1]:
        return lambda x_MD: colour(whiten(x_MD))
    both_DD = _product(whiten, colour)
    return lambda x_MD: x_MD @ both_DD


@jax.jit
def _product(first: Power, second: Power) -> Float[Array, "D D"]:
    return first.matrix() @ second.matrix()


@jax.jit
def _covariance_power(sample_ND: Float[Array, "N D"], ridge, exponent) -> Power:
    """Of the sample's covariance C; orthogonal to the sample it is ridge^exponent, and 0 without a ridge: C's pseudo-inverse's."""
    values_R, basis_DR, _ = _axes(sample_ND)
    outside = jnp.where(ridge > 0, jnp.maximum(ridge, jnp.finfo(sample_ND.dtype).tiny) ** exponent, 0.0)
    real_R = values_R > 0
    gain_R = jnp.where(real_R, (jnp.where(real_R, values_R, 1.0) + ridge) ** exponent - outside, 0.0)
    return Power(outside, gain_R, basis_DR)


def _linear(source, target, of_source, of_target) -> Projection:
    maps = {"source": of_source, "target": of_target}
    return Projection(source @ of_source, target @ of_target, lambda x, domain: x @ maps[domain])
