"""Experiments that train nothing or compare many runs: `study(config, workdir, ...) -> result`, resumable cell by cell."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcv.engine import config as configs
from dlcv.engine import report, workdir
from dlcv.engine.experiment import load_module
from dlcv.engine.options import check_options
from dlcv.engine.termination import Interrupted, interruptible
from dlcv.engine.writers import write_json
from dlcv.errors import Misuse


def run_study(
    config, folder: str | Path, data_dir: str | None, *, name: str, rung: str, quiet: bool = False
) -> dict[str, Any]:
    """Runs the study a config names in its workdir; what it returns goes into `result.json` beside versions, reference and devices.

    SIGTERM ends it with code 0, after the run that it is in has saved its state. `seconds` are those that the study gives or, where it
    gives none, the wall time of all calls for this workdir that ended or were terminated; that of a killed call is lost.
    """
    began = time.perf_counter()
    module = load_module("dlcv.studies", config.study, "study")
    check_options(module.run, config.study_kw, f"study {config.study!r}", own=4)
    folder = workdir.claim(folder, config)
    try:
        with interruptible():
            found = module.run(config, folder, data_dir, quiet, **config.study_kw)
    except Misuse:
        workdir.release(folder)
        raise
    except Interrupted:
        _spent(folder, time.perf_counter() - began)
        raise
    result = {
        "experiment": name,
        "rung": rung,
        "seconds": _spent(folder, time.perf_counter() - began),
        "devices": report.devices(),
        **found,
        "reference": configs.resolved(config)["reference"],
        "versions": report.versions(),
    }
    write_json(folder / "result.json", result)
    return result


def _spent(folder: Path, seconds: float) -> float:
    """The seconds of this call and of those before, which `seconds.json` holds."""
    file = folder / "seconds.json"
    total = seconds + (json.loads(file.read_text()) if file.exists() else 0.0)
    write_json(file, total)
    return total


def cell(file: Path, compute: Callable[[], Any]) -> Any:
    """A cell of a table, computed once: its JSON value is read back where the file is already there."""
    if file.exists():
        return json.loads(file.read_text())
    value = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, value)
    return value
