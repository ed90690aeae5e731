"""What every test shares: the files of --data_dir, shape checks, one compilation cache, workers, the doors."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.setdefault("DLCV_CACHE", str(ROOT / ".cache")))
NO_DATA = "needs files: give --data_dir=FOLDER or set DLCV_DATA_DIR"

# JAX reads these at its import, here and in every process that a test starts.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE / "xla"))  # the folder that the doors use
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch and BLAS wait by spinning: not beside another worker


def _check_shapes() -> None:
    """From here on each call of the pure functions is held against its shape annotations; users pay nothing."""
    if importlib.util.find_spec("beartype"):
        from jaxtyping import install_import_hook

        install_import_hook(["dlcv.ops", "dlcv.losses", "dlcv.shallow"], "beartype.beartype")


_check_shapes()


def pytest_addoption(parser):
    parser.addoption(
        "--data_dir", default=os.environ.get("DLCV_DATA_DIR"), help="--data_dir=FOLDER of published data sets"
    )


def pytest_xdist_auto_num_workers(config):
    """A worker a core, four at most; a run of named files stays in one process."""
    return 0 if any(".py" in argument for argument in config.args) else min(os.cpu_count() or 1, 4)


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("torch") is None:
        for item in items:
            if item.get_closest_marker("peers"):
                item.add_marker(pytest.mark.skip(reason="needs torch: extra peers"))


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    without_data = sum("--data_dir" in str(report.longrepr) for report in skipped)
    if without_data:
        terminalreporter.write_line(f"{without_data} skipped for want of files in --data_dir")


@pytest.fixture(scope="session")
def data_dir(request) -> Path:
    """The folder of published data sets; a test that asks for it is skipped where none was given."""
    given = request.config.getoption("--data_dir")
    if not given:
        pytest.skip(NO_DATA)
    folder = Path(given).resolve()
    if not folder.is_dir():
        pytest.fail(f"--data_dir={given}: no such folder")
    return folder


@pytest.fixture(scope="session")
def run_door():
    """`run_door("--config=...", door="run", devices=1)`: a door in a process of its own, from the repository's root."""

    def run(*arguments, door="run", devices=1, timeout=300, check=False, **environment) -> subprocess.CompletedProcess:
        env = os.environ | {"JAX_NUM_CPU_DEVICES": str(devices)} | {k: str(v) for k, v in environment.items()}
        command = [sys.executable, "-m", f"dlcv.{door}", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
        if check and done.returncode:
            pytest.fail(
                f"{' '.join(command)} exited with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done

    return run


@pytest.fixture(scope="session")
def in_process():
    """`in_process(module, function, *words, devices=4)`: the JSON that a test module's function prints, in a process of its own."""

    def run(module: str, function: str, *words, devices: int = 1, timeout: int = 600):
        env = os.environ | {"JAX_NUM_CPU_DEVICES": str(devices), "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}"}
        code = f"import sys, {module} as m; m.{function}(*sys.argv[1:])"
        command = [sys.executable, "-c", code, *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout)
        if done.returncode:
            pytest.fail(f"{module}.{function} exited with {done.returncode}\n{done.stderr[-4000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    return run
