"""Directions of the largest ratio of two quadratic forms, one of low rank above, one a low-rank step from easy below."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.errors import unknown
from dlcv.shallow import checks


class Ratio(NamedTuple):
    """Solutions of V V' a = mu (D + U U') a in descending mu, each a' (D + U U') a = mu; `rank` counts the mu above rounding."""

    vectors_Nd: Float[Array, "N d"]
    values_d: Float[Array, " d"]
    rank: Array


@functools.partial(jax.jit, static_argnames="dim")
def largest_ratio(
    form_RR: Float[Array, "R R"],
    solved_v_NR: Float[Array, "N R"],
    u_NE: Float[Array, "N E"],
    solved_u_NE: Float[Array, "N E"],
    *,
    dim: int,
) -> Ratio:
    """The `dim` largest solutions of V V' a = mu (D + U U') a from V' D^-1 V, D^-1 V, U, D^-1 U, through an R x R eigenproblem.

    With a = (D + U U')^-1 V y the problem is V' (D + U U')^-1 V y = mu y, and the inverse follows from Woodbury's identity.
    """
    cross_RE = solved_v_NR.T @ u_NE
    small_EE = jnp.eye(u_NE.shape[1]) + u_NE.T @ solved_u_NE
    mixed_ER = jnp.linalg.solve(small_EE, cross_RE.T)
    reduced_RR = form_RR - cross_RE @ mixed_ER
    values_R, vectors_RR = jnp.linalg.eigh((reduced_RR + reduced_RR.T) / 2)
    rank = jnp.sum(values_R > values_R[-1] * max(solved_v_NR.shape) * jnp.finfo(form_RR.dtype).eps)
    y_Rd = vectors_RR[:, ::-1][:, :dim]
    return Ratio(solved_v_NR @ y_Rd - solved_u_NE @ (mixed_ER @ y_Rd), values_R[::-1][:dim], rank)


def directions(ratio: Ratio, scale: str, dim: int) -> Float[Array, "N d"]:
    """The vectors in one of two lengths: "unit" (Euclidean norm 1, as in the published tables) or "constraint" (a' V V' a = 1).

    Raises Misuse where fewer than `dim` directions exist, and for another name.
    """
    checks.dimension(dim, int(ratio.rank), "the centred samples")
    if scale == "unit":
        return ratio.vectors_Nd / jnp.linalg.norm(ratio.vectors_Nd, axis=0)
    if scale == "constraint":
        return ratio.vectors_Nd / ratio.values_d
    raise unknown("scale", scale, ("unit", "constraint"))
