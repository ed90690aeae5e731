"""How far two representations of the same examples are from orthogonal, as one number that can be minimised."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def unit_rows(x: Float[Array, "B D"]) -> Float[Array, "B D"]:
    """Rows of length 1 after the mean over the batch is taken off, in float32; a row of zeros stays one."""
    centred = x.astype(jnp.float32) - x.astype(jnp.float32).mean(0)
    return centred * jax.lax.rsqrt((centred**2).sum(1, keepdims=True) + 1e-6)


def difference(shared: Float[Array, "B D"], private: Float[Array, "B E"]) -> Float[Array, ""]:
    """|H_c^T H_p / B|_F^2 of centred rows of unit length, in [0, 1]: 0 where no shared column correlates with a private one.

    The authors' program divides by D E instead of B^2, so that their weight is ours times B^2 / (D E).
    (Bousmalis, Trigeorgis, Silberman, Krishnan and Erhan, "Domain Separation Networks", 2016, equation 5.)
    """
    H_c, H_p = unit_rows(shared), unit_rows(private)
    return (
        (H_c @ H_c.T) * (H_p @ H_p.T)
    ).mean()  # tr(H_c H_c^T H_p H_p^T) is the norm, of products no wider than the batch
