"""Orbax checkpoints with a fingerprint a leaf: the newest intact one is found, a damaged one is named and passed over."""

import logging
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

from dlcv.errors import Misuse
from dlcv.ops.paths import map_named

log = logging.getLogger("dlcv")


def _fingerprint(leaf: jax.Array) -> jax.Array:
    """Two 32-bit sums over the leaf's bits, weighted by position: any flipped bit changes them, on any layout of devices."""
    if leaf.dtype == jnp.bool_:
        leaf = leaf.astype(jnp.uint8)
    unsigned = {1: jnp.uint8, 2: jnp.uint16, 4: jnp.uint32, 8: jnp.uint64}[leaf.dtype.itemsize]
    bits = jax.lax.bitcast_convert_type(leaf, unsigned).astype(jnp.uint32).reshape(-1)
    place = jax.lax.iota(jnp.uint32, bits.size)
    first = jnp.sum((bits + 1) * (2 * place + 1), dtype=jnp.uint32)
    mixed = (bits ^ (bits >> 15) ^ place) * jnp.uint32(0x2C1B3C6D)
    return jnp.stack([first, jnp.sum(mixed ^ (mixed >> 13), dtype=jnp.uint32)])


@jax.jit
def _fingerprints(tree):
    return jax.tree.map(_fingerprint, tree)


def fingerprints(tree: Any) -> dict[str, list[int]]:
    """Leaf name -> fingerprint, as JSON values."""
    found: dict[str, list[int]] = {}
    map_named(
        lambda name, value: found.setdefault(name, [int(v) for v in np.asarray(value)]),
        jax.device_get(_fingerprints(tree)),
    )
    return found


def layout(tree: Any) -> dict[str, str]:
    """Leaf name -> "float32[3, 4]", of arrays or of their shapes."""
    found: dict[str, str] = {}
    map_named(lambda name, leaf: found.setdefault(name, f"{leaf.dtype}{list(leaf.shape)}"), tree)
    return found


class Checkpoints:
    """A folder of checkpoints: `<folder>/<step>/`, the newest `keep` of them."""

    def __init__(self, folder: Path, keep: int = 3):
        self.folder = Path(folder).absolute()
        options = ocp.CheckpointManagerOptions(max_to_keep=keep, enable_async_checkpointing=True)
        with self._writing():
            self.manager = ocp.CheckpointManager(self.folder, options=options)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A write that fails (a full disk, a folder that is closed to us) becomes one line."""
        try:
            yield
        except Exception as problem:
            reason = _reason(problem)
            raise Misuse(f"checkpoint in {self.folder} cannot be written: {reason}") from problem

    def save(self, step: int, states: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
        """Begins to write; `notes` are JSON values. Waits for an earlier save first."""
        notes = dict(notes, fingerprints=fingerprints(states), layout=layout(states))
        if (
            jax.default_backend() == "cpu"
        ):  # where the writer would read buffers that the next step is given to overwrite
            states = jax.tree.map(jnp.copy, dict(states))
        args = ocp.args.Composite(state=ocp.args.StandardSave(dict(states)), notes=ocp.args.JsonSave(notes))
        with self._writing():
            self.manager.save(step, args=args, force=True)

    def wait(self) -> None:
        """Until everything is on disk; raises what a write raised."""
        with self._writing():
            self.manager.wait_until_finished()

    def close(self) -> None:
        self.manager.close()

    def steps(self) -> list[int]:
        return sorted(self.manager.all_steps())

    def forget_after(self, step: int) -> None:
        """Drops later steps, which a resumed run is about to make again."""
        for later in [found for found in self.steps() if found > step]:
            self.manager.delete(later)

    def newest(self, shapes: Mapping[str, Any]) -> tuple[int, dict, dict] | None:
        """(step, states, notes) of the newest intact checkpoint, or None; damaged ones are warned about and set aside."""
        for step in reversed(self.steps()):
            try:
                return step, *self.load(step, shapes)
            except Misuse:
                raise
            except Exception as problem:
                reason = _reason(problem)
                log.warning("checkpoint %s is damaged (%s); the one before it is used", self.folder / str(step), reason)
                self._discard(step)
        return None

    def load(self, step: int, shapes: Mapping[str, Any]) -> tuple[dict, dict]:
        """States and notes of one step, checked against their fingerprints. Raises ValueError when they differ."""
        notes = self.manager.restore(step, args=ocp.args.Composite(notes=ocp.args.JsonRestore()))["notes"]
        self._check_layout(notes["layout"], layout(dict(shapes)))
        args = ocp.args.Composite(state=ocp.args.StandardRestore(dict(shapes)))
        with _one_report():
            states = self.manager.restore(step, args=args)["state"]
        found = fingerprints(states)
        wrong = [name for name, value in found.items() if notes["fingerprints"].get(name) != value]
        if wrong:
            raise ValueError(f"digest of {wrong[0]} differs")
        return states, notes

    def _check_layout(self, held: Mapping[str, str], wanted: Mapping[str, str]) -> None:
        for name in [*wanted, *held]:
            if held.get(name) != wanted.get(name):
                raise Misuse(
                    f"checkpoint in {self.folder} holds {name} as {held.get(name, 'nothing')}, this run needs {wanted.get(name, 'nothing')}"
                )

    def _discard(self, step: int) -> None:
        """Moves a damaged step out of the list, to `damaged/` beside the folder; nothing is deleted."""
        if jax.process_index() == 0:
            aside = self.folder.parent / "damaged" / f"{self.folder.name}-{step}-{time.time_ns()}"
            aside.parent.mkdir(exist_ok=True)
            shutil.move(self.folder / str(step), aside)
        self.manager.reload()


@contextmanager
def _one_report() -> Iterator[None]:
    """A read that fails is raised once: the readers beside it, which its end cuts off, do not print theirs, soon or later."""
    hooks, tasks = (sys.excepthook, sys.unraisablehook), logging.getLogger("asyncio")
    level = tasks.level

    def cut_off(problem: BaseException | None, *words: str) -> bool:
        return any(word in str(problem) for word in ("Event loop is closed", *words))

    sys.excepthook = lambda kind, problem, trace: cut_off(problem) or hooks[0](kind, problem, trace)
    sys.unraisablehook = lambda report: cut_off(report.exc_value, "reading array index") or hooks[1](report)
    tasks.setLevel(logging.CRITICAL)
    yield
    tasks.setLevel(level)
    sys.excepthook, sys.unraisablehook = hooks  # only after success: readers of a damaged file may end at any time


def _reason(problem: Exception) -> str:
    """The first line of what a reader complains about, without its dump of details."""
    lines = str(problem).partition(" See full")[0].strip().splitlines()
    return (lines or [type(problem).__name__])[0][:160]
