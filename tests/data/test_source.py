"""Sources: a batch is a pure function of (seed, step), and every example counts exactly once."""

import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.data.source import Examples, Records, Stream, Together

ITEMS = [{"image": np.full((2, 2, 1), i, np.uint8), "label": np.int32(i)} for i in range(50)]


def examples(count: int = 50, name: str = "") -> Examples:
    return Examples({"label": np.arange(count, dtype=np.int32)}, name)


def test_indices_are_a_pure_function_of_seed_and_step():
    one, two = examples(), examples()
    forward = [one.indices(3, step, 16) for step in range(8)]
    backward = [two.indices(3, step, 16) for step in reversed(range(8))][::-1]
    np.testing.assert_array_equal(forward, backward)
    assert not np.array_equal(forward[0], one.indices(4, 0, 16))
    assert not np.array_equal(forward[0], examples(name="target").indices(3, 0, 16))


@pytest.mark.parametrize("batch_size", [1, 16, 50, 64, 120])
def test_every_epoch_holds_every_example_once(batch_size):
    steps = -(-3 * 50 // batch_size)
    rows = np.concatenate([examples().indices(0, step, batch_size) for step in range(steps)])[:150].reshape(3, 50)
    for epoch in rows:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(50))
    assert not np.array_equal(rows[0], rows[1])


@pytest.mark.parametrize("source", [examples(), Records(ITEMS)], ids=["examples", "records"])
@pytest.mark.parametrize("batch_size", [1, 16, 50, 64])
def test_a_sweep_counts_every_example_once(source, batch_size):
    seen = []
    for indices, mask in source.sweep(batch_size):
        assert indices.shape == mask.shape == (batch_size,)
        seen.extend(np.asarray(source.gather(source.arrays, indices)["label"])[mask])
    assert sorted(seen) == list(range(50))


def test_gather_works_on_jax_arrays():
    source = examples()
    indices = source.indices(0, 0, 8)
    on_device = source.gather({"label": jnp.asarray(source.arrays["label"])}, jnp.asarray(indices))
    np.testing.assert_array_equal(on_device["label"], source.gather(source.arrays, indices)["label"])


def test_stream_rows_go_on_where_they_ended():
    stream = Stream({"tokens": np.arange(103, dtype=np.int32)}, 7)
    for step in range(60):  # several times around the text
        here, following = (stream.gather(stream.arrays, stream.indices(5, s, 4))["tokens"] for s in (step, step + 1))
        assert here.shape == (4, 8)
        np.testing.assert_array_equal(here[:, -1], following[:, 0])
        np.testing.assert_array_equal(here[:, 1:], (here[:, :-1] + 1) % 103)  # successors


def test_stream_sweep_counts_every_successor_once():
    stream = Stream({"tokens": np.arange(103, dtype=np.int32)}, 7)
    targets = []
    for indices, mask in stream.sweep(4):
        batch = stream.gather(stream.arrays, indices)["tokens"]
        assert mask.shape == (4, 7)
        targets.extend(batch[:, 1:][mask])
    assert sorted(targets) == list(range(1, 103))


def test_records_are_a_pure_function_of_seed_and_step():
    records = Records(ITEMS)
    batches = [records.batch(1, step, 20)["label"] for step in range(10)]
    np.testing.assert_array_equal(batches[7], Records(ITEMS).batch(1, 7, 20)["label"])
    assert not np.array_equal(batches[0], records.batch(2, 0, 20)["label"])
    assert not np.array_equal(batches[0], Records(ITEMS, "target").batch(1, 0, 20)["label"])
    for epoch in np.concatenate(batches).reshape(4, 50):
        np.testing.assert_array_equal(np.sort(epoch), np.arange(50))
    assert records.batch(0, 0, 3)["image"].shape == (3, 2, 2, 1)


def test_sources_read_together_keep_their_own_orders():
    both = Together({"source": examples(name="source"), "target": examples(name="target")})
    indices = both.indices(0, 0, 16)
    batch = both.gather(both.arrays, indices)
    np.testing.assert_array_equal(batch["source"]["label"], examples(name="source").indices(0, 0, 16))
    assert not np.array_equal(batch["source"]["label"], batch["target"]["label"])
    with pytest.raises(TypeError):
        both.sweep(16)
