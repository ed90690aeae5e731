"""Convolution against sums, XLA's own and torch; its derivatives to the second order; vmap, scan, shards and bf16."""

import itertools
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import jaxprs_in_params

from dlcv.ops.convolution import convolution, max_pool, transposed_convolution

# kernel, stride, padding, rows, columns, input and output channels
CASES = [
    (5, 1, None, 7, 8, 1, 4),
    (3, 1, None, 6, 7, 16, 17),
    (5, 2, None, 8, 9, 3, 4),
    (4, 2, None, 8, 6, 3, 5),
    (3, 2, 1, 8, 8, 4, 3),
    (3, 3, 2, 7, 9, 3, 2),
    (1, 2, 0, 5, 6, 3, 2),
    (2, 2, 0, 7, 5, 2, 3),
]


def arrays(case, batch=3):
    """Images, and a kernel [h, w, C, O]."""
    size, _, _, rows, columns, channels, outputs = case
    generator = np.random.default_rng(0)
    shapes = (batch, rows, columns, channels), (size, size, channels, outputs)
    return tuple(jnp.asarray(generator.normal(size=shape), jnp.float32) for shape in shapes)


def convolve(case):
    return lambda x, kernel: convolution(x, kernel, stride=case[1], padding=case[2])


def native(case):
    """XLA's own convolution, with XLA's own derivatives."""
    pads = "SAME" if case[2] is None else [(case[2], case[2])] * 2
    numbers = ("NHWC", "HWIO", "NHWC")
    return lambda x, kernel: jax.lax.conv_general_dilated(
        x, kernel, (case[1], case[1]), pads, dimension_numbers=numbers
    )


def close(got, wanted, tolerance=1e-5):
    """Largest difference within the tolerance, in units of the largest value."""
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(
            a, b, rtol=0, atol=tolerance * max(1.0, float(jnp.abs(b).max())), strict=True
        ),
        jax.tree.map(np.asarray, got),
        jax.tree.map(np.asarray, wanted),
    )


def test_convolution_is_its_sum():
    x, kernel = arrays((3, 2, 1, 5, 6, 3, 2))
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    got = convolution(x, kernel, stride=2, padding=1)
    for p, q in itertools.product(range(got.shape[1]), range(got.shape[2])):
        window = padded[:, 2 * p : 2 * p + 3, 2 * q : 2 * q + 3]
        close(got[:, p, q], np.einsum("bhwc,hwco->bo", window, kernel))


def derivatives(f):
    """The value, the gradients of a loss, and those of the gradients' squares: of images as in a gradient penalty, of kernels too."""

    def loss(x, kernel):
        value = f(x, kernel)
        return jnp.sum(jnp.tanh(value)), value

    def penalty(x, kernel):
        gradients, value = jax.grad(loss, argnums=(0, 1), has_aux=True)(x, kernel)
        return sum(jnp.sum(gradient**2) for gradient in gradients), (value, gradients)

    return jax.jit(jax.grad(penalty, argnums=(0, 1), has_aux=True))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_convolution_and_its_derivatives_are_those_of_xla(case):
    x, kernel = arrays(case)
    close(derivatives(convolve(case))(x, kernel), derivatives(native(case))(x, kernel), 2e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_transposed_convolution_is_the_adjoint(case, monkeypatch):
    """Of a convolution from an image as large as its output; with all derivatives, in the formulation of either backend."""
    size, stride, padding, rows, columns, channels, outputs = case
    y, kernel = arrays((size, stride, padding, rows, columns, outputs, channels))
    kernel = kernel.swapaxes(2, 3)

    def transposed(y, kernel):
        return transposed_convolution(y, kernel.swapaxes(2, 3), stride=stride, padding=padding)

    def adjoint(y, kernel):
        image = jnp.zeros(jax.eval_shape(transposed, y, kernel).shape)
        return jax.vjp(lambda x: native(case)(x, kernel), image)[1](y)[0]

    wanted = derivatives(adjoint)(y, kernel)
    close(derivatives(transposed)(y, kernel), wanted, 2e-5)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    close(jax.jit(lambda y, kernel: transposed(y, kernel))(y, kernel), wanted[1][0])
    close(jax.jit(convolve(case))(wanted[1][0], kernel), native(case)(wanted[1][0], kernel))


@pytest.mark.peers
@pytest.mark.parametrize("size, stride, padding", [(4, 2, 1), (5, 1, 2), (5, 3, 2)])
def test_both_are_those_of_torch(size, stride, padding):
    import torch

    x, kernel = arrays((size, stride, padding, 9, 8, 3, 5))
    image = torch.tensor(np.array(x)).permute(0, 3, 1, 2).requires_grad_()
    weight = torch.tensor(np.array(kernel)).permute(3, 2, 0, 1).requires_grad_()
    transposed_weight = torch.tensor(np.array(kernel)).permute(2, 3, 0, 1).requires_grad_()
    peers = (
        (convolution, torch.nn.functional.conv2d, weight, (2, 3, 1, 0)),
        (transposed_convolution, torch.nn.functional.conv_transpose2d, transposed_weight, (2, 3, 0, 1)),
    )
    for ours, theirs, parameter, order in peers:
        wanted = theirs(image, parameter, stride=stride, padding=padding)
        gradients = torch.autograd.grad((wanted**2).sum() / 2, (image, parameter))

        def half_squares(x, kernel, f=ours):
            value = f(x, kernel, stride=stride, padding=padding)
            return (value**2).sum() / 2, value

        got, value = jax.jit(jax.grad(half_squares, argnums=(0, 1), has_aux=True))(x, kernel)
        close(value, wanted.permute(0, 2, 3, 1).detach().numpy())
        close(got, (gradients[0].permute(0, 2, 3, 1).numpy(), gradients[1].permute(*order).numpy()), 1e-4)


def test_none_pads_to_the_strides_multiple():
    image, kernel = jnp.ones((1, 7, 6, 2)), jnp.ones((5, 5, 2, 3))
    assert convolution(image, kernel, stride=2).shape == (1, 4, 3, 3)
    assert transposed_convolution(image, kernel, stride=2).shape == (1, 14, 12, 3)
    assert transposed_convolution(image, jnp.ones((2, 2, 2, 3)), stride=3).shape == (1, 21, 18, 3)


def test_a_kernel_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="5x5 kernel does not fit a 3x3 image"):
        convolution(jnp.ones((1, 3, 3, 1)), jnp.ones((5, 5, 1, 1)), padding=0)
    with pytest.raises(ValueError, match="1x1 kernel does not fit"):
        transposed_convolution(jnp.ones((1, 1, 1, 1)), jnp.ones((1, 1, 1, 1)), stride=1, padding=1)


def test_vmap_over_images_kernels_and_both():
    case = (5, 2, None, 8, 8, 3, 4)
    x, kernel = arrays(case, batch=6)
    x, kernel = x.reshape(2, 3, 8, 8, 3), jnp.stack([kernel, 2 * kernel - 1])

    def gradients(f):
        return jax.grad(lambda x, k: jnp.sum(jnp.tanh(f(x, k))), argnums=(0, 1))

    for axes in ((0, 0), (0, None), (None, 0)):
        inputs = (x if axes[0] == 0 else x[0], kernel if axes[1] == 0 else kernel[0])
        got, wanted = (jax.jit(jax.vmap(gradients(f(case)), axes))(*inputs) for f in (convolve, native))
        close(got, wanted)


def test_scan_equals_unrolled():
    case = (4, 2, None, 8, 8, 3, 4)
    x, kernel = arrays(case)

    @jax.jit
    def descend(kernel, _):
        return kernel - 0.01 * jax.grad(lambda k: jnp.mean(convolve(case)(x, k) ** 2))(kernel), None

    scanned, _ = jax.jit(lambda kernel: jax.lax.scan(descend, kernel, None, length=3))(kernel)
    for _ in range(3):
        kernel, _ = descend(kernel, None)
    close(scanned, kernel)


def convolutions(jaxpr):
    """Every convolution in a program and the programs in it."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "conv_general_dilated":
            yield equation
        for inner in jaxprs_in_params(equation.params):
            yield from convolutions(inner)


def test_cpu_meets_only_convolutions_in_its_fast_form():
    """No dilated image, no other layout (the form that is 100 times slower in a loop), no odd number of channels."""

    def loss(x, kernel, back):
        x = convolution(x, kernel, stride=2)
        return jnp.sum(transposed_convolution(x, back, stride=2) ** 2)

    shapes = (jnp.ones((5, 8, 8, 3)), jnp.ones((5, 5, 3, 7)), jnp.ones((4, 4, 7, 3)))
    found = list(convolutions(jax.make_jaxpr(jax.grad(loss, argnums=(0, 1, 2)))(*shapes).jaxpr))
    assert len(found) == 6
    for equation in found:
        numbers = equation.params["dimension_numbers"]
        assert (numbers.lhs_spec, numbers.rhs_spec, numbers.out_spec) == ((0, 3, 1, 2), (3, 2, 0, 1), (0, 3, 1, 2))
        assert equation.params["lhs_dilation"] == (1, 1)
        assert equation.invars[0].aval.shape[3] % 2 == 0


def test_bfloat16_stays_and_is_near_float32():
    case = (5, 2, None, 8, 8, 3, 4)
    inputs = arrays(case)

    def gradients(f, dtype):
        value, backward = jax.vjp(f, *(jnp.asarray(a, dtype) for a in inputs))
        return value, *backward(value)

    got = jax.jit(lambda: gradients(convolve(case), jnp.bfloat16))()
    assert {a.dtype for a in got} == {jnp.dtype(jnp.bfloat16)}
    wanted = jax.jit(lambda: gradients(native(case), jnp.float32))()
    close(jax.tree.map(jnp.float32, got), wanted, 0.02)


def sharded_gradients():
    """Prints the largest difference that sharding the batch makes, and which collectives it needs."""
    mesh = jax.make_mesh((8,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    x = jax.random.normal(jax.random.key(0), (16, 8, 8, 3))
    kernel = jax.random.normal(jax.random.key(1), (5, 5, 3, 4))
    back = jax.random.normal(jax.random.key(2), (4, 4, 4, 3))

    def loss(kernel, back, x):
        return jnp.mean(transposed_convolution(jnp.tanh(convolution(x, kernel, stride=2)), back, stride=2) ** 2)

    step = jax.jit(jax.grad(loss, argnums=(0, 1)))
    whole = step(kernel, back, x)
    shards = jax.device_put(x, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("data")))
    program = step.lower(kernel, back, shards).compile()
    parts = program(kernel, back, shards)
    difference = max(float(jnp.abs(a - b).max() / jnp.abs(a).max()) for a, b in zip(whole, parts, strict=True))
    text = program.as_text()
    print(json.dumps([difference, "all-reduce" in text, "all-gather" in text]))


def test_a_sharded_batch_gives_the_same_gradients_and_moves_no_images(in_process):
    difference, reduces, gathers = in_process("ops.test_convolution", "sharded_gradients", devices=8)
    assert difference < 1e-5
    assert reduces
    assert not gathers


@pytest.mark.parametrize("window, shape", [(2, (2, 6, 8, 3)), (3, (2, 7, 8, 1)), (1, (1, 3, 3, 2))])
def test_max_pool_is_a_window_maximum(window, shape):
    x = jax.random.normal(jax.random.key(0), shape)
    windows = (1, window, window, 1)

    def peer(x):
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, windows, windows, "VALID")

    def value_and_gradient(f):
        return jax.jit(jax.grad(lambda x: (jnp.sum(jnp.sin(f(x))), f(x)), has_aux=True))(x)

    close(value_and_gradient(lambda x: max_pool(x, window)), value_and_gradient(peer))
