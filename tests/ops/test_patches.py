"""Patches are a rearrangement: nothing lost, the order as documented, and the strided convolution of other code."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.patches import images_to_patches, patches_to_images


@pytest.mark.parametrize("shape, size", [((2, 8, 12, 3), 4), ((1, 28, 28, 1), 7), ((3, 6, 6, 2), 1), ((2, 4, 4, 1), 4)])
def test_back_is_the_exact_inverse(shape, size):
    images = jax.random.normal(jax.random.key(0), shape)
    patches = images_to_patches(images, size)
    assert patches.shape == (shape[0], shape[1] * shape[2] // size**2, size**2 * shape[3])
    np.testing.assert_array_equal(patches_to_images(patches, size, shape[1:3]), images)


def test_patches_are_ordered_row_by_row_and_flattened_row_column_channel():
    images = np.arange(4 * 6 * 2).reshape(1, 4, 6, 2).astype(np.float32)
    patches = images_to_patches(jnp.asarray(images), 2)
    np.testing.assert_array_equal(patches[0, 4], images[0, 2:4, 2:4].reshape(-1))


def test_a_linear_map_of_patches_is_a_strided_convolution():
    torch = pytest.importorskip("torch")
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    kernel = np.random.default_rng(1).normal(size=(5, 3, 4, 4)).astype(np.float32)
    ours = images_to_patches(jnp.asarray(images), 4) @ kernel.transpose(2, 3, 1, 0).reshape(48, 5)
    theirs = torch.nn.functional.conv2d(torch.tensor(images).permute(0, 3, 1, 2), torch.tensor(kernel), stride=4)
    np.testing.assert_allclose(ours, theirs.flatten(2).permute(0, 2, 1).numpy(), atol=1e-5)


def test_misfits_are_named():
    with pytest.raises(ValueError, match="patch size 5 does not divide an image of 8x8"):
        images_to_patches(jnp.zeros((1, 8, 8, 1)), 5)
    with pytest.raises(ValueError, match=r"expected \(B, 4, 16 \* C\)"):
        patches_to_images(jnp.zeros((1, 5, 16)), 4, (8, 8))
