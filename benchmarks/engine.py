"""What the engine costs: the loop against the bare compiled step, the start of a process, `import dlcv` and `--help`.

    python benchmarks/engine.py [--parts=loop,start,imports] [--threads=2] [--rounds=5] [--output=engine.json]

loop: `--steps` steps of the whole loop (reading indices, logging as configured, one checkpoint, result.json with its digests; the
closing evaluation and the pictures are left out) against as many calls of the same compiled step on feeds that lie on the
device, in a tight loop that waits at its end; alternating, one seed, ratio of the medians. On a machine that does other
work the ratio of CPU times counts.
start: seconds from `python -m dlcv.run` to the first step's line, with a warm compilation cache, and where they go.
imports: seconds of `import dlcv` (beyond the interpreter's own start) and of `python -m dlcv.run --help`.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOOPS = ("vision/cnn", "generative/dcgan")
STARTS = ("vision/cnn", "adaptation/dann")
GOALS = {"loop": 1.10, "start": 5.0, "import": 0.2, "help": 1.5}


def loop_overhead(name: str, steps: int, rounds: int) -> dict[str, Any]:
    """Milliseconds a step of the whole loop and of the bare step, and the ratio of medians with its quartiles."""
    import jax

    from dlcv.engine import catalogue, report, sharding, workdir
    from dlcv.engine.evaluation import Evaluator
    from dlcv.engine.execution import Execution
    from dlcv.engine.loop import Run

    class Loop(Run):
        def evaluate(self) -> None:
            """Left out: its cost is not the loop's."""

    report.closing_figures = lambda task, folder: None  # the pictures neither
    start = dict(source="", which="last", rules=())  # no other experiment is trained first
    changes = dict(seeds=1, steps=steps, eval_every=0, checkpoint_every=0, start=start)
    experiment = catalogue.experiment(f"experiments/{name}.py:default", None, **changes)
    config, data, mesh = experiment.config, experiment.data, experiment.mesh
    execution = Execution(experiment.task, config, data.train, mesh)
    evaluator = Evaluator(experiment.task, data.splits, config.eval_batch_size, mesh)
    (key,) = execution.keys
    feeds = [sharding.place(execution.feed(step)[0], execution.feed_sharding) for step in range(min(steps, 100))]

    def whole() -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder:
            run = Loop(experiment, workdir.claim(folder, config), execution, evaluator, threading.Event(), quiet=True)
            jax.block_until_ready(execution.states())
            wall, cpu = time.perf_counter(), time.process_time()
            run.train(profile=False)
            return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps

    def bare() -> tuple[float, float]:
        (state,) = jax.block_until_ready(execution.initial())
        wall, cpu = time.perf_counter(), time.process_time()
        for step in range(steps):
            state, metrics = execution._advance(state, execution.arrays, feeds[step % len(feeds)], key)
        jax.block_until_ready((state, metrics))
        return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps

    bare()
    pairs = [(whole(), bare()) for _ in range(rounds)]
    (ours, theirs), (ours_cpu, theirs_cpu) = (
        [1e3 * statistics.median(pair[side][kind] for pair in pairs) for side in (0, 1)] for kind in (0, 1)
    )
    low, _, high = statistics.quantiles([mine[0] / other[0] for mine, other in pairs], n=4)
    return {
        "system": name, "steps": steps, "loop_ms": ours, "step_ms": theirs, "ratio": ours / theirs, "quartiles": [low, high],
        "cpu_ratio": ours_cpu / theirs_cpu,
    }  # fmt: skip


def start_seconds(name: str) -> float:
    """From the start of a process to the line of its first step; the process is then killed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-u", "-m", "dlcv.run", f"--config=experiments/{name}.py", f"--workdir={folder}/run"]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--config.log_every=1"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("step 1/"):
                    return time.perf_counter() - began
            raise RuntimeError(f"{name} did not start:\n" + "".join(lines[-5:]))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()


def stages(name: str) -> dict[str, float]:
    """Seconds of each part of a start, in this process, which has imported nothing yet."""
    times, clock = {}, time.perf_counter
    last = clock()

    def lap(stage: str) -> None:
        nonlocal last
        times[stage], last = clock() - last, clock()

    from absl import flags

    from dlcv import door

    flags.FLAGS([""])
    door.start_jax()
    lap("flags and jax")
    from dlcv.engine import catalogue, workdir
    from dlcv.engine.evaluation import Evaluator
    from dlcv.engine.execution import Execution
    from dlcv.engine.loop import Run

    lap("import engine")
    experiment = catalogue.experiment(f"experiments/{name}.py:default", None, log_every=1)
    task, config = experiment.task, experiment.config
    lap("task")
    data, mesh = experiment.data, experiment.mesh
    lap("data")
    execution = Execution(task, config, data.train, mesh)
    lap("execution")
    evaluator = Evaluator(task, data.splits, config.eval_batch_size, mesh)
    lap("evaluator")
    with tempfile.TemporaryDirectory() as folder:
        run = Run(experiment, workdir.claim(folder, config), execution, evaluator, threading.Event(), quiet=True)
        lap("folders and first states")
        with run._files():
            lap("writers")
            run._call()
            lap("trace and load the step")
            run._log()
            lap("first step")
    return times


def seconds_of(*arguments: str, rounds: int = 5) -> float:
    """The shortest of several runs of the interpreter."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
        found.append(time.perf_counter() - began)
    return min(found)


def measure(parts: list[str], steps: int, rounds: int) -> dict[str, Any]:
    """The chosen parts, printed as they come."""
    found: dict[str, Any] = {}
    if "imports" in parts:
        found["import"] = seconds_of("-c", "import dlcv") - seconds_of("-c", "pass")
        found["help"] = seconds_of("-m", "dlcv.run", "--help", rounds=3)
        for what in ("import", "help"):
            print(f"{what:24}{found[what]:8.2f} s      goal {GOALS[what]}", flush=True)
    if "start" in parts:
        found["start"] = []
        for name in STARTS:
            start_seconds(name)  # fills the cache
            seconds = [start_seconds(name) for _ in range(3)]
            command = [sys.executable, __file__, f"--stages={name}"]
            parts_of = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
            found["start"].append({"system": name, "seconds": seconds, "stages": parts_of})
            print(f"{'start ' + name:24}{statistics.median(seconds):8.2f} s      goal {GOALS['start']}")
            print("  " + ", ".join(f"{stage} {value:.2f}" for stage, value in parts_of.items()), flush=True)
    if "loop" in parts:
        found["loop"] = []
        for name in LOOPS:
            row = loop_overhead(name, steps, rounds)
            found["loop"].append(row)
            low, high = row["quartiles"]
            print(
                f"{'loop ' + name:24}{row['loop_ms']:8.2f} ms     step {row['step_ms']:.2f} ms  ratio {row['ratio']:.3f}"
                f"  ({low:.3f} to {high:.3f})  of CPU time {row['cpu_ratio']:.3f}  goal {GOALS['loop']}",
                flush=True,
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="imports,start,loop", help="of imports, start and loop")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    parser.add_argument("--stages", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    if options.stages:
        print(json.dumps(stages(options.stages)))
        return
    found = measure(options.parts.split(","), options.steps, options.rounds)
    if options.output:
        found |= {"threads": options.threads, "load": os.getloadavg()[0], "goals": GOALS}
        options.output.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
