"""Many devices, many processes and many seeds give the numbers of one: float32, 10 steps.

Six systems, of each kind of task one, train with their own optimisers, in processes and over seeds too. Of all other tasks one system
takes gradient steps on several devices: what is split is the gradient, and Adam divides it by its own size, which turns the rounding of
a gradient near zero into a step of any length.
"""

import json
import os
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest

from dlcv.engine import catalogue, loop, restore, sharding
from dlcv.engine import config as configs
from dlcv.engine.execution import Execution
from dlcv.engine.experiment import Experiment

ROOT = Path(__file__).resolve().parent.parent
LAID_OUT = ("vision/vit", "recurrence/char_lm")  # those with layouts for FSDP and tensor parallelism
SIX = (*LAID_OUT, "vision/cnn", "generative/dcgan", "adaptation/source_only", "adaptation/dann")
SYSTEMS = [name for name in catalogue.files() if "study" not in catalogue.load(f"experiments/{name}.py:smoke")]
ONE_A_TASK = {catalogue.load(f"experiments/{name}.py:smoke").task: name for name in reversed(SYSTEMS)}
FLAGS = dict(
    steps=10, batch_size=16, eval_batch_size=16, dtype="float32", log_every=1, eval_every=10, checkpoint_every=5
)
# Steps after which rounding still is rounding: InfoGAN normalises each number of a map over 16 rows, and one that hardly varies makes
# of 1e-7 in its sixth step 1e-4. Up to the fifth the losses agree to 3e-7.
SHORTER = {"generative/infogan": 5}


def ten_steps(name: str):
    """The config of a smoke run of ten steps."""
    config = catalogue.load(f"experiments/{name}.py:smoke").unlock()
    config.update(FLAGS)
    if name not in SIX:
        gradient_steps = configs.optimizer("sgd", 1e-3)
        players = () if "name" in config.optimizer else tuple(config.optimizer)
        config.optimizer = dict.fromkeys(players, gradient_steps) if players else gradient_steps
    return config


def trained(name: str, layout: str, **mesh: int):
    """(losses [steps, players], parameters, the number of parameters that are split) of ten steps of a smoke run."""
    config = ten_steps(name)
    config.update(dict(sharding=layout, mesh=mesh, steps=SHORTER.get(name, config.steps)))
    experiment = Experiment(config, None)
    execution = Execution(experiment.task, config, experiment.data.train, experiment.mesh)
    execution.load(execution.initial())
    losses = []
    for number in range(config.steps):
        found = sharding.fetch(execution.advance(execution.feed(number), [True]))[0]
        losses.append([float(value[0]) for key, value in sorted(found.items()) if key.endswith("/loss")])
    params = execution.states()[0].variables.params
    split = sum(not leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(params))
    return np.asarray(losses), sharding.fetch(params), split


def compare(name: str) -> None:
    """Prints the largest differences of every layout on a mesh of 4x2 devices to a single device."""
    losses, params, _ = trained(name, "data", data=1, model=1)
    found = {}
    for layout in ["data", *catalogue.experiment(f"experiments/{name}.py:smoke", None).task.layouts]:
        others, sharded, split = trained(name, layout, data=4, model=2)
        gaps = jax.tree.map(lambda a, b: float(np.abs(a - b).max()), params, sharded)
        gap = max(jax.tree.leaves(gaps))
        error = np.abs(losses - others) / np.maximum(1, np.abs(losses))  # of sums over an image's pixels, relative
        found[layout] = {"losses": float(error.max()), "parameters": gap, "split": split}
    print(json.dumps({"devices": jax.device_count(), "layouts": found}))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "recurrence/char_lm" else pytest.mark.all)
        for name in sorted({*SIX, *ONE_A_TASK.values()})
    ],
)
def test_eight_devices_equal_one_in_every_layout(name, in_process):
    found = in_process("test_scale", "compare", name, devices=8)
    assert found["devices"] == 8
    assert len(found["layouts"]) >= (3 if name in LAID_OUT else 1)
    for layout, gaps in found["layouts"].items():
        assert gaps["losses"] < 1e-5 and gaps["parameters"] < 5e-5, (layout, gaps)
        assert (gaps["split"] > 0) == (layout != "data"), (layout, gaps)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def together(name: str, workdir: Path, processes: int) -> None:
    """Runs the door in so many processes that make one run."""
    file = workdir.with_suffix(".py")
    file.write_text(f"from test_scale import ten_steps\n\n\ndef get_config(rung):\n    return ten_steps({name!r})\n")
    command = [sys.executable, "-m", "dlcv.run", f"--config={file}:smoke", f"--workdir={workdir}"]
    env = os.environ | {"JAX_NUM_CPU_DEVICES": "1", "PYTHONPATH": str(Path(__file__).parent)}
    if processes > 1:
        command.append("--multihost")
        env |= {"JAX_COORDINATOR_ADDRESS": f"127.0.0.1:{free_port()}", "JAX_NUM_PROCESSES": str(processes)}
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    started = [
        subprocess.Popen(command, cwd=ROOT, env=env | {"JAX_PROCESS_ID": str(index)}, **pipes)
        for index in range(processes)
    ]
    try:
        told = [process.communicate(timeout=300) for process in started]
    finally:
        for process in started:
            process.kill()
    for index, (process, (out, err)) in enumerate(zip(started, told, strict=True)):
        assert process.returncode == 0, err[-4000:]
        assert err == "", err[-4000:]
        assert ("10 steps" in out) == (index == 0)  # one of them speaks


def losses(workdir: Path) -> list[float]:
    lines = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    return [value for line in lines for key, value in line.items() if key.endswith("loss") and line["split"] == "train"]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "recurrence/char_lm" else pytest.mark.all) for name in SIX]
)
def test_two_processes_equal_one(name, tmp_path):
    together(name, tmp_path / "one", 1)
    together(name, tmp_path / "two", 2)
    one, two = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(one) == len(two) >= 10
    np.testing.assert_allclose(one, two, rtol=0, atol=1e-5)
    weights = []
    for folder in (tmp_path / "one", tmp_path / "two"):  # what two processes wrote, this one reads
        _, step, (variables,) = restore.open_run(folder, None)
        assert step == 10
        weights.append(variables.params)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=0, atol=5e-5), *weights)
    results = [json.loads((tmp_path / which / "result.json").read_text()) for which in ("one", "two")]
    assert results[0]["devices"]["mesh"] == {"data": 1, "model": 1} and results[1]["devices"]["mesh"] == {
        "data": 2,
        "model": 1,
    }


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.all) for name in SIX])
def test_four_seeds_equal_four_runs(name, tmp_path):
    def run(folder, **changes):
        return loop.train(
            catalogue.experiment(f"experiments/{name}.py:smoke", None, **changes), tmp_path / folder, quiet=True
        )

    whole = run("whole", seeds=4)
    assert whole["seeds"] == [0, 1, 2, 3]
    for seed in range(4):
        alone = run(f"{seed}", seed=seed)["by_seed"][str(seed)]
        assert alone == pytest.approx(whole["by_seed"][str(seed)], abs=1e-5, rel=1e-5)
    for metric, value in whole["metrics"].items():
        values = [whole["by_seed"][str(seed)][metric] for seed in range(4)]
        assert value == pytest.approx({"mean": np.mean(values), "std": np.std(values, ddof=1)}, abs=1e-9)
