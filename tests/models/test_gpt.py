"""Decoder-only Transformers: published sizes, what a token may see, and that a cache changes nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.gpt import gpt

VOCABULARY, LENGTH = 11, 8
TOKENS = jnp.asarray(np.random.default_rng(0).integers(0, VOCABULARY, (3, LENGTH)), jnp.int32)
PREFIX = jnp.array([1, 4, 7])


def made(**fields):
    """(model, random parameters): those that begin at zero too."""
    model = gpt("tiny", VOCABULARY, length=LENGTH, **fields)
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), TOKENS, train=False))["params"]
    generator = np.random.default_rng(1)
    return model, jax.tree.map(lambda p: jnp.asarray(generator.normal(size=p.shape) * 0.2, jnp.float32), shapes)


def count(size, vocabulary, length, **fields) -> int:
    model = gpt(size, vocabulary, length=length, scan=True, **fields)
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.zeros((1, 2), jnp.int32), train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))


@pytest.mark.parametrize(
    ("size", "parameters"),
    [
        ("small", 124_439_808), ("medium", 354_823_168), ("large", 774_030_080), ("xl", 1_557_611_200),
    ],
)  # fmt: skip
def test_gpt_2_has_the_parameters_of_its_released_weights(size, parameters):
    assert count(f"gpt2-{size}", 50_257, 1024) == parameters


@pytest.mark.parametrize(
    ("size", "billions"),
    [("small", 0.125), ("medium", 0.35), ("large", 0.76), ("xl", 1.3), ("2.7b", 2.7), ("6.7b", 6.7), ("13b", 13.0), ("175b", 175.0)],
)  # fmt: skip
def test_gpt_3_has_the_parameters_of_its_table(size, billions):
    """Brown et al., 2020, table 2.1, which prints two or three digits."""
    assert count(f"gpt3-{size}", 50_257, 2048) / 1e9 == pytest.approx(billions, rel=0.02)


def test_the_small_ones_have_nanogpts_parameters():
    """Its program prints 0.80M and 10.65M: without biases and without the table of places."""
    for size, length, printed in (("char-cpu", 64, 0.80), ("char-gpu", 256, 10.65)):
        depth, width = (4, 128) if size == "char-cpu" else (6, 384)
        biases = depth * (3 * width + width + 4 * width + width + 2 * width) + width  # of products and of norms
        assert round((count(size, 65, length) - length * width - biases) / 1e6, 2) == printed


def test_a_head_of_its_own_adds_a_table_and_gates_keep_the_parameters():
    assert count("tiny", VOCABULARY, LENGTH, tied=False) - count("tiny", VOCABULARY, LENGTH) == VOCABULARY * 32
    plain, gated = (count("gpt2-small", 50_257, 1024, gated=gated) for gated in (False, True))
    assert abs(gated / plain - 1) < 1e-3
    model, params = made()
    logits, aux = model.apply({"params": params}, TOKENS, train=False)
    np.testing.assert_allclose(logits, aux["features"] @ params["embedding"]["tokens"].T, atol=1e-5)


def test_weights_begin_as_gpt_2s():
    params = gpt("tiny", 65, length=64).init(jax.random.key(0), TOKENS[:1, :1], train=False)["params"]
    block = params["stack"]["block_0"]
    for kernel, deviation in (
        (block["attention"]["query"]["kernel"], 0.02), (block["mlp"]["up"]["kernel"], 0.02),
        (block["attention"]["out"]["kernel"], 0.01), (block["mlp"]["down"]["kernel"], 0.01),
        (params["embedding"]["tokens"], 0.02),
    ):  # fmt: skip
        assert float(kernel.std()) == pytest.approx(deviation, rel=0.1)


def gradient_of(model, params, place, prefix=None):
    """|d logits of `place` / d the vector of each token| [B, L]: exactly zero where it is not seen."""

    def total(tokens_BLV):
        swapped = {**params, "embedding": {**params["embedding"], "tokens": jnp.eye(VOCABULARY, 32)}}
        vectors = jnp.einsum("BLV,VD->BLD", tokens_BLV, params["embedding"]["tokens"])
        x = vectors + params["embedding"]["positions"]

        def run(module):
            found = module.stack(x, module.seen(prefix, LENGTH), train=False, bias=module.bias(LENGTH))[0]
            return module.scores(found)

        return model.apply({"params": swapped}, method=run)[:, place].sum()

    return np.abs(jax.jit(jax.grad(total))(jax.nn.one_hot(TOKENS, VOCABULARY))).max(-1)


def test_a_later_token_changes_nothing_before_it_exactly():
    model, params = made()
    for place in (0, 3):
        seen = gradient_of(model, params, place)
        assert (seen[:, place + 1 :] == 0).all() and (seen[:, : place + 1] > 0).all()


def test_a_prefix_is_seen_whole_from_within_and_what_follows_is_causal():
    model, params = made(mask="prefix")
    for place in (0, 4):
        seen = gradient_of(model, params, place, PREFIX)
        expected = np.arange(LENGTH)[None] < np.maximum(np.asarray(PREFIX)[:, None], place + 1)
        np.testing.assert_array_equal(seen > 0, expected)


def test_a_prefix_of_no_token_is_causal():
    model, params = made(mask="prefix")
    causal = gpt("tiny", VOCABULARY, length=LENGTH)
    for prefix in (jnp.zeros(3, jnp.int32), jnp.ones(3, jnp.int32), None):
        found, _ = model.apply({"params": params}, TOKENS, prefix, train=False)
        np.testing.assert_allclose(found, causal.apply({"params": params}, TOKENS, train=False)[0], atol=1e-5)


@pytest.mark.parametrize(
    "fields",
    [
        dict(), dict(positions="rotary", gated=True, activation="silu"), dict(positions="alibi", scan=True),
        dict(positions="relative", tied=False, norm="post"), dict(mask="prefix", positions="relative"),
        dict(mask="prefix", positions="sinusoidal", remat=True),
    ],
    ids=lambda fields: "-".join(map(str, fields.values())),
)  # fmt: skip
def test_a_cache_gives_token_by_token_what_the_whole_row_gives(fields):
    model, params = made(**fields)
    apply = jax.jit(model.apply, static_argnames=("method", "room", "train"))
    prefix, read = (PREFIX.clip(max=3), 3) if fields.get("mask") == "prefix" else (None, 2)
    whole, _ = apply({"params": params}, TOKENS, prefix, train=False)
    state, logits = apply({"params": params}, TOKENS[:, :read], room=LENGTH, prefix_B=prefix, method="prefill")
    found = [logits]
    for place in range(read, LENGTH):
        state, logits = apply({"params": params}, state, TOKENS[:, place], method="step")
        found.append(logits)
    np.testing.assert_allclose(np.stack(found, 1), whole[:, read - 1 :], atol=2e-5)
    assert int(state.at) == LENGTH


def test_scanned_equals_unrolled_and_the_order_of_a_batch_changes_nothing():
    model, params = made()
    apply = jax.jit(lambda tokens: model.apply({"params": params}, tokens, train=False)[0])
    whole = apply(TOKENS)
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(params["stack"][f"block_{i}"] for i in range(2)))
    other = {**params, "stack": {"blocks": stacked, "norm": params["stack"]["norm"]}}
    scanned = gpt("tiny", VOCABULARY, length=LENGTH, scan=True)
    again = jax.jit(lambda tokens: scanned.apply({"params": other}, tokens, train=False)[0])(TOKENS)
    np.testing.assert_allclose(again, whole, atol=1e-5)
    np.testing.assert_allclose(apply(TOKENS[::-1]), whole[::-1], atol=1e-6)


@pytest.mark.parametrize(
    ("size", "fields", "message"),
    [
        ("gpt2-smal", {}, "did you mean 'gpt2-small'"), ("tiny", dict(mask="causl"), "did you mean 'causal'"),
        ("tiny", dict(positions="rotry"), "did you mean 'rotary'"), ("tiny", dict(length=0), "length=0"),
    ],
)  # fmt: skip
def test_misuse_is_named(size, fields, message):
    with pytest.raises(Misuse, match=message):
        gpt(size, VOCABULARY, **fields)
