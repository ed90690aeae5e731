"""Causal convolution against its sum written out, and how far a stack looks back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.ops.causal_convolution import causal_convolution, receptive_field

rng = np.random.default_rng(0)


@pytest.mark.parametrize("dilation", [1, 2, 4])
def test_is_the_sum_over_taps(dilation):
    x_BTD, kernel_KDH = rng.normal(size=(2, 9, 3)).astype(np.float32), rng.normal(size=(3, 3, 4)).astype(np.float32)
    expected = np.zeros((2, 9, 4))
    for time in range(9):
        for tap in range(3):
            source = time - (2 - tap) * dilation
            if source >= 0:
                expected[:, time] += x_BTD[:, source] @ kernel_KDH[tap]
    found = causal_convolution(jnp.asarray(x_BTD), jnp.asarray(kernel_KDH), dilation)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_stack_sees_its_receptive_field_and_no_more():
    kernel_KDH = jnp.ones((3, 1, 1))

    def last(x_BTD):
        for dilation in (1, 2, 4):
            x_BTD = causal_convolution(x_BTD, kernel_KDH, dilation)
        return x_BTD[0, -1, 0]

    seen = np.asarray(jax.grad(last)(jnp.ones((1, 30, 1))))[0, :, 0] != 0
    assert seen.sum() == receptive_field(3, (1, 2, 4)) == 15 and seen[-15:].all()
