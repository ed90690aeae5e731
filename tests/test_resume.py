"""Real processes that are killed, terminated and damaged: the same command ends where an uninterrupted run does."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = {  # statistics and two domains; two optimisers and an average of the weights; carried state
    "adaptation/dann": 24,
    "generative/dcgan": 24,
    "recurrence/char_lm": 60,
}


def command(name: str, workdir: Path, steps: int) -> list[str]:
    options = dict(steps=steps, checkpoint_every=2, log_every=2, eval_every=steps // 2)
    flags = [f"--config.{option}={value}" for option, value in options.items()]
    return [sys.executable, "-m", "dlcv.run", f"--config=experiments/{name}.py:smoke", f"--workdir={workdir}", *flags]


def start(name: str, workdir: Path) -> subprocess.Popen:
    env = os.environ | {"JAX_NUM_CPU_DEVICES": "1"}
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    return subprocess.Popen(command(name, workdir, SYSTEMS[name]), cwd=ROOT, env=env, **pipes)


def finish(name: str, workdir: Path) -> tuple[str, str]:
    process = start(name, workdir)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def steps(workdir: Path) -> list[int]:
    folder = workdir / "checkpoints"
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else []


def stop(name: str, workdir: Path, after: int, how: signal.Signals) -> tuple[int, str]:
    """Starts the command and stops it at a random moment after a checkpoint at or past step `after`: (exit code, stderr)."""
    process = start(name, workdir)
    while process.poll() is None and (not steps(workdir) or steps(workdir)[-1] < after):
        time.sleep(0.003)
    time.sleep(random.uniform(0, 0.05))
    process.send_signal(how)
    _, err = process.communicate(timeout=120)
    return process.returncode, err


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """`whole(name)`: the workdir of an uninterrupted run."""
    made = {}

    def run(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp("whole") / "run"
            finish(name, made[name])
        return made[name]

    return run


def same(left: Path, right: Path) -> None:
    one, other = (json.loads((folder / "result.json").read_text()) for folder in (left, right))
    for name in ("params_sha256", "metrics", "best", "by_seed", "step"):
        assert one[name] == other[name], name
    assert (left / "metrics.jsonl").read_text() == (right / "metrics.jsonl").read_text()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "recurrence/char_lm" else pytest.mark.all) for name in SYSTEMS]
)
def test_a_killed_run_ends_as_an_uninterrupted_one(name, whole, tmp_path):
    after = random.randrange(2, SYSTEMS[name] - 8)
    code, _ = stop(name, tmp_path / "run", after, signal.SIGKILL)
    assert code == -signal.SIGKILL, f"stopped after step {after}"
    assert not (tmp_path / "run" / "result.json").exists()
    out, err = finish(name, tmp_path / "run")
    assert re.search(r"continuing at step \d+ of", out) and err == "", err
    same(tmp_path / "run", whole(name))


def newest_file(workdir: Path) -> Path:
    """The largest file of the newest checkpoint."""
    folder = workdir / "checkpoints" / str(steps(workdir)[-1])
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def test_terminated_and_damaged_a_run_still_ends_as_an_uninterrupted_one(whole, tmp_path):
    name, workdir = "recurrence/char_lm", tmp_path / "run"
    code, err = stop(name, workdir, 4, signal.SIGTERM)
    assert (code, err) == (0, "")
    assert not (workdir / "result.json").exists()
    newest, before = steps(workdir)[-1], steps(workdir)[-2]
    file = newest_file(workdir)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])  # truncated
    code, err = stop(name, workdir, newest + 4, signal.SIGTERM)
    assert code == 0
    assert re.fullmatch(rf"dlcv: checkpoint .*/{newest} is damaged \(.*\); the one before it is used\n", err)
    assert steps(workdir)[-1] > newest > before

    newest = steps(workdir)[-1]
    file = newest_file(workdir)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10  # one flipped bit
    file.write_bytes(bytes(content))
    _, err = finish(name, workdir)
    assert re.fullmatch(rf"dlcv: checkpoint .*/{newest} is damaged \(.*\); the one before it is used\n", err)
    same(workdir, whole(name))
    assert len(list((workdir / "damaged").iterdir())) == 2


def test_a_finished_run_is_shown_and_left_alone(whole):
    name = "recurrence/char_lm"
    workdir = whole(name)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in workdir.rglob("*") if path.is_file()}
    out, err = finish(name, workdir)
    assert err == "" and "recurrence/char_lm smoke: 60 steps" in out and "valid/nats" in out
    assert before == {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in workdir.rglob("*") if path.is_file()
    }


def test_a_finished_run_with_a_damaged_end_is_made_whole(whole, tmp_path):
    name, workdir = "recurrence/char_lm", tmp_path / "run"
    subprocess.run(["cp", "-r", whole(name), workdir], check=True)
    file = newest_file(workdir)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    _, err = finish(name, workdir)
    assert re.fullmatch(r"dlcv: checkpoint .*/60 is damaged \(.*\); the one before it is used\n", err)
    same(workdir, whole(name))


def test_a_full_disk_is_reported(tmp_path):
    """A limit on the size of a file stands for the full disk; the writer's own threads may complain beside it."""
    limited = ["bash", "-c", 'ulimit -f 20; exec "$@"', "limited", *command("recurrence/char_lm", tmp_path / "run", 60)]
    done = subprocess.run(
        limited, cwd=ROOT, env=os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "0"}, capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr[-3000:]
    assert re.search(r"dlcv: checkpoint in .* cannot be written: ", done.stderr), done.stderr[-3000:]
