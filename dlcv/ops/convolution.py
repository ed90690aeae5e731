"""Convolution and its transpose, in the formulation that is fastest on the backend: the one place that chooses.

Convolution, its transpose and the gradient of the kernel are the three derivatives of one trilinear form,

    sum over b, p, q, h, w, c, o of  y[b, p, q, o]  x[b, stride p + h - top, stride q + w - left, c]  kernel[h, w, c, o],

so the derivatives of each are the other two, at any order. On accelerators all are XLA's own. On CPU all three take
the one form that XLA:CPU runs fast everywhere (no dilated image, NHWC x HWIO, an even number of input channels) or are products.
Measured on 2 cores of a machine with other work, in ms, variants alternating in one process, "plain" being
`lax.conv_general_dilated` with its own derivatives; differences below 5 % are noise.

- Convolution: one more channel of zeros where their number is odd and not 1. Forward alone, least of 5, batch 32, at 32x32 to
  32 channels: 5x5 from 3 channels 1.4, plain 9.3; 5x5 stride 2 from 3 0.4, plain 1.5; 3x3 from 9 1.6, plain 7.1.
  A DANN step on 2 x 64 colour images (medians): 20, plain 34. This is the whole gain outside of loops: a step of the digits' CNN
  takes 17, plain 18, of DCGAN at width 64 100 to 103, plain 100.
- Transpose: its stride^2 interleaved phases as channels of one small convolution ("sub-pixel": Shi et al., "Real-Time Single
  Image Super-Resolution", 2016), then a rearrangement. It pays in `lax.scan`: two DCGAN steps of width 16 34, with a dilated image 196.
- Gradient of the kernel: images and output gradients transposed so that the batch is the channel. It pays in `lax.scan` too:
  two steps of the digits' CNN at batch 32 15, plain 276; unrolled 8, plain 8.
- Gradient of the kernel at stride 1 between many channels: matrix products. Alone, on 1 core, batch 64: 3x3 at 32x32 from 32
  to 64 channels 33 against 65, at 16x16 from 64 to 128 20 against 57, 5x5 at 14x14 from 32 to 48 9.5 against 13.
Patches and a matrix product made every one of these steps slower (CNN 31 to 17, DANN 57 to 35, DCGAN 188 to 108). They win only under a
vmap over kernels, whose grouped convolutions are slow here: two CNNs at batch 32 took 28, this form 45 to 70, one alone 5 to 7.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

MANY_CHANNELS = 16  # in and out, from which products win for the kernel's gradient at stride 1


def convolution(
    x_BYXC: Float[Array, "B Y X C"],
    kernel_YXCO: Float[Array, "h w C O"],
    *,
    stride: int = 1,
    padding: int | None = None,
) -> Float[Array, "B P Q O"]:
    """Cross-correlation with `padding` rows and columns of zeros on all sides; None: ceil(size / stride) positions a side.

    On CPU differentiable in reverse mode only, any number of times.
    """
    geometry = _Geometry.of(x_BYXC.shape[1:3], kernel_YXCO.shape[:2], stride, padding)
    if jax.default_backend() == "cpu":
        return _convolution(x_BYXC, kernel_YXCO, geometry)
    return _correlate(x_BYXC, kernel_YXCO, geometry.padding, stride)


def transposed_convolution(
    x_BYXC: Float[Array, "B Y X C"],
    kernel_YXCO: Float[Array, "h w C O"],
    *,
    stride: int,
    padding: int | None = None,
) -> Float[Array, "B P Q O"]:
    """Each position adds its value times the kernel to the output: the adjoint of `convolution` from O to C channels.

    The output has (size - 1) stride + kernel - 2 padding rows; None: stride times as many as the input. Raises ValueError
    where that is none.
    """
    kernel, rows_columns = kernel_YXCO.shape[:2], x_BYXC.shape[1:3]
    if padding is None:
        size = tuple(n * stride for n in rows_columns)
    else:
        size = tuple((n - 1) * stride + k - 2 * padding for n, k in zip(rows_columns, kernel, strict=True))
    geometry = _Geometry.of(size, kernel, stride, padding)
    kernel_YXOC = kernel_YXCO.swapaxes(2, 3)
    if jax.default_backend() == "cpu":
        return _transposed(x_BYXC, kernel_YXOC, geometry)
    return _dilated(x_BYXC, kernel_YXOC, geometry)


def max_pool(x_BYXC: Float[Array, "B Y X C"], window: int) -> Float[Array, "B P Q C"]:
    """The largest value of each window, windows side by side; rows and columns beyond the last whole window are dropped.

    Forward + backward on CPU, 2x2 at 28x28x32, batch 64: maxima of strided slices 0.9 ms, a reshape and a maximum 3.1,
    a reduce-window 15.5. Equal largest values share the gradient.
    """
    rows, columns = x_BYXC.shape[1] // window * window, x_BYXC.shape[2] // window * window
    x_BPXC = functools.reduce(jnp.maximum, [x_BYXC[:, i:rows:window] for i in range(window)])
    return functools.reduce(jnp.maximum, [x_BPXC[:, :, i:columns:window] for i in range(window)])


class _Geometry(NamedTuple):
    """What is known of a convolution before its arrays: rows and columns of the image and the kernel, zeros around."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: int
    padding: tuple[tuple[int, int], tuple[int, int]]

    @classmethod
    def of(cls, size, kernel, stride, padding):
        if padding is None:
            pairs = tuple(_same_padding(n, k, stride) for n, k in zip(size, kernel, strict=True))
        else:
            pairs = ((padding, padding),) * 2
        if any(n < 1 or n + sum(pair) < k for n, k, pair in zip(size, kernel, pairs, strict=True)):
            raise ValueError(
                f"a {kernel[0]}x{kernel[1]} kernel does not fit a {size[0]}x{size[1]} image padded {pairs}"
            )
        return cls(tuple(size), tuple(kernel), stride, pairs)


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, so that the output has ceil(size / stride) positions; the odd one goes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _correlate(x_BYXC, kernel_YXCO, padding, stride=1, spread=1):
    """XLA's own; `spread` is the distance between the kernel's elements."""
    numbers = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(
        x_BYXC, kernel_YXCO, (stride, stride), padding, rhs_dilation=(spread, spread), dimension_numbers=numbers
    )


def _dilated(y_BPQO, kernel_YXCO, geometry):
    """The transpose as XLA does it: zeros between the positions, then a correlation with the turned kernel."""
    pads = [
        (k - 1 - before, n + before - 1 - (positions - 1) * geometry.stride)
        for n, k, (before, _), positions in zip(
            geometry.size, geometry.kernel, geometry.padding, y_BPQO.shape[1:3], strict=True
        )
    ]
    turned = kernel_YXCO[::-1, ::-1].swapaxes(2, 3)
    numbers, dilation = ("NHWC", "HWIO", "NHWC"), (geometry.stride,) * 2
    return jax.lax.conv_general_dilated(y_BPQO, turned, (1, 1), pads, lhs_dilation=dilation, dimension_numbers=numbers)


def _correlate_even(x_BYXC, kernel_YXCO, padding, stride=1, spread=1):
    channels = x_BYXC.shape[3]
    if channels > 1 and channels % 2:
        x_BYXC = jnp.pad(x_BYXC, ((0, 0), (0, 0), (0, 0), (0, 1)))
        kernel_YXCO = jnp.pad(kernel_YXCO, ((0, 0), (0, 0), (0, 1), (0, 0)))
    return _correlate(x_BYXC, kernel_YXCO, padding, stride, spread)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _convolution(x_BYXC, kernel_YXCO, geometry):
    return _correlate_even(x_BYXC, kernel_YXCO, geometry.padding, geometry.stride)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _transposed(y_BPQO, kernel_YXCO, geometry):
    """With s the stride: out[s q + r - top] = sum over j of y[q - j] kernel[s j + r], for the phases r of an axis."""
    s, (height, width, C, O) = geometry.stride, kernel_YXCO.shape
    taps = -(-height // s), -(-width // s)
    kernel = jnp.pad(kernel_YXCO, ((0, taps[0] * s - height), (0, taps[1] * s - width), (0, 0), (0, 0)))
    kernel_jrkqCO = kernel.reshape(taps[0], s, taps[1], s, C, O)[::-1, :, ::-1]
    phases = kernel_jrkqCO.transpose(0, 2, 5, 1, 3, 4).reshape(*taps, O, s * s * C)
    pads, crops = [], []
    for n, (before, _), tap, positions in zip(geometry.size, geometry.padding, taps, y_BPQO.shape[1:3], strict=True):
        first, last = before // s, (before + n - 1) // s
        pads.append((tap - 1 - first, last - (positions - 1)))
        crops.append(slice(before - s * first, before - s * first + n))
    sums = _correlate_even(y_BPQO, phases, pads)
    B, P, Q, _ = sums.shape
    sums = sums.reshape(B, P, Q, s, s, C).transpose(0, 1, 3, 2, 4, 5).reshape(B, P * s, Q * s, C)
    return sums[:, crops[0], crops[1]]


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _kernel_gradient(x_BYXC, y_BPQO, geometry):
    if geometry.stride == 1 and min(x_BYXC.shape[3], y_BPQO.shape[3]) >= MANY_CHANNELS:
        return _kernel_gradient_by_products(x_BYXC, y_BPQO, geometry)
    pads = [
        (before, k - n - before + (positions - 1) * geometry.stride)
        for n, k, (before, _), positions in zip(
            geometry.size, geometry.kernel, geometry.padding, y_BPQO.shape[1:3], strict=True
        )
    ]
    x_CYXB, y_PQBO = x_BYXC.transpose(3, 1, 2, 0), y_BPQO.transpose(1, 2, 0, 3)
    return _correlate_even(x_CYXB, y_PQBO, pads, spread=geometry.stride).transpose(1, 2, 0, 3)


def _kernel_gradient_by_products(x_BYXC, y_BPQO, geometry):
    """Of stride 1, a matrix product a row of the kernel: images moved by the row, output gradients by every column at once."""
    (height, width), (_, (left, right)) = geometry.kernel, geometry.padding
    (_, P, _, O), (X, C) = y_BPQO.shape, x_BYXC.shape[2:]
    zero = jnp.zeros((), y_BPQO.dtype)
    y = jax.lax.pad(y_BPQO, zero, ((0, 0, 0), (0, 0, 0), (width - 1 - left, width - 1 - right, 0), (0, 0, 0)))
    moved = jnp.concatenate([y[:, :, width - 1 - w : width - 1 - w + X] for w in range(width)], axis=-1)
    moved = moved.reshape(-1, width * O)
    x = jnp.pad(x_BYXC, ((0, 0), geometry.padding[0], (0, 0), (0, 0)))
    rows_hCwO = jnp.stack([x[:, h : h + P].reshape(-1, C).T @ moved for h in range(height)])
    return rows_hCwO.reshape(height, C, width, O).swapaxes(1, 2)


def _convolution_backward(geometry, inputs, y):
    x, kernel = inputs
    return _transposed(y, kernel, geometry), _kernel_gradient(x, y, geometry)


def _transposed_backward(geometry, inputs, x):
    y, kernel = inputs
    return _convolution(x, kernel, geometry), _kernel_gradient(x, y, geometry)


def _kernel_gradient_backward(geometry, inputs, kernel):
    x, y = inputs
    return _transposed(y, kernel, geometry), _convolution(x, kernel, geometry)


_convolution.defvjp(lambda x, k, geometry: (_convolution(x, k, geometry), (x, k)), _convolution_backward)
_transposed.defvjp(lambda y, k, geometry: (_transposed(y, k, geometry), (y, k)), _transposed_backward)
_kernel_gradient.defvjp(lambda x, y, geometry: (_kernel_gradient(x, y, geometry), (x, y)), _kernel_gradient_backward)
