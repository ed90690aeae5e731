"""Attention against the lecture's worked example, torch, and its own invariants; its implementations against each other."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax._src.cudnn import fused_attention_stablehlo

from dlcv.ops import masks
from dlcv.ops.attention import IN_BLOCKS, attention, attention_weights
from dlcv.ops.blockwise import blockwise_attention
from dlcv.ops.splash import splash_attention


def random_qkv(queries=5, keys=7, width=8, dtype=jnp.float32):
    shapes = [(2, queries, 3, width), (2, keys, 3, width), (2, keys, 3, width)]
    return [jax.random.normal(jax.random.key(i), shape, dtype) for i, shape in enumerate(shapes)]


def test_worked_example():
    """Scores 112 and 96, divided by sqrt(64) = 8: weights 0.88 and 0.12 (Alammar, "The Illustrated Transformer")."""
    q = jnp.zeros((1, 1, 1, 64)).at[..., 0].set(16.0)
    k = jnp.zeros((1, 2, 1, 64)).at[0, 0, 0, 0].set(7.0).at[0, 1, 0, 0].set(6.0)
    v = jnp.array([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)
    out, weights = attention(q, k, v, return_weights=True)
    np.testing.assert_allclose(weights.ravel(), [0.88, 0.12], atol=5e-3)
    np.testing.assert_allclose(out.ravel(), weights.ravel(), atol=1e-6)


@pytest.mark.parametrize("masked", [False, True])
def test_equals_torch_forward_and_backward(masked):
    torch = pytest.importorskip("torch")
    qkv = random_qkv()
    target = np.random.default_rng(3).normal(size=(2, 5, 3, 8)).astype(np.float32)
    mask = np.random.default_rng(4).random((2, 1, 5, 7)) < 0.6 if masked else None
    if masked:
        mask[..., 0] = True

    def loss(q, k, v):
        return jnp.sum(attention(q, k, v, mask=None if mask is None else jnp.asarray(mask))[0] * target)

    value, gradients = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))(*qkv)
    theirs = [torch.tensor(np.array(x), requires_grad=True) for x in qkv]
    out = torch.nn.functional.scaled_dot_product_attention(
        *(x.transpose(1, 2) for x in theirs), attn_mask=None if mask is None else torch.tensor(mask)
    )
    total = (out.transpose(1, 2) * torch.tensor(target)).sum()
    total.backward()
    np.testing.assert_allclose(value, total.item(), rtol=1e-5)
    for ours, x in zip(gradients, theirs, strict=True):
        np.testing.assert_allclose(ours, x.grad.numpy(), atol=1e-5)


def test_permuting_keys_changes_nothing_and_permuting_queries_permutes_the_output():
    q, k, v = random_qkv()
    out, _ = attention(q, k, v)
    order = jnp.array([3, 1, 6, 0, 2, 5, 4])
    np.testing.assert_allclose(attention(q, k[:, order], v[:, order])[0], out, atol=1e-6)
    np.testing.assert_allclose(attention(q[:, ::-1], k, v)[0], out[:, ::-1], atol=1e-6)


def test_masked_keys_get_no_weight_and_an_exactly_zero_gradient():
    q, k, v = random_qkv(queries=7)
    causal = jnp.tril(jnp.ones((7, 7), bool))[None, None]
    _, weights = attention(q, k, v, mask=causal, return_weights=True)
    np.testing.assert_array_equal(jnp.triu(weights, 1), 0)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    past = jax.grad(lambda v: attention(q, k, v, mask=causal)[0][:, 2].sum())(v)
    np.testing.assert_array_equal(past[:, 3:], 0)
    assert jnp.abs(past[:, :3]).min() > 0


def test_a_query_without_keys_is_finite():
    q, k, v = random_qkv()
    gradient = jax.grad(lambda k: attention(q, k, v, mask=jnp.zeros((1, 1, 1, 7), bool))[0].sum())(k)
    assert jnp.isfinite(gradient).all()


def test_half_precision_keeps_a_float32_softmax():
    q, k, v = random_qkv(dtype=jnp.bfloat16)
    out, weights = attention(q, k, v, return_weights=True)
    assert out.dtype == jnp.bfloat16 and weights.dtype == jnp.float32
    exact = attention_weights(q.astype(jnp.float32), k.astype(jnp.float32), scale=8**-0.5)
    np.testing.assert_allclose(weights, exact, atol=0.02)


def plain(q, k, v, **options):
    return attention(q, k, v, implementation="einsum", **options)[0]


@pytest.mark.parametrize(
    ("causal", "masked", "block"), [(False, False, 3), (True, True, 3), (True, False, 4), (False, True, 16)]
)
def test_block_by_block_equals_the_whole_forward_and_backward(causal, masked, block):
    q, k, v = random_qkv(queries=6, keys=8)
    keys = jnp.array([[True] * 5 + [False] * 3, [True] * 8]) if masked else None
    mask = keys[:, None, None, :] if masked else None
    target = jax.random.normal(jax.random.key(9), (2, 6, 3, 8))

    def in_blocks(q, k, v):
        return blockwise_attention(q, k, v, keys_BM=keys, causal=causal, scale=8**-0.5, block=block)

    ours, pull = jax.vjp(in_blocks, q, k, v)
    whole, pull_whole = jax.vjp(lambda q, k, v: plain(q, k, v, mask=mask, causal=causal), q, k, v)
    np.testing.assert_allclose(ours, whole, atol=1e-5)
    for one, other in zip(pull(target), pull_whole(target), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_block_by_block_a_query_without_keys_gets_the_mean_and_its_gradient():
    q, k, v = random_qkv()
    seen = jnp.zeros((1, 7), bool)
    both = [
        jax.vjp(lambda q, k, v: blockwise_attention(q, k, v, keys_BM=seen, scale=1.0, block=3), q, k, v),
        jax.vjp(lambda q, k, v: plain(q, k, v, mask=seen[:, None, None, :], scale=1.0), q, k, v),
    ]
    (ours, pull), (whole, pull_whole) = both
    np.testing.assert_allclose(ours, whole, atol=1e-5)
    for one, other in zip(pull(jnp.ones_like(ours)), pull_whole(jnp.ones_like(whole)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_block_by_block_no_array_is_as_large_as_queries_times_keys():
    length, block = 256, 32
    q, k, v = (jax.ShapeDtypeStruct((1, length, 1, 4), jnp.float32) for _ in range(3))

    def loss(q, k, v):
        return blockwise_attention(q, k, v, causal=True, scale=0.5, block=block).sum()

    memory = jax.jit(jax.grad(loss, argnums=(0, 1, 2))).lower(q, k, v).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 4 * length * length  # one such array of float32

    def whole(q, k, v):
        return plain(q, k, v, causal=True).sum()

    memory = jax.jit(jax.grad(whole, argnums=(0, 1, 2))).lower(q, k, v).compile().memory_analysis()
    assert memory.temp_size_in_bytes >= 4 * length * length


def test_causal_is_the_causal_mask_and_counts_from_the_last_key():
    q, k, v = random_qkv(queries=3)
    np.testing.assert_allclose(plain(q, k, v, causal=True), plain(q, k, v, mask=masks.causal(3, 7, 4)), atol=1e-6)


def test_a_bias_is_added_to_the_scores():
    q, k, v = random_qkv()
    bias = jax.random.normal(jax.random.key(5), (1, 3, 5, 7))
    scores = np.einsum("blhk,bmhk->bhlm", q, k) / np.sqrt(8) + bias
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(attention(q, k, v, bias=bias, return_weights=True)[1], weights, atol=1e-5)


def test_values_may_be_wider_than_keys_and_who_attends_matters():
    q, k, _ = random_qkv(queries=7)
    v = jax.random.normal(jax.random.key(8), (2, 7, 3, 20))
    out, weights = attention(q, k, v, return_weights=True)
    assert out.shape == (2, 7, 3, 20)
    np.testing.assert_allclose(attention(q, k, v, implementation="blockwise")[0], out, atol=1e-5)
    assert jnp.abs(weights - weights.swapaxes(-1, -2)).max() > 0.1  # attention is not symmetric


def test_scores_have_unit_variance_only_when_divided_by_the_root_of_the_width():
    """Vaswani et al., footnote 4: q . k of K independent components has variance K, and its softmax then hardly any entropy."""
    for width in (4, 64, 512):
        q, k = (jax.random.normal(key, (1, 400, 1, width)) for key in jax.random.split(jax.random.key(width)))
        raw = np.einsum("blhk,bmhk->bhlm", q, k)
        np.testing.assert_allclose(raw.var(), width, rtol=0.1)
        entropy = {}
        for scale in (1.0, width**-0.5):
            weights = np.asarray(attention_weights(q, k, scale=scale), np.float64)
            entropy[scale] = -(weights * np.log(np.maximum(weights, 1e-300))).sum(-1).mean()
        np.testing.assert_allclose(entropy[width**-0.5], np.log(400) - 0.5, atol=0.1)  # of a log-normal with variance 1
        assert width < 64 or entropy[1.0] < 1.5


def test_what_cannot_be_computed_so_is_named():
    q, k, v = random_qkv()
    with pytest.raises(ValueError, match="'blockwise' cannot compute this attention here: einsum can"):
        attention(q, k, v, bias=jnp.zeros((1, 1, 5, 7)), implementation="blockwise")
    with pytest.raises(ValueError, match="'cudnn' cannot"):
        attention(q, k, v, implementation="cudnn")


def both_ways(ours, q, k, v, **options):
    """`ours` and the einsum agree, and the gradients of their outputs' squares, each compiled once."""

    def found(compute):
        def total(*qkv):
            out = compute(*qkv)
            return (out**2).sum(), out

        return jax.jit(jax.grad(total, argnums=(0, 1, 2), has_aux=True))(q, k, v)

    for one, other in zip(jax.tree.leaves(found(ours)), jax.tree.leaves(found(partial(plain, **options))), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("queries", "keys", "masked", "together"), [(5, 9, False, 1), (9, 5, False, 6), (4, 11, True, 2)]
)
def test_causal_blocks_that_none_may_see_are_left_out_and_change_nothing(queries, keys, masked, together):
    """Blocks of 2, of unequal numbers of queries and keys, in groups of heads."""
    q, k, v = random_qkv(queries, keys)
    seen = jnp.arange(keys) < jnp.array([[keys], [keys - 3]]) if masked else None
    options = dict(causal=True, scale=0.4)
    ours = partial(blockwise_attention, keys_BM=seen, block=2, together=together, **options)
    both_ways(ours, q, k, v, mask=None if seen is None else seen[:, None, None, :], **options)


def test_the_tpu_kernel_interpreted_equals_the_einsum():
    shapes = [(2, 128, 1, 8), (2, 256, 1, 8), (2, 256, 1, 8)]
    q, k, v = (jax.random.normal(jax.random.key(i), shape) for i, shape in enumerate(shapes))
    seen = jnp.arange(256) < jnp.array([[256], [190]])
    options = dict(causal=True, scale=0.3)
    ours = partial(splash_attention, keys_BM=seen, interpret=True, **options)
    both_ways(ours, q, k, v, mask=seen[:, None, None, :], **options)


@pytest.mark.parametrize(
    ("backend", "dtype", "length", "options", "chosen"),
    [
        ("cpu", jnp.float32, 128, {}, "einsum"),
        ("cpu", jnp.float32, 2048, {}, "blockwise"),
        ("cpu", jnp.float32, 2048, dict(return_weights=True), "einsum"),
        ("cpu", jnp.float32, 2048, dict(mask=(1, 1, 2048, 2048)), "einsum"),
        ("gpu", jnp.float32, 2048, {}, "einsum"),
        ("gpu", jnp.float32, 16_384, {}, "blockwise"),
        ("gpu", jnp.bfloat16, 128, {}, "cudnn"),
        ("gpu", jnp.bfloat16, 129, dict(causal=True), "cudnn"),
        ("gpu", jnp.bfloat16, 128, dict(mask=(1, 1, 1, 128)), "cudnn"),
        ("gpu", jnp.bfloat16, 129, dict(mask=(1, 1, 1, 129)), "einsum"),
        ("gpu", jnp.bfloat16, 129, dict(bias=(1, 8, 129, 129)), "einsum"),
        ("gpu", jnp.bfloat16, 128, dict(keys=129), "cudnn"),
        ("gpu", jnp.bfloat16, 128, dict(keys=130, causal=True), "cudnn"),
        ("gpu", jnp.bfloat16, 128, dict(keys=129, causal=True), "einsum"),
        ("tpu", jnp.bfloat16, 128, dict(mask=(1, 1, 1, 128)), "splash"),
        ("tpu", jnp.bfloat16, 130, {}, "einsum"),
    ],
)
def test_backend_and_shape_choose(backend, dtype, length, options, chosen, monkeypatch):
    """Nothing is computed: what would be, is called with shapes alone."""
    monkeypatch.setattr(jax, "default_backend", lambda: backend)
    used = []
    for name in ("blockwise", "splash"):
        monkeypatch.setitem(IN_BLOCKS, name, lambda q, k, v, name=name, **_: used.append(name) or q)
    monkeypatch.setattr(jax.nn, "dot_product_attention", lambda q, k, v, **_: used.append("cudnn") or q)
    kinds = {"mask": bool, "bias": jnp.float32}
    options = {name: jnp.ones(value, kinds[name]) if name in kinds else value for name, value in options.items()}
    x, y = (jax.ShapeDtypeStruct((1, n, 8, 64), dtype) for n in (length, options.pop("keys", length)))
    jax.eval_shape(lambda x, y: attention(x, y, y, **options), x, y)
    assert (used or ["einsum"]) == [chosen]


ON_CUDNN = [
    (6, 6, dict(causal=True)),
    (6, 8, dict(mask=(2, 1, 1, 8))),
    (6, 6, dict(mask=(2, 1, 1, 6), causal=True)),
    (6, 8, dict(bias=(1, 3, 1, 8))),
    (6, 8, dict(mask=(2, 1, 1, 8), bias=(1, 3, 6, 8))),
    (6, 8, dict(causal=True)),
    (8, 6, dict(causal=True)),
]


def on_cudnn(queries, keys, options):
    """(q, k, v), options whose shapes became arrays."""
    made = {"mask": lambda shape: jax.random.bernoulli(jax.random.key(3), 0.6, shape).at[..., 0].set(True)}
    made["bias"] = lambda shape: jax.random.normal(jax.random.key(4), shape, jnp.bfloat16)
    return random_qkv(queries, keys, 8, jnp.bfloat16), {name: made.get(name, bool)(x) for name, x in options.items()}


@pytest.mark.parametrize(("queries", "keys", "options"), ON_CUDNN)
def test_what_cudnn_is_handed_is_the_same_attention(queries, keys, options, monkeypatch):
    """By jax.nn's own formula in cuDNN's place."""
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    formula = jax.nn.dot_product_attention
    monkeypatch.setattr(
        jax.nn, "dot_product_attention", lambda *qkv, **options: formula(*qkv, **options | dict(implementation="xla"))
    )
    qkv, options = on_cudnn(queries, keys, options)
    ours = attention(*qkv, implementation="cudnn", **options)[0].astype(jnp.float32)
    np.testing.assert_allclose(ours, plain(*qkv, **options).astype(jnp.float32), atol=0.02)


@pytest.mark.parametrize(("queries", "keys", "options"), ON_CUDNN)
def test_what_cudnn_is_handed_passes_its_checks_backwards_too(queries, keys, options, monkeypatch):
    """Traced alone: jax's checks of shapes run, those of the machine are told that all is there."""
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    machine = {
        "check_cudnn_version": 91100,
        "check_compute_capability": True,
        "is_cuda_compute_capability_equal": False,
    }
    for name, answer in machine.items():
        monkeypatch.setattr(fused_attention_stablehlo, name, lambda *_, answer=answer: answer)
    qkv, options = on_cudnn(queries, keys, options)

    def loss(q, k, v):
        return attention(q, k, v, **options)[0].astype(jnp.float32).sum()

    traced = str(jax.make_jaxpr(jax.grad(loss, argnums=(0, 1, 2)))(*qkv))
    assert "dot_product_attention_bwd" in traced


def test_at_8192_places_blocks_need_a_thirteenth_of_the_scores():
    """As compiled, forward and backward, for 4 heads: the scores alone are 1 GiB. Nothing runs."""
    q, k, v = (jax.ShapeDtypeStruct((1, 8192, 4, 64), jnp.float32) for _ in range(3))

    def loss(q, k, v):
        return (attention(q, k, v, causal=True)[0] ** 2).sum()

    memory = jax.jit(jax.grad(loss, argnums=(0, 1, 2))).lower(q, k, v).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 4 * 4 * 8192 * 8192 / 13
