"""Random changes of images that keep their label, on the device, one draw an image."""

from collections.abc import Callable, Mapping, Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from dlcv.ops.keys import named


def _uniform(key, name, rows, limit, columns=None):
    shape = (rows,) if columns is None else (rows, columns)
    return jax.random.uniform(named(key, name), shape, minval=-limit, maxval=limit)


def sample_bilinear(
    images: Float[Array, "B Y X C"], rows: Float[Array, "B Y X"], columns: Float[Array, "B Y X"]
) -> Float[Array, "B Y X C"]:
    """Each image read at fractional pixel positions, the border repeated outside."""
    B, Y, X, C = images.shape
    rows, columns = jnp.clip(rows, 0, Y - 1), jnp.clip(columns, 0, X - 1)
    top, left = jnp.floor(rows).astype(jnp.int32), jnp.floor(columns).astype(jnp.int32)
    down, right = (rows - top)[..., None].astype(images.dtype), (columns - left)[..., None].astype(images.dtype)
    bottom, beyond = jnp.minimum(top + 1, Y - 1), jnp.minimum(left + 1, X - 1)
    flat = images.reshape(B, Y * X, C)

    def at(y, x):
        return jnp.take_along_axis(flat, (y * X + x).reshape(B, -1, 1), axis=1).reshape(B, *y.shape[1:], C)

    upper = at(top, left) * (1 - right) + at(top, beyond) * right
    lower = at(bottom, left) * (1 - right) + at(bottom, beyond) * right
    return upper * (1 - down) + lower * down


def affine(
    images: Float[Array, "B Y X C"], key: Key[Array, ""], *, shift: float = 0.0, rotate: float = 0.0, shear: float = 0.0,
    scale: float = 0.0,
) -> Float[Array, "B Y X C"]:  # fmt: skip
    """A random affine warp about the centre: shift in pixels, rotation and shear in degrees, scale as a fraction; uniform in ±limit."""
    B, Y, X, _ = images.shape
    turn = jnp.deg2rad(_uniform(key, "rotate", B, rotate))
    slant = jnp.tan(jnp.deg2rad(_uniform(key, "shear", B, shear)))
    size = 1 + _uniform(key, "scale", B, scale)
    move = _uniform(key, "shift", B, shift, 2)
    y, x = jnp.meshgrid(jnp.arange(Y) - (Y - 1) / 2, jnp.arange(X) - (X - 1) / 2, indexing="ij")
    cos, sin = (jnp.cos(turn) / size)[:, None, None], (jnp.sin(turn) / size)[:, None, None]
    rows = cos * y - sin * x + move[:, :1, None] + (Y - 1) / 2
    columns = sin * y + (cos + slant[:, None, None]) * x + move[:, 1:, None] + (X - 1) / 2
    return sample_bilinear(images, rows, columns)


def shift_crop(images: Float[Array, "B Y X C"], key: Key[Array, ""], *, pixels: int = 4) -> Float[Array, "B Y X C"]:
    """A crop at a random whole-pixel offset from the image padded by reflection."""
    B, Y, X, _ = images.shape
    padded = jnp.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)), mode="reflect")
    offsets = jax.random.randint(named(key, "crop"), (B, 2), 0, 2 * pixels + 1)
    crop = lambda image, offset: jax.lax.dynamic_slice(image, (*offset, 0), (Y, X, image.shape[-1]))  # noqa: E731
    return jax.vmap(crop)(padded, offsets)


def flip(images: Float[Array, "B Y X C"], key: Key[Array, ""]) -> Float[Array, "B Y X C"]:
    """Left and right exchanged with probability one half."""
    chosen = jax.random.bernoulli(named(key, "flip"), shape=(images.shape[0], 1, 1, 1))
    return jnp.where(chosen, images[:, :, ::-1], images)


def invert(images: Float[Array, "B Y X C"], key: Key[Array, ""]) -> Float[Array, "B Y X C"]:
    """The negative (of an image in [-1, 1]) with probability one half."""
    chosen = jax.random.bernoulli(named(key, "invert"), shape=(images.shape[0], 1, 1, 1))
    return jnp.where(chosen, -images, images)


def recolour(
    images: Float[Array, "B Y X C"], key: Key[Array, ""], *, lowest: float = 0.2, probability: float = 1.0
) -> Float[Array, "B Y X C"]:
    """Each channel of an image in [-1, 1] becomes a x + b, a uniform in [lowest, 1], b such that the range is kept.

    Low contrast and colour casts; a negative `lowest` also draws negatives.
    """
    B, _, _, C = images.shape
    gain = jax.random.uniform(named(key, "gain"), (B, C), minval=lowest, maxval=1.0)
    offset = (1 - jnp.abs(gain)) * _uniform(key, "offset", B, 1.0, C)
    chosen = jax.random.bernoulli(named(key, "chosen"), probability, (B, 1, 1, 1))
    return jnp.where(chosen, gain[:, None, None] * images + offset[:, None, None], images)


def noise(images: Float[Array, "B Y X C"], key: Key[Array, ""], *, deviation: float = 0.1) -> Float[Array, "B Y X C"]:
    """Gaussian noise on every pixel; on real and fake alike it makes their distributions overlap.

    Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial Networks", 2017, section 3.
    """
    return images + deviation * jax.random.normal(named(key, "noise"), images.shape, images.dtype)


AUGMENTATIONS: Mapping[str, Callable] = dict(
    affine=affine, shift_crop=shift_crop, flip=flip, invert=invert, recolour=recolour, noise=noise
)


def augment(
    images: Float[Array, "B Y X C"], key: Key[Array, ""], recipe: Sequence[tuple[str, Mapping]]
) -> Float[Array, "B Y X C"]:
    """The named augmentations in order, each with its keywords: (("affine", {"shift": 2}), ("flip", {}))."""
    for name, options in recipe:
        images = AUGMENTATIONS[name](images, named(key, "augment", name), **options)
    return images
