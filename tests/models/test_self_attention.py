"""Self-attention between positions: the identity at first, the paper's formula by hand, no order of positions."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.models.activations import kept
from dlcv.models.dcgan import Generator
from dlcv.models.net import Net
from dlcv.models.self_attention import SelfAttention

KEY = jax.random.key(0)
NET = Net(SelfAttention())


def made(side: int):
    x = jax.random.normal(KEY, (2, side, side, 16))
    params, _ = NET.init(KEY, x, train=False)
    return x, params


def test_it_begins_as_the_identity():
    x, params = made(4)
    np.testing.assert_array_equal(NET(params, {}, x)[0], x)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_it_is_the_papers_formula():
    """o_j = v(sum_i beta_ji h(x_i)), beta the softmax of f(x_i)' g(x_j), keys and values pooled; y = gamma o + x."""
    x, params = made(4)
    W = {name: np.asarray(params[name]["kernel"])[0, 0] for name in ("query", "key", "value", "out")}
    flat = np.asarray(x).reshape(2, 16, 16)
    pooled = np.asarray(x).reshape(2, 2, 2, 2, 2, 16).max((2, 4)).reshape(2, 4, 16)
    beta = softmax(np.einsum("bjk,bik->bji", flat @ W["query"], pooled @ W["key"]))
    expected = flat + 0.7 * (beta @ (pooled @ W["value"])) @ W["out"]
    found, _ = NET({**params, "gamma": jnp.float32(0.7)}, {}, x)
    np.testing.assert_allclose(found.reshape(2, 16, 16), expected, atol=2e-5)


def test_positions_have_no_order():
    """On a map too odd to be pooled: permuted positions give permuted outputs."""
    x, params = made(3)
    params, order = {**params, "gamma": jnp.float32(1.0)}, np.random.default_rng(0).permutation(9)

    def run(x):
        return np.asarray(NET(params, {}, x)[0]).reshape(2, 9, 16)

    permuted = x.reshape(2, 9, 16)[:, order].reshape(x.shape)
    np.testing.assert_allclose(run(permuted), run(x)[:, order], atol=1e-5)


def test_weights_are_kept_for_pictures_and_sum_to_one():
    net, z = Net(Generator(1, 28, 8, attention=True, spectral=True)), jnp.ones((3, 5))
    params, stats = net.init(KEY, z, train=False)
    found = kept(net, params, stats, z, name="weights")
    (weights,) = found.values()
    assert list(found) == ["attention/weights"] and weights.shape == (3, 1, 14 * 14, 7 * 7)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
