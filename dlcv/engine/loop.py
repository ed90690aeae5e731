"""The one training loop."""

import json
import logging
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils

from dlcv.engine import checks, report, restore, sharding, workdir, wrappers, writers
from dlcv.engine import record as records
from dlcv.engine.checkpoint import Checkpoints
from dlcv.engine.evaluation import Evaluator
from dlcv.engine.execution import Execution
from dlcv.engine.experiment import Experiment
from dlcv.engine.task import View
from dlcv.engine.termination import Interrupted, termination
from dlcv.engine.trace import Trace
from dlcv.errors import Misuse, unknown
from dlcv.ops.keys import named

log = logging.getLogger("dlcv")


class Diverged(Exception):
    """Every seed's loss left the finite numbers; the last good checkpoint is kept."""


def train(
    experiment: Experiment, folder: str | Path, *, quiet: bool = False, profile: bool = False, told: Sequence[str] = ()
) -> dict[str, Any]:
    """Trains an experiment in its workdir, or goes on where it stopped; returns the content of `result.json`.

    `told` are lines for the user, once it is known that the run can begin.
    Raises Misuse for a config that cannot run, Diverged when no seed stays finite, Interrupted after SIGTERM.
    """
    with termination() as flag:
        task, data, mesh = (
            experiment.task,
            experiment.data,
            experiment.mesh,
        )  # misuse shows before the folder is touched
        execution = Execution(task, experiment.config, data.train, mesh)
        evaluator = Evaluator(task, data.splits, experiment.config.eval_batch_size, mesh)
        checks.check(experiment)
        if experiment.config.start.source:
            restore.check_start(experiment, Path(folder) / "start")
        folder = workdir.claim(folder, experiment.config)
        for line in told:
            log.warning(line)
        run = Run(experiment, folder, execution, evaluator, flag, quiet)
        result = run.result() if run.finished() else run.train(profile)
        if flag.is_set():  # after the last step: a study of several runs must not begin the next
            raise Interrupted
        return result


class Run:
    """One run in progress: states, what it remembers, and what it writes."""

    def __init__(
        self, experiment: Experiment, folder: Path, execution: Execution, evaluator: Evaluator, flag, quiet: bool
    ):
        self.experiment, self.folder, self.config = experiment, folder, experiment.config
        self.execution, self.evaluator, self.flag, self.quiet = execution, evaluator, flag, quiet
        self.task, self.seeds = experiment.task, execution.seeds
        self.checkpoints = Checkpoints(folder / "checkpoints", self.config.keep)
        self.record, self.step = records.Record(), 0
        self.waiting: list[tuple[int, Any]] = []  # (first step, metrics still on the device)
        self.lead = jax.process_index() == 0
        self._restore()
        self.best = (
            {seed: Checkpoints(folder / "best" / f"seed_{seed}", keep=1) for seed in self.seeds}
            if self.config.select.metric
            else {}
        )
        for best in self.best.values():
            best.forget_after(self.step)
        self.began = time.perf_counter() - self.record.seconds

    # state

    def _names(self, states) -> dict[str, Any]:
        return {f"seed_{seed}": state for seed, state in zip(self.seeds, states, strict=True)}

    def _of_seeds(self, states) -> list:
        """The inverse of `_names`, whose order a restored dict does not keep."""
        return [states[name] for name in self._names(self.seeds)]

    def _restore(self) -> None:
        found = self.checkpoints.newest(self._names([self.execution.shapes] * len(self.seeds)))
        if found is None:
            return self.execution.load(self._initial())
        self.step, states, notes = found
        self.record = records.Record.from_notes(notes["record"])
        self.execution.load(self._of_seeds(states))
        if not self.quiet and self.lead and not self.finished():
            print(f"continuing at step {self.step} of {self.config.steps}", flush=True)

    def _initial(self):
        states = self.execution.initial()
        if self.config.start.source:
            source = restore.start_weights(
                self.config, self.folder / "start", self.experiment.data_dir, len(states), self.quiet
            )
            for index, (state, weights) in enumerate(zip(states, source, strict=True)):
                state = state.replace(variables=restore.transplant(state.variables, weights, self.config.start.rules))
                states[index] = (
                    wrappers.begin_average(state, self.config.ema.subtrees) if self.config.ema.decay else state
                )
        return states

    def _save(self) -> None:
        """A checkpoint, once all that was written before it is safe: a run killed right after it has lost nothing."""
        self.record.seconds = time.perf_counter() - self.began
        for best in self.best.values():
            best.wait()
        if self.lead:
            self.metrics.flush()
        self.checkpoints.save(self.step, self._names(self.execution.states()), {"record": self.record.notes()})

    # the loop

    def alive(self) -> list[bool]:
        return [str(seed) not in self.record.diverged for seed in self.seeds]

    def train(self, profile: bool) -> dict[str, Any]:
        self._check_selected()
        config = self.config
        saved = self.step
        calls = (config.steps - self.step) // config.steps_per_call
        with self._files(), Trace(self.folder / "profile", calls if profile else 0) as trace:
            while self.step < config.steps:
                self._call()
                trace.called(self.waiting[-1][1])
                leaving = self._leaving()
                if self._due(config.log_every):
                    self._log()
                if self._due(config.eval_every):
                    self._collect()
                    self.evaluate()
                if self._due(config.checkpoint_every) or leaving:
                    self._collect()
                    self._save()
                    saved = self.step
                if leaving:
                    self._leave()
            if saved != self.step:
                self._save()
            return self._finish()

    def _due(self, every: int) -> bool:
        return self.step == self.config.steps or bool(every and self.step % every == 0)

    def _leaving(self) -> bool:
        """Whether SIGTERM came; several processes agree on it where they meet anyway."""
        if jax.process_count() == 1:
            return self.flag.is_set()
        if not any(self._due(getattr(self.config, f"{name}_every")) for name in ("log", "eval", "checkpoint")):
            return False
        return bool(np.any(multihost_utils.process_allgather(np.asarray(self.flag.is_set()))))

    def _call(self) -> None:
        self.waiting.append((self.step, self.execution.advance(self.execution.feed(self.step), self.alive())))
        self.step += self.config.steps_per_call
        if len(self.waiting) > 2:  # at most two calls in flight
            jax.block_until_ready(self.waiting[-3][1])

    def _collect(self) -> None:
        """Fetches the metrics still on the device and stops the seeds that are no longer finite."""
        fetched = sharding.fetch([metrics for _, metrics in self.waiting])
        steps = [step for step, _ in self.waiting]
        self.waiting = []
        for step, metrics in zip(steps, fetched, strict=True):
            for seed, mine, alive in zip(self.seeds, self.execution.by_seed(metrics), self.alive(), strict=True):
                if alive and mine and (bad := self.record.add(seed, mine, step)):
                    self._diverged(seed, *bad)

    def _diverged(self, seed: int, player: str, step: int) -> None:
        message = f"the loss of player {player!r} is not finite at step {step} (seed {seed})"
        if not any(self.alive()):
            self.checkpoints.wait()
            steps = self.checkpoints.steps()
            kept = f"the checkpoint of step {steps[-1]} is kept" if steps else "no checkpoint had been written yet"
            raise Diverged(f"{message}; {kept} in {self.folder / 'checkpoints'}")
        log.warning("%s; the other seeds go on", message)
        self.checkpoints.wait()
        states, index = self.execution.states(), self.seeds.index(seed)
        found = self.checkpoints.newest(self._names([self.execution.shapes] * len(self.seeds)))
        states[index] = (self._of_seeds(found[1]) if found else self._initial())[index]
        self.execution.load(states)

    def _log(self) -> None:
        self._collect()
        means = {seed: self.record.means(seed) for seed, alive in zip(self.seeds, self.alive(), strict=True) if alive}
        if self.lead:
            for seed, metrics in means.items():
                self.metrics.write(self.step, "train", seed, metrics)
            shown = next(iter(means.values()))
            text = writers.short({n: v for n, v in shown.items() if n.endswith("/loss")}, 2)
            newest = next(iter(self.record.last.values()), {})
            self.progress.show(self.step, f"{text}  {writers.short(newest, 2)}", self.step == self.config.steps)

    # evaluation

    def variables(self) -> list:
        return [wrappers.with_average(state.variables, state.average) for state in self.execution.states()]

    def evaluate(self) -> None:
        """All splits for all seeds that are alive; pictures for the first of them; the best is kept per seed."""
        config, last = self.config, self.step == self.config.steps
        score = bool(self.task.scores) and (last or bool(config.score_every and self.step % config.score_every == 0))
        picture = bool(self.task.figures)
        for seed, key, variables, alive in zip(
            self.seeds, self.execution.keys, self.variables(), self.alive(), strict=True
        ):
            if not alive:
                continue
            found, view = self._evaluate_seed(variables, key, keep=score or picture)
            if score:
                for name, function in self.task.scores.items():
                    found.update({f"{name}/{part}": float(value) for part, value in function(view).items()})
            if self.record.evaluated(seed, self.step, found, config.select.metric, config.select.mode):
                self.best[seed].save(self.step, {"variables": variables}, {"metrics": found})
            if self.lead:
                weights = {"weights": "average"} if config.ema.decay else {}
                for split in dict.fromkeys(name.split("/")[0] for name in found):
                    own = {name.split("/", 1)[1]: value for name, value in found.items() if name.split("/")[0] == split}
                    self.metrics.write(self.step, split, seed, own, **weights)
                if picture:
                    report.draw(self.task, view, self.folder / "figures" / str(self.step), seed)
            picture = False
        if score:
            self._check_selected(save=True)

    def _check_selected(self, save: bool = False) -> None:
        """Raises Misuse when the newest scores lack the part that `config.select.metric` names, after a checkpoint if asked for."""
        metric, found = self.config.select.metric, next(iter(self.record.last.values()), {})
        parts = [name for name in found if name.split("/")[0] == metric.split("/")[0]]
        if not parts or metric in found:
            return
        if save:
            self._save()
            self.checkpoints.wait()
        problem = unknown("config.select.metric", metric, parts)
        raise Misuse(f"{problem}; the checkpoint of step {self.step} is kept in {self.folder / 'checkpoints'}")

    def _evaluate_seed(self, variables, key, keep: bool):
        found, outputs, examples = {}, {}, {}
        for split in self.evaluator.splits:
            metrics, outputs[split], examples[split] = self.evaluator.split(split, variables, key, keep)
            found.update({f"{split}/{name}": value for name, value in metrics.items()})
        data = self.experiment.data
        return found, View(variables, outputs, examples, named(key, "figures"), data.info, data.train)

    # the end

    def finished(self) -> bool:
        """Whether this run ended before: `result.json` is the last file a run writes."""
        return self.step == self.config.steps and (self.folder / "result.json").exists()

    def result(self) -> dict[str, Any]:
        """What a finished run left; nothing is written."""
        self._close()
        result = json.loads((self.folder / "result.json").read_text())
        self._summarise(result)
        return result

    @contextmanager
    def _files(self):
        self.metrics = writers.MetricsFile(self.folder, self.step) if self.lead else None
        self.progress = writers.Progress(self.config.steps, self.step, self.quiet or not self.lead)
        try:
            yield
            for checkpoints in (self.checkpoints, *self.best.values()):
                checkpoints.wait()
        finally:
            self._close()
            if self.lead:
                self.metrics.close()

    def _close(self) -> None:
        for checkpoints in (self.checkpoints, *self.best.values()):
            checkpoints.close()

    def _summarise(self, result) -> None:
        if self.lead and not self.quiet:
            print(writers.summary(result), f"\n  figures in {self.folder / 'figures'}", flush=True)

    def _leave(self) -> None:
        self.checkpoints.wait()
        if not self.quiet and self.lead:
            print(
                f"\nterminated: saved at step {self.step} in {self.folder}; the same command goes on from there",
                flush=True,
            )
        raise Interrupted

    def _finish(self) -> dict[str, Any]:
        self.checkpoints.wait()
        result = report.result(
            self.experiment, self.record, self.step, self.seeds, self.execution.states(), self.mesh_shape()
        )
        if self.lead:
            self.metrics.flush()
            report.closing_figures(self.task, self.folder)
            writers.write_json(self.folder / "result.json", result)
        self._summarise(result)
        if self.record.diverged:
            log.warning("diverged seeds are left out of the means: %s", self.record.diverged)
        return result

    def mesh_shape(self) -> dict[str, int]:
        return dict(self.execution.mesh.shape)
