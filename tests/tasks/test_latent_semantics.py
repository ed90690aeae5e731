"""The linear autoencoder of bags comes to the error of the truncated singular value decomposition, and words of like texts to like vectors."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv.engine.task import Setup
from dlcv.errors import Misuse
from dlcv.ops.bags import counts, rarity, weighted
from dlcv.tasks import latent_semantics

MARKS = (0, 1, 2, 3, 19)
VOCABULARY, WIDTH = 20, 3


def rows(seed=0, texts=64, length=12):
    """Texts of three kinds: words 4 to 8, 9 to 13 or 14 to 18, with some of any kind."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(3, size=(texts, 1))
    words = np.where(rng.random((texts, length)) < 0.8, 4 + 5 * kinds, 4 + 5 * rng.integers(3, size=(texts, length)))
    words = words + rng.integers(5, size=(texts, length))
    tokens = np.concatenate([np.full((texts, 1), 1), words, np.full((texts, 1), 2)], 1).astype(np.int32)
    return {"tokens": jnp.asarray(tokens), "length": jnp.full(texts, length + 2, jnp.int32)}


def test_bags_by_hand():
    tokens, words = (
        jnp.array([[1, 4, 5, 4, 2, 0], [1, 5, 2, 0, 0, 0]]),
        jnp.array([[0, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0]], bool),
    )
    found = np.asarray(counts(tokens, words, 7))
    np.testing.assert_array_equal(found, [[0, 0, 0, 0, 2, 1, 0], [0, 0, 0, 0, 0, 1, 0]])
    rare = np.asarray(rarity(jnp.array([0.0, 1, 2]), jnp.array(2.0)))
    np.testing.assert_allclose(rare, [0, np.log(2), 0], atol=1e-7)
    bags, target = (np.asarray(x) for x in weighted(jnp.array([[0, 3.0, 1], [0, 0, 0]]), jnp.array([0, 2.0, 1])))
    norm = np.hypot(2 * np.log(4), np.log(2))
    np.testing.assert_allclose(target, [[0, 2 * np.log(4) / norm, np.log(2) / norm], [0, 0, 0]], rtol=1e-6)
    np.testing.assert_allclose(bags, [[0, np.log(4) / norm, np.log(2) / norm], [0, 0, 0]], rtol=1e-6)


def test_the_least_error_is_that_of_the_singular_value_decomposition():
    batch = rows()
    spec = {name: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for name, leaf in batch.items()}
    info = {"size": VOCABULARY, "marks": MARKS}
    task = latent_semantics.make(Setup(spec, info, lambda player: optax.adam(0.02), 2000, jnp.float32), width=WIDTH)
    variables, (player,) = task.init(jax.random.key(0), spec), task.players
    moments, stats = player.optimizer.init(variables.params), variables.stats

    @jax.jit
    def step(params, stats, moments):
        def loss(params):
            (value, _), aux = player.loss(params, stats, {}, batch, jax.random.key(0), 0)
            return value, aux.stats

        (value, stats_after), gradient = jax.value_and_grad(loss, has_aux=True)(params)
        updates, moments = player.optimizer.update(gradient, moments, params)
        return optax.apply_updates(params, updates), stats_after, moments, value

    params = variables.params
    for _ in range(2000):
        params, stats, moments, value = step(params, stats, moments)
    there = np.asarray(counts(batch["tokens"], batch["tokens"] >= 4, VOCABULARY))
    weights = np.log1p(there) * np.log(len(there) / np.maximum((there > 0).sum(0), 1)) * ((there > 0).sum(0) > 0)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    least = (np.linalg.svd(weights, compute_uv=False)[WIDTH:] ** 2).sum() / len(weights)
    assert float(value) == pytest.approx(least, rel=0.01)
    vectors = np.asarray(params["model"]["tokens"])[4:19]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kinds, cosines = np.arange(15) // 5, unit @ unit.T
    assert (
        cosines[kinds[:, None] == kinds].min() > cosines[kinds[:, None] != kinds].max()
    )  # words of one kind lie together


def test_other_data_are_refused():
    with pytest.raises(Misuse, match="rows of marked sentences"):
        latent_semantics.make(Setup({}, {}, lambda player: optax.sgd(1.0), 1, jnp.float32))
