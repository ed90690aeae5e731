"""Attribution: gradients against finite differences, occlusion and deletion against loops, Grad-CAM against its formula."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops import attribution

rng = np.random.default_rng(0)
IMAGES = jnp.asarray(rng.uniform(-1, 1, (2, 6, 7, 3)), jnp.float32)
WEIGHTS = rng.normal(size=(6, 7, 3)).astype(np.float32)


def linear(images):
    return jnp.einsum("BYXC,YXC->B", images, WEIGHTS)


def curved(images):
    return jnp.tanh(linear(images) / 5) + (jnp.asarray(WEIGHTS) * jnp.sin(images)).sum((1, 2, 3)) / 9


def test_the_gradient_is_that_of_finite_differences():
    with jax.enable_x64(True):
        images = jnp.asarray(IMAGES, jnp.float64)
        got = attribution.gradient(curved, images)
        for place in ((0, 0, 0), (3, 4, 1), (5, 6, 2)):
            for row in range(2):
                step = np.zeros(images.shape)
                step[row, *place] = 1e-5
                slope = (curved(images + step) - curved(images - step))[row] / 2e-5
                np.testing.assert_allclose(got[row, *place], slope, rtol=1e-6)


def test_saliency_is_the_largest_absolute_gradient_over_channels():
    got = attribution.saliency(curved, IMAGES)
    np.testing.assert_array_equal(got, np.abs(jax.grad(lambda x: curved(x).sum())(IMAGES)).max(-1))
    np.testing.assert_allclose(attribution.saliency(linear, IMAGES)[1], np.abs(WEIGHTS).max(-1))


def test_integrated_gradients_add_up_to_the_difference_of_scores():
    baseline = jnp.full_like(IMAGES, -1)
    got = attribution.integrated_gradients(curved, IMAGES, baseline, steps=64)
    np.testing.assert_allclose(got.sum((1, 2, 3)), curved(IMAGES) - curved(baseline), atol=1e-3)
    exact = attribution.integrated_gradients(linear, IMAGES, baseline, steps=3)
    np.testing.assert_allclose(exact, (IMAGES - baseline) * WEIGHTS, atol=1e-5)


def test_windows_cover_the_image_and_end_at_its_border():
    masks = attribution.windows((6, 7), 3, 2)
    assert masks.shape == (3 * 3, 6, 7) and (masks.sum((1, 2)) == 9).all() and (masks.sum(0) > 0).all()
    assert masks[-1, 3:, 4:].all() and masks[0, :3, :3].all()
    for window, stride in ((7, 1), (0, 1), (3, 0)):
        with pytest.raises(ValueError, match="does not fit"):
            attribution.windows((6, 7), window, stride)


def test_occlusion_of_a_linear_score_loses_what_the_window_held():
    masks, fill = attribution.windows((6, 7), 3, 2), jnp.array([0.5, -0.25, 0.0])
    lost, pixels = attribution.occlusion(linear, IMAGES, masks, fill)
    part = (WEIGHTS * (IMAGES - fill)).sum(-1)
    for row in range(2):
        expected = [part[row][mask > 0].sum() for mask in masks]
        np.testing.assert_allclose(lost[row], expected, atol=1e-4)
        covering = [
            np.mean([e for e, m in zip(expected, masks, strict=True) if m[y, x]]) for y in range(6) for x in range(7)
        ]
        np.testing.assert_allclose(pixels[row].ravel(), covering, atol=1e-4)


def test_deletion_hides_the_pixels_that_the_map_ranks_highest():
    part = (WEIGHTS * IMAGES).sum(-1)
    got = attribution.deletion(linear, IMAGES, jnp.asarray(part), 0.25, 0.0)
    expected = [np.sort(row.ravel())[::-1][: round(0.25 * 42)].sum() for row in part]
    np.testing.assert_allclose(got, expected, atol=1e-4)
    least = attribution.deletion(linear, IMAGES, -jnp.asarray(part), 0.25, 0.0)
    assert (np.asarray(got) > np.asarray(least)).all()


def test_gradcam_is_its_formula():
    activation, gradient = jnp.asarray(rng.normal(size=(2, 2, 4, 5, 3)), jnp.float32)
    got = attribution.gradcam(activation, gradient)
    for row in range(2):
        expected = np.zeros((4, 5))
        for channel in range(3):
            expected += gradient[row, ..., channel].sum() / 20 * activation[row, ..., channel]
        np.testing.assert_allclose(got[row], np.maximum(expected, 0), atol=1e-5)
    assert (np.asarray(got) == 0).any() and (np.asarray(got) > 0).any()


def test_an_enlarged_map_keeps_places_and_constants():
    maps = np.zeros((1, 4, 5), np.float32)
    maps[0, 1, 3] = 1
    got = np.asarray(attribution.enlarged(jnp.asarray(maps), (16, 20)))
    y, x = np.unravel_index(got[0].argmax(), (16, 20))
    assert (y // 4, x // 4) == (1, 3)
    np.testing.assert_allclose(attribution.enlarged(jnp.full((1, 4, 5), 2.0), (9, 11)), 2.0, rtol=1e-6)
