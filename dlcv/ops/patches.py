"""Images as sequences of patches, and back."""

import jax
from jaxtyping import Float


def images_to_patches(images_BYXC: Float[jax.Array, "B Y X C"], size: int) -> Float[jax.Array, "B N E"]:
    """Cuts images into non-overlapping square patches, row by row, each flattened as (row, column, channel).

    N = (Y / size) (X / size) and E = size * size * C. A linear map of a flattened patch is the strided convolution
    that other code bases call the patch embedding: their kernel, transposed to (size, size, C, D), reshapes to (E, D).
    Raises ValueError where `size` does not divide the image.
    Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021, equation 1.
    """
    batch, height, width, channels = images_BYXC.shape
    rows, columns = _grid((height, width), size)
    patches = images_BYXC.reshape(batch, rows, size, columns, size, channels).swapaxes(2, 3)
    return patches.reshape(batch, rows * columns, size * size * channels)


def patches_to_images(
    patches_BNE: Float[jax.Array, "B N E"], size: int, shape_YX: tuple[int, int]
) -> Float[jax.Array, "B Y X C"]:
    """Puts patches back into images of `shape_YX`: the exact inverse of `images_to_patches`.

    Raises ValueError where `size` does not divide the image, or N or E do not fit it.
    """
    batch, count, features = patches_BNE.shape
    rows, columns = _grid(shape_YX, size)
    if count != rows * columns or features % (size * size):
        raise ValueError(
            f"patches of shape {patches_BNE.shape} do not fill an image of {shape_YX[0]}x{shape_YX[1]} with patches of "
            f"size {size}: expected (B, {rows * columns}, {size * size} * C)"
        )
    patches = patches_BNE.reshape(batch, rows, columns, size, size, features // (size * size)).swapaxes(2, 3)
    return patches.reshape(batch, *shape_YX, features // (size * size))


def _grid(shape_YX: tuple[int, int], size: int) -> tuple[int, int]:
    height, width = shape_YX
    if height % size or width % size:
        raise ValueError(
            f"patch size {size} does not divide an image of {height}x{width}: use a divisor of both, or resize"
        )
    return height // size, width // size
