"""Checkpoints: a fingerprint that sees every bit, the newest intact one, nothing deleted, nothing swallowed."""

import gc
import logging
import shutil
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine.checkpoint import Checkpoints, fingerprints
from dlcv.errors import Misuse


def tree(seed: int = 0):
    draw = np.random.default_rng(seed)
    return {
        "float": jnp.asarray(draw.normal(size=(17, 5)), jnp.float32), "half": jnp.asarray(draw.normal(size=9), jnp.bfloat16),
        "whole": jnp.asarray(draw.integers(-100, 100, 33), jnp.int8), "count": jnp.asarray(7, jnp.int32),
        "flag": jnp.asarray([True, False, True]), "large": jnp.asarray(draw.normal(size=20_000), jnp.float32),
    }  # fmt: skip


def shapes(states):
    sharding = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding), states)


@pytest.fixture
def store(tmp_path):
    """`store(step, ...)`: a folder of saved steps, opened anew each time it is asked for."""
    opened = []

    def make(*steps, keep=3):
        for made in opened:
            made.close()
        checkpoints = Checkpoints(tmp_path / "checkpoints", keep)
        opened.append(checkpoints)
        for step in steps:
            checkpoints.save(step, {"seed_0": tree(step)}, {"at": step})
        checkpoints.wait()
        return checkpoints

    yield make
    for made in opened:
        made.close()


SHAPES = {"seed_0": shapes(tree())}


def equal(left, right):
    return all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for a, b in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True)
    )


@pytest.mark.parametrize("name", sorted(tree()))
def test_any_flipped_bit_changes_the_fingerprint(name):
    leaf = np.asarray(tree()[name])
    before = fingerprints({"leaf": jnp.asarray(leaf)})["leaf"]
    draw = np.random.default_rng(0)
    bits = 1 if leaf.dtype == bool else 8 * leaf.itemsize
    for _ in range(12):
        place, bit = draw.integers(leaf.size), int(draw.integers(bits))
        flipped = np.array(leaf).reshape(-1)
        raw = flipped.view(np.uint8).reshape(leaf.size, leaf.itemsize)
        raw[place, bit // 8] ^= 1 << (bit % 8)
        assert fingerprints({"leaf": jnp.asarray(flipped.reshape(leaf.shape))})["leaf"] != before, (place, bit)


def test_exchanged_values_change_the_fingerprint():
    leaf = jnp.arange(10, dtype=jnp.float32)
    assert fingerprints({"a": leaf}) != fingerprints({"a": leaf[::-1]})
    assert fingerprints({"a": jnp.zeros(3)}) != fingerprints({"a": jnp.zeros(4)})


def test_a_checkpoint_comes_back_bit_by_bit(store):
    store(2, 4)
    step, states, notes = store().newest(SHAPES)
    assert step == 4 and notes["at"] == 4
    assert equal(states["seed_0"], tree(4))


def test_only_the_newest_are_kept(store):
    assert store(1, 2, 3, 4, keep=2).steps() == [3, 4]


def test_later_steps_are_forgotten(store):
    checkpoints = store(1, 2, 3)
    checkpoints.forget_after(1)
    assert checkpoints.steps() == [1]
    assert store().steps() == [1]


def test_nothing_saved_is_no_checkpoint(store):
    assert store().newest(SHAPES) is None


def largest(folder):
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def truncate(folder):
    file = largest(folder)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(folder):
    file = largest(folder)
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 2, len(content) // 2 + 8):
        content[place] ^= 0xFF
    file.write_bytes(bytes(content))


def empty(folder):
    shutil.rmtree(folder)
    folder.mkdir()


def without_notes(folder):
    shutil.rmtree(folder / "notes")


def torn_notes(folder):
    file = next(
        path
        for path in (folder / "notes").rglob("*")
        if path.is_file() and "fingerprints" in path.read_text(errors="replace")
    )
    file.write_text(file.read_text()[:20])


@pytest.mark.filterwarnings("ignore")  # the reader's own, about what the test broke
@pytest.mark.parametrize("damage", [truncate, flip, empty, without_notes, torn_notes])
def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_used(store, caplog, monkeypatch, damage):
    monkeypatch.setattr(logging.getLogger("dlcv"), "propagate", True)
    folder = store(1, 2).folder
    damage(folder / "2")
    checkpoints = store()
    step, states, _ = checkpoints.newest(SHAPES)
    assert step == 1 and equal(states["seed_0"], tree(1))
    gc.collect()  # coroutines that the reader left when it failed complain while this test may hear them
    warnings = [record.getMessage() for record in caplog.records if record.name == "dlcv"]
    assert len(warnings) == 1 and "2 is damaged" in warnings[0] and "\n" not in warnings[0]
    assert len(list((folder.parent / "damaged").iterdir())) == 1
    checkpoints.save(2, {"seed_0": tree(2)}, {"at": 2})  # the step can be made again
    checkpoints.wait()
    step, states, _ = store().newest(SHAPES)
    assert step == 2 and equal(states["seed_0"], tree(2))


@pytest.mark.parametrize(
    ("name", "leaf", "message"),
    [
        (
            "float",
            jnp.zeros((17, 6), jnp.float32),
            r"holds seed_0/float as float32\[17, 5\], this run needs float32\[17, 6\]",
        ),
        ("half", jnp.zeros(9, jnp.float32), r"holds seed_0/half as bfloat16\[9\], this run needs float32\[9\]"),
        ("new", jnp.zeros(2), r"seed_0/new"),
    ],
)
def test_another_runs_shapes_are_a_misuse_and_no_damage(store, name, leaf, message):
    folder = store(1).folder
    with pytest.raises(Misuse, match=message):
        store().newest({"seed_0": shapes(tree() | {name: leaf})})
    assert store().steps() == [1] and not (folder.parent / "damaged").exists()


def test_a_missing_leaf_is_a_misuse_and_no_damage(store):
    store(1)
    with pytest.raises(Misuse, match="seed_0/float"):
        store().newest({"seed_0": shapes({name: leaf for name, leaf in tree().items() if name != "float"})})
    assert store().steps() == [1]


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Misuse, match="cannot be written"):
        Checkpoints(tmp_path / "file" / "checkpoints")


def test_a_failed_write_is_reported_in_one_line(store, monkeypatch):
    checkpoints = store(1)

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.manager, "save", full)
    with pytest.raises(Misuse, match=r"cannot be written: .*No space left on device"):
        checkpoints.save(2, {"seed_0": tree()}, {})


def test_readers_that_a_damaged_file_cuts_off_do_not_print(store, tmp_path, monkeypatch, capsys):
    for hook in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, hook, getattr(sys, hook))  # so that it is put back
    checkpoints = store(1)
    hooks = sys.excepthook, sys.unraisablehook
    assert checkpoints.newest({"seed_0": shapes(tree())})[0] == 1
    assert (sys.excepthook, sys.unraisablehook) == hooks
    largest = max((tmp_path / "checkpoints" / "1").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])
    assert store().newest({"seed_0": shapes(tree())}) is None
    sys.excepthook(RuntimeError, RuntimeError("Event loop is closed"), None)  # as a reader's thread does, late
    assert capsys.readouterr().err == ""
    sys.excepthook(RuntimeError, RuntimeError("another problem"), None)
    assert "another problem" in capsys.readouterr().err
