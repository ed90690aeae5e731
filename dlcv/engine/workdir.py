"""A run's folder: claimed by one config, never taken over by another."""

import json
import os
from pathlib import Path

from ml_collections import ConfigDict

from dlcv.engine import config as configs
from dlcv.engine.writers import write_json
from dlcv.errors import Misuse


def claim(workdir: str | Path, config: ConfigDict) -> Path:
    """Makes the folder and writes `config.json`; a folder that this very config claimed before is taken up again.

    Raises Misuse when the folder holds another config or something else, or cannot be written.
    """
    workdir = Path(workdir).expanduser().absolute()
    wanted = configs.resolved(config)
    try:
        return _claim(workdir, wanted)
    except OSError as problem:
        raise Misuse(f"workdir {workdir} cannot be written: {problem.strerror}") from None


def _claim(workdir: Path, wanted) -> Path:
    file = workdir / "config.json"
    if file.exists():
        if found := configs.difference(_read(file), wanted):
            raise Misuse(f"workdir {workdir} holds another run ({found}); give another --workdir")
        if not os.access(workdir, os.W_OK):
            raise Misuse(f"workdir {workdir} cannot be written")
        return workdir
    if workdir.is_dir() and any(not path.name.startswith("config.json") for path in workdir.iterdir()):
        raise Misuse(f"workdir {workdir} is not empty and holds no run; give another --workdir")
    workdir.mkdir(parents=True, exist_ok=True)
    write_json(file, wanted)
    return workdir


def _read(file: Path) -> dict:
    try:
        return json.loads(file.read_text())
    except json.JSONDecodeError:
        raise Misuse(f"{file} is not readable JSON; give another --workdir") from None


def release(workdir: Path) -> None:
    """Gives back a folder in which nothing but the claim was written: a run that could not begin leaves no trace."""
    if [path.name for path in workdir.iterdir()] == ["config.json"]:
        (workdir / "config.json").unlink()
        workdir.rmdir()


def held_config(workdir: str | Path) -> ConfigDict:
    """The config of the run in a folder. Raises Misuse when there is none."""
    file = Path(workdir) / "config.json"
    if not file.exists():
        raise Misuse(f"{workdir} holds no run: {file} is missing")
    return ConfigDict(_read(file))
