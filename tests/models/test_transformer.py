"""Transformer blocks against torch on copied random weights, cached against uncached, and what must not change."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from torch_blocks import torch_attention, torch_layer, torch_norm

from dlcv.errors import Misuse
from dlcv.models.transformer import Attention, Block, Layer, Stack, Style, empty_caches
from dlcv.ops import masks

WIDTH, HEADS, HIDDEN = 12, 3, 20
STYLE = Style(HEADS, HIDDEN)


def sequence(length=6, batch=2, seed=1):
    return jax.random.normal(jax.random.key(seed), (batch, length, WIDTH))


def random_params(model, *inputs, **options):
    """Every parameter random, also those that start at zero: a parity test of zeros proves nothing."""
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), *inputs, **options))["params"]
    generator = np.random.default_rng(0)
    return jax.tree.map(lambda p: jnp.asarray(generator.normal(size=p.shape) * 0.3, jnp.float32), shapes)


@pytest.mark.peers
def test_attention_equals_torchs_with_weights_and_masks():
    import torch

    model, x, memory = Attention(WIDTH, HEADS), sequence(5), sequence(7, seed=2)
    lengths = jnp.array([7, 4])

    def attend(module, x, memory):
        return module(x, module.keys_values(memory), masks.padding(lengths, 7), return_attention=True)

    params = random_params(model, x, memory, method=attend)
    out, weights = model.apply({"params": params}, x, memory, method=attend)
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    torch_attention(params, theirs)
    hidden = torch.tensor(np.arange(7)[None] >= np.asarray(lengths)[:, None])
    given = [torch.tensor(np.array(part)) for part in (x, memory, memory)]
    their_out, their_weights = theirs(*given, key_padding_mask=hidden, average_attn_weights=False)
    np.testing.assert_allclose(out, their_out.detach(), atol=1e-5)
    np.testing.assert_allclose(weights, their_weights.detach(), atol=1e-5)


@pytest.mark.peers
@pytest.mark.parametrize(("norm", "crosses"), [("pre", True), ("post", False)])
def test_stacks_equal_torchs_forward_and_backward(norm, crosses):
    """Two layers of the encoder under a padding mask; of the decoder, causal, on a memory of unequal lengths."""
    import torch

    style = Style(HEADS, HIDDEN, norm=norm, epsilon=1e-5, activation="relu")
    stack = Stack(2, WIDTH, style, crosses=crosses, causal=crosses)
    x, memory, lengths = sequence(5), sequence(7, seed=2), jnp.array([5, 3])
    options = dict(memory=memory, memory_mask=masks.cross(lengths + 2, 7)) if crosses else {}
    mask = None if crosses else masks.padding(lengths, 5)
    params = random_params(stack, x, mask, train=False, **options)
    target = np.random.default_rng(3).normal(size=x.shape).astype(np.float32)

    def total(x):
        out = stack.apply({"params": params}, x, mask, train=False, **options)[0]
        return (out * target).sum(), out

    gradient, out = jax.jit(jax.grad(total, has_aux=True))(x)
    kind = torch.nn.TransformerDecoderLayer if crosses else torch.nn.TransformerEncoderLayer
    layers = [kind(WIDTH, HEADS, HIDDEN, 0.0, "relu", batch_first=True, norm_first=norm == "pre") for _ in range(2)]
    given = torch.tensor(np.array(x), requires_grad=True)
    hidden = torch.tensor(np.arange(5)[None] >= np.asarray(lengths)[:, None])
    found = given
    for index, layer in enumerate(layers):
        torch_layer(params[f"block_{index}"], layer)
        if crosses:
            future = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
            unseen = torch.tensor(np.arange(7)[None] >= np.asarray(lengths)[:, None] + 2)
            found = layer(found, torch.tensor(np.array(memory)), tgt_mask=future, memory_key_padding_mask=unseen)
        else:
            found = layer(found, src_key_padding_mask=hidden)
    if norm == "pre":
        last = torch.nn.LayerNorm(WIDTH)
        torch_norm(params["norm"], last)
        found = last(found)
    (found * torch.tensor(target)).sum().backward()
    np.testing.assert_allclose(out, found.detach(), atol=1e-4)
    np.testing.assert_allclose(gradient, given.grad, atol=1e-4)


@pytest.mark.parametrize(("scan", "rotary"), [(False, True), (True, False)])
def test_a_cache_gives_token_by_token_what_the_whole_sequence_gives(scan, rotary):
    stack = Stack(2, WIDTH, Style(HEADS, HIDDEN, rotary=rotary, gated=True), crosses=True, causal=True, scan=scan)
    x, memory = sequence(6), sequence(4, seed=2)
    seen = masks.cross(jnp.array([4, 2]), 4)
    params = random_params(stack, x, train=False, memory=memory, memory_mask=seen)
    whole, none, _ = stack.apply({"params": params}, x, train=False, memory=memory, memory_mask=seen)
    assert none is None

    @jax.jit
    def step(caches, x, at, memory=None):
        out, caches, _ = stack.apply(
            {"params": params}, x, train=False, caches=caches, at=at, memory=memory, memory_mask=seen
        )
        return caches, out

    caches, first = step(empty_caches(stack, 2, 6), x[:, :2], 0, memory)  # a prefix at once, which projects the memory
    parts = [first]
    for at in range(2, 6):
        caches, out = step(caches, x[:, at : at + 1], at)
        parts.append(out)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-5)


def test_scanned_and_recomputed_stacks_equal_the_plain_one_with_its_gradients():
    x, plain = sequence(), Stack(3, WIDTH, STYLE)
    params = random_params(plain, x, train=False)
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(params[f"block_{index}"] for index in range(3)))
    others = {
        "remat": (Stack(3, WIDTH, STYLE, remat=True), params),
        "scan": (Stack(3, WIDTH, STYLE, scan=True), {"blocks": stacked, "norm": params["norm"]}),
        "both": (Stack(3, WIDTH, STYLE, scan=True, remat=True), {"blocks": stacked, "norm": params["norm"]}),
    }

    def look(model, params):
        def total(x):
            out, _, looked = model.apply({"params": params}, x, train=False, return_attention=True)
            return (out**3).sum(), (out, looked.own)

        return jax.jit(jax.grad(total, has_aux=True))(x)

    expected = look(plain, params)
    for name, (model, theirs) in others.items():
        for one, other in zip(jax.tree.leaves(look(model, theirs)), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(one, other, atol=2e-4, err_msg=name)


def test_without_positions_the_order_only_permutes_the_output():
    stack, x = Stack(2, WIDTH, STYLE), sequence()
    params, order = random_params(stack, x, train=False), jnp.array([4, 0, 5, 2, 1, 3])
    apply = jax.jit(lambda x: stack.apply({"params": params}, x, train=False, return_attention=True))
    (out, _, looked), (moved, _, moved_looked) = apply(x), apply(x[:, order])
    np.testing.assert_allclose(moved, out[:, order], atol=1e-5)
    np.testing.assert_allclose(moved_looked.own, looked.own[..., order, :][..., order], atol=1e-5)


def test_causal_stacks_cut_the_future_exactly():
    stack, x = Stack(2, WIDTH, STYLE, causal=True), sequence()
    params = random_params(stack, x, train=False)
    gradient = jax.jit(jax.grad(lambda x: stack.apply({"params": params}, x, train=False)[0][:, 2].sum()))(x)
    np.testing.assert_array_equal(gradient[:, 3:], 0)
    assert jnp.abs(gradient[:, :3]).min() > 0


def test_dropped_weights_are_scaled_up_so_that_their_mean_is_the_undropped_output():
    model, x = Attention(WIDTH, HEADS, dropout=0.3), sequence()

    def attend(module, x, train):
        return module(x, module.keys_values(x), train=train)[0]

    params = random_params(model, x, False, method=attend)
    exact = model.apply({"params": params}, x, False, method=attend)
    drawn = jax.jit(
        jax.vmap(lambda key: model.apply({"params": params}, x, True, method=attend, rngs={"dropout": key}))
    )(jax.random.split(jax.random.key(0), 4000))
    error = drawn.std(0) / np.sqrt(4000)
    assert (jnp.abs(drawn.mean(0) - exact) < 5 * error).all() and error.max() > 1e-4


def test_stochastic_depth_skips_whole_rows_at_its_rate_and_scales_up_the_rest():
    block, x = Block(WIDTH, Style(HEADS, HIDDEN, stochastic_depth=1.0), train=True), jnp.ones((400, 1, WIDTH))
    params = random_params(block, x)
    options = dict(rngs={"dropout": jax.random.key(0)})
    out, _ = block.apply({"params": params}, x, Layer(keep=0.25), **options)
    same = np.asarray(jnp.abs(out - x).max((1, 2)) == 0)
    np.testing.assert_allclose(same.mean(), 0.75**2, atol=0.08)  # neither attention nor MLP acted
    whole, _ = Block(WIDTH, STYLE).apply({"params": params}, x)
    mean = np.asarray(jax.vmap(
        lambda key: block.apply({"params": params}, x[:1], Layer(keep=1.0), rngs={"dropout": key})[0]
    )(jax.random.split(jax.random.key(1), 3)))  # fmt: skip
    np.testing.assert_allclose(mean, np.broadcast_to(whole[:1], mean.shape), atol=1e-5)


@pytest.mark.parametrize("scan", [False, True])
def test_blocks_are_skipped_at_rates_that_rise_linearly_from_0_to_that_of_the_last(scan):
    """A block hands on what it was given where neither its attention nor its MLP acts: at the rates 0, 0.3 and 0.6, each squared."""
    stack = Stack(3, WIDTH, Style(HEADS, HIDDEN, stochastic_depth=0.6), scan=scan)
    x = jnp.broadcast_to(sequence(2, 1), (2000, 2, WIDTH))
    params = random_params(stack, x[:1], train=False)
    options = dict(train=True, return_attention=True, rngs={"dropout": jax.random.key(0)})
    looked = jax.jit(lambda x: stack.apply({"params": params}, x, **options)[2].hidden)(x)
    handed = np.concatenate([x[:, None], looked], 1)
    same = (handed[:, 1:] == handed[:, :-1]).all((2, 3)).mean(0)
    np.testing.assert_allclose(same, [0, 0.3**2, 0.6**2], atol=0.03)
    assert same[0] == 0


def test_misuse_is_named():
    with pytest.raises(Misuse, match="unknown activation 'gelo'"):
        Style(2, 4, activation="gelo")
    with pytest.raises(Misuse, match="unknown place of the norm 'middle'"):
        Style(2, 4, norm="middle")
    with pytest.raises(ValueError, match="width 12 is not divisible by 5 heads"):
        Block(WIDTH, Style(5, 8)).init(jax.random.key(0), sequence())
