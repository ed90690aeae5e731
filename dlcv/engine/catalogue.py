"""The experiments folder as a registry: files by path, rungs, one line about each."""

import ast
import importlib.util
import re
from pathlib import Path

from dlcv.engine.config import RUNGS
from dlcv.errors import Misuse, unknown

ROOT = Path(__file__).resolve().parents[2]


def files() -> dict[str, Path]:
    """ "adaptation/dann" -> its file."""
    folder = ROOT / "experiments"
    return {
        str(file.relative_to(folder).with_suffix("")): file
        for file in sorted(folder.glob("*/*.py"))
        if file.stem != "__init__"
    }


def locate(path: str) -> Path:
    """The file of an experiment given by path (as typed, or below the project). Raises Misuse with the nearest one."""
    for candidate in (Path(path), ROOT / path):
        if candidate.is_file():
            return candidate
    known = files()
    stem = path.removesuffix(".py").split("experiments/")[-1]
    near = unknown("experiment", stem, known)
    raise Misuse(re.sub(r"did you mean '(.*)'\?", r"did you mean --config=experiments/\1.py?", str(near)))


def load(source: str):
    """The config of "experiments/<topic>/<system>.py:<rung>"; the rung is `default` when none is given."""
    path, _, rung = source.partition(":")
    file = locate(path)
    spec = importlib.util.spec_from_file_location(f"experiment_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.get_config(rung or "default")


def split_name(source: str) -> tuple[str, str]:
    """("adaptation/dann", "default") of "experiments/adaptation/dann.py"."""
    path, _, rung = source.partition(":")
    file = locate(path)
    return f"{file.parent.name}/{file.stem}", rung or "default"


def experiment(source: str, data_dir: str | None, **changes):
    """The Experiment of a source, some of its config's fields changed."""
    from dlcv.engine.experiment import Experiment

    config = load(source)
    with config.unlocked():
        config.update(changes)
    return Experiment(config, data_dir, *split_name(source))


def rungs(file: Path) -> tuple[str, ...]:
    """The rungs that a file names as its RUNGS, or all four."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RUNGS":
            return ast.literal_eval(node.value)
    return RUNGS


def listing() -> str:
    """Every experiment, its rungs and its docstring's first line."""
    known = files()
    width = max(map(len, known), default=0)
    lines = [
        f"{name:<{width}}  {' '.join(rungs(file)):<28}  {(ast.get_docstring(ast.parse(file.read_text())) or '').splitlines()[0]}"
        for name, file in known.items()
    ]
    return "\n".join(lines)
