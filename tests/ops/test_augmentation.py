"""Augmentations: nothing at zero strength, known moves, one draw an image."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops import augmentation
from dlcv.ops.gradients import reverse_gradient
from dlcv.ops.images import from_bytes, to_unit

KEY = jax.random.key(0)
IMAGES = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (6, 9, 11, 3)), jnp.float32)


def test_no_strength_changes_nothing():
    np.testing.assert_allclose(augmentation.affine(IMAGES, KEY), IMAGES, atol=1e-5)
    np.testing.assert_allclose(augmentation.augment(IMAGES, KEY, ()), IMAGES)


def test_reading_half_a_pixel_aside_averages_neighbours():
    y, x = jnp.meshgrid(jnp.arange(9.0), jnp.arange(11.0), indexing="ij")
    spread = lambda grid: jnp.broadcast_to(grid, (6, 9, 11))  # noqa: E731
    found = augmentation.sample_bilinear(IMAGES, spread(y), spread(x + 0.5))
    np.testing.assert_allclose(found[:, :, :-1], (IMAGES[:, :, :-1] + IMAGES[:, :, 1:]) / 2, atol=1e-6)


def test_a_quarter_turn_is_a_rotation_of_the_array(monkeypatch):
    square = IMAGES[:, :9, :9]
    monkeypatch.setattr(augmentation, "_uniform", lambda key, name, rows, limit, columns=None: jnp.full(
        (rows,) if columns is None else (rows, columns), 90.0 if name == "rotate" else 0.0))  # fmt: skip
    found = np.asarray(augmentation.affine(square, KEY, rotate=90.0))
    turns = [np.abs(found - np.rot90(square, turn, axes=(1, 2))).max() for turn in range(4)]
    assert min(turns[1], turns[3]) < 1e-3 < 0.5 < min(turns[0], turns[2])


def test_images_of_a_batch_are_drawn_apart():
    same = jnp.broadcast_to(IMAGES[:1], IMAGES.shape)
    for name, options in (("affine", {"shift": 3.0}), ("recolour", {}), ("shift_crop", {}), ("noise", {})):
        found = np.asarray(augmentation.augment(same, KEY, ((name, options),)))
        assert len({row.tobytes() for row in found}) > 3, name


def test_recolour_keeps_the_range_and_is_affine_a_channel():
    found = np.asarray(augmentation.recolour(IMAGES, KEY, lowest=-1.0))
    assert found.min() >= -1 and found.max() <= 1
    x, y = np.asarray(IMAGES[0, ..., 0]).ravel(), found[0, ..., 0].ravel()
    np.testing.assert_allclose(y, np.polyval(np.polyfit(x, y, 1), x), atol=1e-5)


def test_noise_has_the_deviation_asked_for():
    blank = jnp.full((64, 28, 28, 1), 0.5)
    found = np.asarray(augmentation.noise(blank, KEY, deviation=0.3))
    assert found.mean() == pytest.approx(0.5, abs=0.01) and found.std() == pytest.approx(0.3, rel=0.02)


def test_flip_and_invert_are_their_own_inverses_and_happen_half_the_time():
    many = jnp.broadcast_to(IMAGES[:1], (400, 9, 11, 3))
    for function in (augmentation.flip, augmentation.invert):
        changed = np.asarray((function(many, KEY) != many).any(axis=(1, 2, 3)))
        assert 0.4 < changed.mean() < 0.6
        np.testing.assert_array_equal(function(function(many, KEY), KEY), many)


def test_bytes_to_floats_and_back():
    every = jnp.arange(256, dtype=jnp.uint8)
    floats = from_bytes(every)
    assert float(floats[0]) == -1 and float(floats[-1]) == 1
    np.testing.assert_allclose(to_unit(floats) * 255, every, atol=1e-4)


def test_gradient_reversal_is_the_identity_forward_and_flips_and_scales_the_gradient():
    x = jnp.arange(4.0)
    np.testing.assert_array_equal(reverse_gradient(x, 0.3), x)
    np.testing.assert_allclose(jax.grad(lambda v: (reverse_gradient(v, 0.3) ** 2).sum())(x), -0.3 * 2 * x, rtol=1e-6)
