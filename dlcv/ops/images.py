"""Images as numbers: bytes to floats and back."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Num


def from_bytes(images: Num[Array, "*shape"], dtype=jnp.float32) -> Float[Array, "*shape"]:
    """0..255 to [-1, 1]."""
    return images.astype(jnp.float32).astype(dtype) / 127.5 - 1


def to_unit(images: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """[-1, 1] to [0, 1], clipped, for pictures."""
    return jnp.clip((images.astype(jnp.float32) + 1) / 2, 0, 1)


def luma(images: Float[Array, "*shape 3"]) -> Float[Array, "*shape 1"]:
    """Colour to grey by the weights of ITU-R BT.601."""
    return images @ jnp.array([[0.299], [0.587], [0.114]], images.dtype)


def halved(images: Float[Array, "B Y X C"]) -> Float[Array, "B y x C"]:
    """Means of 2x2 pixels; both sides are even."""
    batch, rows, columns, channels = images.shape
    return images.reshape(batch, rows // 2, 2, columns // 2, 2, channels).mean((2, 4))
