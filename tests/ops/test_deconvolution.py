"""Deconvolution: the one activation kept, and the way back through switches, rectifiers and transposed kernels in loops."""

import jax.numpy as jnp
import numpy as np

from dlcv.ops.convolution import convolution, max_pool
from dlcv.ops.deconvolution import deconvolve, strongest
from dlcv.ops.rectifiers import deconvolution_relu

rng = np.random.default_rng(0)


def test_strongest_keeps_one_activation_of_the_channel():
    activation = jnp.asarray(rng.normal(size=(2, 3, 4, 5)), jnp.float32)
    got = np.asarray(strongest(activation, jnp.array([1, 4])))
    for row, channel in enumerate((1, 4)):
        place = np.unravel_index(activation[row, ..., channel].argmax(), (3, 4))
        assert np.flatnonzero(got[row]).size == 1 and got[row, *place, channel] == activation[row, ..., channel].max()


def test_the_way_back_is_that_of_the_paper():
    """Convolution, ReLU and 2x2 maximum, then convolution and ReLU: each step undone in NumPy as section 2.1 has it."""
    x = jnp.asarray(rng.normal(size=(1, 8, 8, 2)), jnp.float32)
    first, second = (jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in ((3, 3, 2, 4), (3, 3, 4, 3)))
    bias = 20.0  # every unit of the first layer is on, so that no two of a window are equal

    def forward(x):
        hidden = max_pool(deconvolution_relu(convolution(x, first, padding=1) + bias), 2)
        return deconvolution_relu(convolution(hidden, second, padding=1) - 1)

    got = deconvolve(forward, x, jnp.array([2]))

    hidden = np.asarray(convolution(x, first, padding=1))[0] + bias
    windows = hidden.reshape(4, 2, 4, 2, 4).transpose(0, 2, 1, 3, 4).reshape(4, 4, 4, 4)  # row, column, place, channel
    switches = windows.argmax(2)
    out = np.asarray(forward(x))[0, ..., 2]
    peak = np.unravel_index(out.argmax(), out.shape)
    signal = transposed({(*peak, 2): max(out.max(), 0)}, np.asarray(second), (4, 4))
    unpooled = {}
    for p in range(4):
        for q in range(4):
            for channel in range(4):
                inside = np.unravel_index(switches[p, q, channel], (2, 2))
                unpooled[2 * p + inside[0], 2 * q + inside[1], channel] = max(signal[p, q, channel], 0)
    np.testing.assert_allclose(got[0], transposed(unpooled, np.asarray(first), (8, 8)), rtol=1e-4, atol=1e-3)
    assert out.max() > 0


def transposed(values: dict, kernel: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Each value laid down times its kernel, padding 1."""
    found = np.zeros((size[0] + 2, size[1] + 2, kernel.shape[2]))
    for (y, x, channel), value in values.items():
        found[y : y + 3, x : x + 3] += value * kernel[..., channel]
    return found[1:-1, 1:-1]
