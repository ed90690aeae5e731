"""The geodesic flow kernel: inner products averaged over all subspaces between the source's and the target's."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.shallow import checks
from dlcv.shallow.projection import Projection, closed_form
from dlcv.shallow.subspace import principal


@closed_form
def gfk(source, source_labels, target, *, dim=20) -> Projection:
    """Geodesic flow kernel G = integral over t in [0, 1] of Phi(t) Phi(t)': Euclidean distances of the result are G's.

    The subspaces are each domain's first `dim` principal axes. Gong, Shi, Sha, Grauman, "Geodesic Flow Kernel for Unsupervised
    Domain Adaptation", 2012. Raises Misuse for bad input, a `dim` above a domain's rank, or above half the features.
    """
    flow = flow_root(source, target, dim)
    return Projection(source @ flow, target @ flow, lambda x, domain: x @ flow)


def flow_root(source: Float[Array, "S D"], target: Float[Array, "T D"], dim: int) -> Float[Array, "D P"]:
    """F with F F' = G and 2 dim columns; raises as `gfk`."""
    checks.dimension(dim, source.shape[1] // 2, "half the features, where two subspaces need not meet")
    source_Dd, _ = principal(source, dim, "source")
    target_Dd, _ = principal(target, dim, "target")
    return between(source_Dd, target_Dd)


@jax.jit
def between(source_Dd: Float[Array, "D d"], target_Dd: Float[Array, "D d"]) -> Float[Array, "D 2*d"]:
    """F with F F' = G from two orthonormal bases, by their principal angles theta.

    The geodesic leaves each principal vector p along the unit direction q orthogonal to the source: Phi(t) = p cos(t theta) +
    q sin(t theta), so that G is a 2 x 2 form in every plane (p, q), of trace 1.
    """
    turn_dd, cosine_d, other_dd = jnp.linalg.svd(source_Dd.T @ target_Dd)
    p_Dd, aim_Dd = source_Dd @ turn_dd, target_Dd @ other_dd.T
    rest_Dd = aim_Dd - p_Dd * cosine_d
    sine_d = jnp.linalg.norm(rest_Dd, axis=0)
    q_Dd = rest_Dd / jnp.where(sine_d > 1e-12, sine_d, 1.0)
    theta_d = jnp.arctan2(sine_d, cosine_d)
    along_d = 0.5 * (1 + jnp.sinc(2 * theta_d / jnp.pi))
    mixed_d = 0.5 * jnp.sin(theta_d) * jnp.sinc(theta_d / jnp.pi)
    forms_d22 = jnp.stack([along_d, mixed_d, mixed_d, 1 - along_d], axis=-1).reshape(-1, 2, 2)
    values_d2, vectors_d22 = jnp.linalg.eigh(forms_d22)
    roots_d22 = vectors_d22 * jnp.sqrt(jnp.maximum(values_d2, 0.0))[:, None, :]
    planes_Dd2 = jnp.stack([p_Dd, q_Dd], axis=-1)
    return jnp.einsum("Ddi,dij->Ddj", planes_Dd2, roots_d22).reshape(len(p_Dd), -1)
