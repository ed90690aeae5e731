"""Walks between two codes."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def spherical(one_BZ: Float[Array, "B Z"], other_BZ: Float[Array, "B Z"], steps: int) -> Float[Array, "B S Z"]:
    """sin((1 - t) w) / sin w one + sin(t w) / sin w other, w the angle between the two, at `steps` equal steps of t in [0, 1].

    White, "Sampling Generative Networks", 2016.
    """
    t = jnp.linspace(0, 1, steps)[None, :, None]
    norms = jnp.linalg.norm(one_BZ, axis=-1) * jnp.linalg.norm(other_BZ, axis=-1)
    cosine = (one_BZ * other_BZ).sum(-1) / jnp.maximum(norms, 1e-12)
    angle = jnp.arccos(jnp.clip(cosine, -1, 1))[:, None, None]
    straight = jnp.sin(angle) < 1e-4  # nearly one direction: the straight walk is the same
    sine = jnp.where(straight, 1.0, jnp.sin(angle))
    weights = [jnp.where(straight, part, jnp.sin(part * angle) / sine) for part in (1 - t, t)]
    return weights[0] * one_BZ[:, None] + weights[1] * other_BZ[:, None]
