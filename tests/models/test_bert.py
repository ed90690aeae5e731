"""BERT: the published sizes, that padding changes nothing, that heads score what they are asked for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.bert import SIZES, Size, bert
from dlcv.models.recurrent_filler import RecurrentFiller

VOCABULARY, LENGTH = 40, 12
TOKENS = jax.random.randint(jax.random.key(1), (3, LENGTH), 4, VOCABULARY)
LENGTHS = jnp.array([12, 7, 3])
SEEN = jnp.arange(LENGTH) < LENGTHS[:, None]
ALL = dict(heads=("masked", "next", "classes"), classes=3, length=LENGTH)


def made(**fields):
    model = bert("tiny", VOCABULARY, **{**ALL, **fields})
    params = model.init(jax.random.key(0), TOKENS, train=False)["params"]
    return model, jax.tree.map(lambda leaf: leaf + 0.1 * jax.random.normal(jax.random.key(2), leaf.shape), params)


def count(size, **fields):
    model = bert(size, 30_522, heads=(), pooled=True, **fields)
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.zeros((1, 4), jnp.int32), train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))


@pytest.mark.parametrize(("size", "parameters"), [("base", 109_482_240), ("large", 335_141_888)])
def test_the_published_sizes_have_the_published_parameters(size, parameters):
    assert count(size) == count(size, scan=True) == parameters


@pytest.mark.peers
@pytest.mark.parametrize("size", ["turc-mini", "base", "large"])
def test_parameters_are_as_many_as_transformers_has(size):
    import torch
    import transformers

    depth, width, heads, hidden = SIZES[size]
    config = transformers.BertConfig(
        num_hidden_layers=depth, hidden_size=width, num_attention_heads=heads, intermediate_size=hidden
    )
    with torch.device("meta"):
        theirs = transformers.BertModel(config)
    assert count(size) == sum(parameter.numel() for parameter in theirs.parameters())


@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_what_stands_in_the_padding_changes_nothing(pooling):
    model, params = made(pooling=pooling)
    other = jnp.where(SEEN, TOKENS, (TOKENS + 5) % VOCABULARY)
    apply = jax.jit(lambda tokens: model.apply({"params": params}, tokens, SEEN, train=False, return_attention=True))
    (scores, aux), (again, _) = apply(TOKENS), apply(other)
    for name in ("next", "classes"):
        np.testing.assert_allclose(again[name], scores[name], atol=1e-6)
    np.testing.assert_allclose(jnp.where(SEEN[..., None], again["masked"] - scores["masked"], 0), 0, atol=1e-5)
    assert float(jnp.where(SEEN[:, None, None, None], 0, aux["attention"]).max()) == 0.0
    np.testing.assert_array_equal(aux["hidden"][:, -1], aux["features"])
    cut = model.apply({"params": params}, TOKENS[1:2, :7], train=False)[0]
    np.testing.assert_allclose(cut["classes"], scores["classes"][1:2], atol=1e-5)


def test_scores_at_places_are_those_of_all_places():
    model, params = made()
    places = jnp.array([[3, 0], [6, 6], [1, 2]])
    whole, _ = model.apply({"params": params}, TOKENS, SEEN, train=False)
    some, _ = model.apply({"params": params}, TOKENS, SEEN, places_BK=places, train=False)
    expected = jnp.take_along_axis(whole["masked"], places[:, :, None], 1)
    np.testing.assert_allclose(some["masked"], expected, atol=1e-6)


def test_segments_and_places_tell_equal_tokens_apart_and_both_sides_are_read():
    model, params = made()
    tokens = jnp.full((1, LENGTH), 5)

    def features(tokens, segments=None):
        return model.apply({"params": params}, tokens, None, segments, train=False)[1]["features"]

    plain, second = features(tokens), features(tokens, jnp.ones_like(tokens))
    assert float(jnp.abs(plain - second).min(axis=-1).max()) > 1e-4
    moved = features(tokens.at[0, -1].set(6))
    assert float(jnp.abs(moved - plain)[0].max(-1).min()) > 1e-5  # the last token is seen from every place


def test_a_recurrent_filler_reads_both_sides_of_each_row_and_no_padding():
    model = RecurrentFiller(VOCABULARY, 8, 6, 2)
    params = model.init(jax.random.key(0), TOKENS, SEEN, train=False)
    places = jnp.full((3, 1), 1)

    def scores(tokens):
        return model.apply(params, tokens, SEEN, places_BK=places, train=False)[0]["masked"]

    np.testing.assert_allclose(scores(jnp.where(SEEN, TOKENS, 9)), scores(TOKENS), atol=1e-6)
    for place in (0, 2):
        assert float(jnp.abs(scores(TOKENS.at[:, place].set(9)) - scores(TOKENS)).max()) > 1e-6


@pytest.mark.parametrize(
    ("size", "fields", "message"),
    [
        ("bas", {}, "did you mean 'base'"), ("tiny", dict(heads=("maskd",)), "did you mean 'masked'"),
        ("tiny", dict(pooling="frst"), "did you mean 'first'"), ("tiny", dict(activation="glu"), "did you mean 'gelu'"),
        ("tiny", dict(heads=("classes",)), "two classes"), (Size(1, 8, 2, 8), dict(length=0), "length=0"),
    ],
)  # fmt: skip
def test_misuse_is_named(size, fields, message):
    with pytest.raises(Misuse, match=message):
        bert(size, VOCABULARY, **fields)
