"""Corruptions of images that a denoising autoencoder takes back; images lie in [-1, 1].

Source: Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", 2008, for
masking; Vincent et al., "Stacked Denoising Autoencoders", 2010, for Gaussian noise.
"""

import math
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Images = Float[Array, "B Y X C"]


def gaussian(images: Images, key: jax.Array, amount: float) -> Images:
    """x + amount * N(0, I): noise of standard deviation `amount`, not clipped."""
    return images + amount * jax.random.normal(key, images.shape, images.dtype)


def masking(images: Images, key: jax.Array, amount: float) -> Images:
    """Each pixel, all channels, black (-1) with probability `amount`."""
    kept = jax.random.bernoulli(key, 1 - amount, (*images.shape[:3], 1))
    return jnp.where(kept, images, -1.0)


CORRUPTIONS: Mapping[str, Callable[[Images, jax.Array, float], Images]] = {"gaussian": gaussian, "masking": masking}
LARGEST: Mapping[str, float] = {"gaussian": math.inf, "masking": 1.0}  # amounts; the least is 0
