"""Which pixels a score depends on. A score is a function images [B, Y, X, C] -> [B] that takes each image by itself."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Score = Callable[[Float[Array, "B Y X C"]], Float[Array, "B"]]


def gradient(score: Score, images: Float[Array, "B Y X C"]) -> Float[Array, "B Y X C"]:
    """The derivative of each image's score with respect to its pixels."""
    return jax.grad(lambda images: score(images).sum())(images)


def saliency(score: Score, images: Float[Array, "B Y X C"]) -> Float[Array, "B Y X"]:
    """The largest absolute derivative over a pixel's channels.

    (Simonyan, Vedaldi and Zisserman, Deep Inside Convolutional Networks, 2014, section 3.1.)
    """
    return jnp.abs(gradient(score, images)).max(-1)


def integrated_gradients(
    score: Score, images: Float[Array, "B Y X C"], baseline: Float[Array, "B Y X C"], steps: int = 32
) -> Float[Array, "B Y X C"]:
    """(x - x') times the mean gradient on the straight line from the baseline x' to x, at `steps` midpoints.

    Its sum is score(x) - score(x'), but for the quadrature. (Sundararajan, Taly and Yan, Axiomatic Attribution for Deep
    Networks, 2017, equation 1.)
    """
    fractions = (jnp.arange(steps) + 0.5) / steps
    along = jax.lax.map(lambda a: gradient(score, baseline + a * (images - baseline)), fractions)
    return (images - baseline) * along.mean(0)


def windows(size: tuple[int, int], window: int, stride: int) -> Float[np.ndarray, "N Y X"]:
    """Masks of square windows, 1 inside, `stride` apart from the top left; the last of a row or column ends at the border.

    Raises ValueError where the window is larger than the image.
    """
    if window > min(size) or min(window, stride) < 1:
        raise ValueError(f"a window of {window} at stride {stride} does not fit an image of {size[0]}x{size[1]}")
    places = [sorted({*range(0, n - window + 1, stride), n - window}) for n in size]
    masks = np.zeros((len(places[0]), len(places[1]), *size), np.float32)
    for row, top in enumerate(places[0]):
        for column, left in enumerate(places[1]):
            masks[row, column, top : top + window, left : left + window] = 1
    return masks.reshape(-1, *size)


def occlusion(
    score: Score, images: Float[Array, "B Y X C"], masks: Float[np.ndarray, "N Y X"], fill: Float[Array, "..."] | float
) -> tuple[Float[Array, "B N"], Float[Array, "B Y X"]]:
    """What each image's score loses where a mask's pixels are `fill`; and, a pixel, the mean over the masks that hide it.

    (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 4.2.)
    """
    masks = jnp.asarray(masks)
    hidden = jax.lax.map(lambda mask: score(jnp.where(mask[..., None] > 0, fill, images)), masks)
    lost_BN = score(images)[:, None] - hidden.T
    return lost_BN, jnp.einsum("BN,NYX->BYX", lost_BN, masks) / masks.sum(0)


def deletion(
    score: Score,
    images: Float[Array, "B Y X C"],
    maps: Float[Array, "B Y X"],
    share: float,
    fill: Float[Array, "..."] | float,
) -> Float[Array, "B"]:
    """What each image's score loses when the `share` of its pixels that a map ranks highest are `fill`.

    (Samek et al., Evaluating the Visualization of What a Deep Neural Network Has Learned, 2017, section III.)
    """
    B, Y, X, _ = images.shape
    order = jnp.argsort(-maps.reshape(B, Y * X), axis=1)
    rank = jnp.argsort(order, axis=1).reshape(B, Y, X, 1)
    return score(images) - score(jnp.where(rank < round(share * Y * X), fill, images))


def gradcam(activation: Float[Array, "B P Q C"], gradient: Float[Array, "B P Q C"]) -> Float[Array, "B P Q"]:
    """The channels weighed by their mean gradient over positions, summed and rectified.

    (Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017, equations 1, 2.)
    """
    return jnp.maximum(jnp.einsum("BPQC,BC->BPQ", activation, gradient.mean((1, 2))), 0)


def enlarged(maps: Float[Array, "B P Q"], size: tuple[int, int]) -> Float[Array, "B Y X"]:
    """Maps of positions brought to the size of the image, bilinearly."""
    return jax.image.resize(maps, (len(maps), *size), "bilinear")
