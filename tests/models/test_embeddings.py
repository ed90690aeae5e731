"""Tokens and places as vectors: what each kind adds, where a place stands, the table that is used twice."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.embeddings import POSITIONS, PositionBias, TokenEmbedding
from dlcv.ops.positions import sinusoidal_positions

TOKENS = jnp.array([[3, 1, 4, 1], [5, 9, 2, 6]])


def made(tokens=TOKENS, at=0, **fields):
    module = TokenEmbedding(10, 8, length=16, **fields)
    variables = module.init(jax.random.key(0), TOKENS, train=False)
    return module, variables, module.apply(variables, tokens, at, train=False)


@pytest.mark.parametrize("positions", POSITIONS)
def test_only_vectors_of_places_tell_equal_tokens_apart(positions):
    _, _, x = made(positions=positions)
    apart = float(jnp.abs(x[0, 1] - x[0, 3]).max())
    assert (apart > 1e-3) == (positions in ("sinusoidal", "learned"))


@pytest.mark.parametrize("combine", ["add", "concatenate"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_a_token_met_later_has_the_vector_of_its_place(positions, combine):
    """What a cached decoder computes one by one, with `at` traced, is what the whole sequence has."""
    module, variables, whole = made(positions=positions, combine=combine)
    one = jax.jit(lambda token, at: module.apply(variables, token, at, train=False))
    for place in range(4):
        np.testing.assert_array_equal(one(TOKENS[:, place : place + 1], place)[:, 0], whole[:, place])


def test_sinusoids_are_added_to_scaled_tokens():
    _, variables, x = made(positions="sinusoidal", scaled=True, n=100)
    table = variables["params"]["tokens"]
    np.testing.assert_allclose(x, table[TOKENS] * 8**0.5 + sinusoidal_positions(4, 8, n=100), atol=1e-6)


def test_places_stand_beside_the_token_when_concatenated():
    module, variables, x = made(positions="sinusoidal", combine="concatenate")
    assert variables["params"]["tokens"].shape == (10, 4) and x.shape == (2, 4, 8)
    np.testing.assert_allclose(x[0, :, 4:], sinusoidal_positions(4, 4), atol=1e-6)
    np.testing.assert_array_equal(x[0, :, 4:], x[1, :, 4:])
    with pytest.raises(ValueError, match="side by side"):
        module.apply(variables, x, method="logits")


def test_a_vector_that_is_one_token_scores_as_the_table_says():
    """One-hot times the table is a look-up, and the table times a vector its logits: weights are tied."""
    module, variables, _ = made(positions="none")
    table = variables["params"]["tokens"]
    np.testing.assert_allclose(jax.nn.one_hot(TOKENS, 10) @ table, table[TOKENS], atol=1e-6)
    logits = module.apply(variables, table[TOKENS], method="logits")
    np.testing.assert_allclose(logits, table[TOKENS] @ table.T, atol=1e-6)
    assert logits.dtype == jnp.float32 and set(variables["params"]) == {"tokens"}


@pytest.mark.parametrize("kind", ["relative", "alibi"])
def test_a_bias_hangs_on_the_distance_alone_and_continues_in_a_cache(kind):
    module = PositionBias(kind, heads=4, both_ways=False, buckets=8, furthest=16)
    variables = module.init(jax.random.key(1), 6)
    bias = np.asarray(module.apply(variables, 6))
    assert bias.shape == (1, 4, 6, 6)
    np.testing.assert_array_equal(bias[:, :, 1:, 1:], bias[:, :, :-1, :-1])
    later = module.apply(variables, 1, 6, 4)
    np.testing.assert_array_equal(later[:, :, 0], bias[:, :, 4])
    assert PositionBias("rotary", 4).apply({}, 6) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [(dict(positions="learnt"), "unknown positions 'learnt'"), (dict(combine="ad"), "unknown combination .* 'ad'")],
)
def test_an_unknown_kind_is_named(fields, message):
    with pytest.raises(Misuse, match=message):
        made(**fields)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_more_tokens_than_places_are_refused(positions):
    with pytest.raises(ValueError, match="17 tokens do not fit 16 places"):
        made(jnp.zeros((1, 17), jnp.int32), positions=positions)
