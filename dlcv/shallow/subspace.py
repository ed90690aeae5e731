"""Alignment of principal subspaces (SA, SDA) and of covariances (CORAL), beside no alignment at all."""

import functools

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
    _, s_R, basis_RD = jnp.linalg.svd(x_ND - x_ND.mean(0), full_matrices=False)
    rank = jnp.sum(s_R > s_R[0] * max(x_ND.shape) * jnp.finfo(s_R.dtype).eps)
    return basis_RD[:dim].T, s_R[:dim] ** 2 / (len(x_ND) - 1), rank


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

    def colour(x, domain="source"):
        if domain == "target":
            return x
        return _covariance_power(_covariance_power(x, source, ridge, -0.5), target, ridge, 0.5)

    return Projection(colour(source), target, colour)


@jax.jit
def _covariance_power(
    x_MD: Float[Array, "M D"], sample_ND: Float[Array, "N D"], ridge, exponent
) -> Float[Array, "M D"]:
    """X (C + ridge I)^exponent, C the sample's covariance (N - 1), through the smaller of its two Gram matrices.

    Orthogonal to the sample the power is ridge^exponent, and 0 without a ridge: then of C's pseudo-inverse.
    """
    centred_ND = (sample_ND - sample_ND.mean(0)) / jnp.sqrt(len(sample_ND) - 1)
    outside = jnp.where(ridge > 0, jnp.maximum(ridge, jnp.finfo(x_MD.dtype).tiny) ** exponent, 0.0)
    narrow = centred_ND.shape[0] < centred_ND.shape[1]
    gram_RR = centred_ND @ centred_ND.T if narrow else centred_ND.T @ centred_ND
    values_R, vectors_RR = jnp.linalg.eigh(gram_RR)
    real_R = values_R > values_R[-1] * max(centred_ND.shape) * jnp.finfo(x_MD.dtype).eps
    safe_R = jnp.where(real_R, values_R, 1.0)
    gain_R = jnp.where(real_R, (safe_R + ridge) ** exponent - outside, 0.0)
    basis_DR = centred_ND.T @ (vectors_RR / jnp.sqrt(safe_R)) if narrow else vectors_RR
    return outside * x_MD + (x_MD @ basis_DR * gain_R) @ basis_DR.T


def _linear(source, target, of_source, of_target) -> Projection:
    maps = {"source": of_source, "target": of_target}
    return Projection(source @ of_source, target @ of_target, lambda x, domain: x @ maps[domain])
