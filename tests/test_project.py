"""The shape of the code base: light imports, arrows that point down, short files, a launcher that explains itself."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "dlcv").rglob("*.py"))
DOORS = [ROOT / "dlcv" / f"{name}.py" for name in ("run", "evaluate", "sample")]
EXPERIMENTS = sorted(path for path in (ROOT / "experiments").rglob("*.py") if path.name != "__init__.py")
STANDARD = sys.stdlib_module_names
ARRAYS = STANDARD | {"jax", "jaxtyping", "numpy", "einops"}
# What a layer may import of dlcv, by the first name below it. `errors` holds the exception for a user's mistake,
# `disk` the ways to write a file.
MAY_IMPORT = {
    "ops": {"ops", "errors"},
    "losses": {"losses", "ops", "errors"},
    "data": {"data", "ops", "language", "disk", "errors"},
    "figures": {"figures", "errors"},
}
MAY_NOT_IMPORT = {
    "engine": {"tasks", "models", "studies", "run", "evaluate", "sample"},
    "models": {"engine", "tasks", "studies", "data"},
    "tasks": {"studies", "run", "evaluate", "sample"},
}
FENCED = {"flax.linen": "models", "matplotlib": "figures"}  # the one layer that imports it


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer(path: Path) -> str:
    """The folder under dlcv/, or the module's own name where it lies in dlcv/ itself."""
    return path.relative_to(ROOT / "dlcv").parts[0].removesuffix(".py")


def imports(source: str) -> set[str]:
    """Every module that a file imports, anywhere in it, as dotted names: `from a import b` gives a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def of_dlcv(names: set[str]) -> set[str]:
    """The layers among imported names: `dlcv.ops.patches` gives ops."""
    return {name.split(".")[1] for name in names if name.startswith("dlcv.")}


def lies_in(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def arrows_that_point_up(path: Path, source: str) -> list[str]:
    """What a file imports against the order of the layers."""
    names, here = imports(source), layer(path)
    wrong = [f"dlcv.{name}" for name in sorted(of_dlcv(names)) if name in MAY_NOT_IMPORT.get(here, ())]
    if here in MAY_IMPORT:
        wrong += [f"dlcv.{name}" for name in sorted(of_dlcv(names) - MAY_IMPORT[here])]
    if here in ("ops", "losses"):
        wrong += sorted({name for name in names if name.split(".")[0] not in ARRAYS | {"dlcv"}})
    for module, home in FENCED.items():
        wrong += sorted(name for name in names if lies_in(name, module) and here != home)
    return wrong


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_imports_point_down(path):
    assert arrows_that_point_up(path, path.read_text()) == []


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("ops/a.py", "import optax", ["optax"]),
        ("ops/a.py", "def f():\n    from dlcv import engine", ["dlcv.engine"]),
        ("losses/a.py", "from dlcv.models import cnn", ["dlcv.models"]),
        ("data/a.py", "import dlcv.engine.loop", ["dlcv.engine"]),
        ("engine/a.py", "from dlcv.tasks.dann import make", ["dlcv.tasks"]),
        ("tasks/a.py", "from flax import linen as nn", ["flax.linen"]),
        ("engine/a.py", "import matplotlib.pyplot as plt", ["matplotlib.pyplot"]),
        ("models/a.py", "import flax.linen as nn\nfrom dlcv.ops import patches", []),
        ("figures/a.py", "from matplotlib import pyplot", []),
    ],
)
def test_a_wrong_import_is_noticed(file, line, found):
    assert arrows_that_point_up(ROOT / "dlcv" / file, line) == found


def test_files_are_short():
    limits = dict.fromkeys(PACKAGE, 320) | {path: 60 for path in [*EXPERIMENTS, *DOORS] if path.exists()}
    lengths = {path: len(path.read_text().splitlines()) for path in limits}
    assert {relative(path): length for path, length in lengths.items() if length > limits[path]} == {}


def test_no_two_test_files_share_a_name():
    """pytest tells test modules apart by their names alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_importing_dlcv_is_light():
    probe = """
import sys, time
start = time.perf_counter()
import dlcv
seconds = time.perf_counter() - start
print(seconds, *({"jax", "numpy", "flax", "tensorflow_datasets"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", probe]
    outputs = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout for _ in range(3)]
    runs = [output.split() for output in outputs]
    assert min(float(run[0]) for run in runs) < 0.2  # the fastest of three: other processes share the cores
    assert all(run[1:] == [] for run in runs)


def test_the_launcher_without_a_command_says_how_it_is_used():
    done = subprocess.run(["bash", "launch/local.sh"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("usage:") and done.stderr.count("\n") == 1


def test_the_launcher_refuses_an_interpreter_it_cannot_run():
    done = subprocess.run(
        ["bash", "launch/local.sh", "true"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "no-such-python"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no-such-python" in done.stderr and done.stderr.count("\n") == 1


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["dev"] + extras["peers"]
    names = {re.match(r"[\w-]+", line)[0].lower().replace("_", "-") for line in wanted}
    pinned = set(re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    assert names - pinned == set()


def text_files() -> list[Path]:
    """Source, scripts and documents of the tree, without what git ignores."""
    endings = {".py", ".sh", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".ipynb"}
    folders = ("dlcv", "experiments", "tests", "benchmarks", "launch", "notebooks", ".ci")
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in files if path.suffix in endings or path.parent.name == ".ci"]


def test_no_path_of_one_machine_is_written_down():
    folders = "home|root|work|Users|opt|mnt|scratch"
    absolute = re.compile(rf"(?<![\w.~}}/<$-])/(?:{folders})/\w+")
    found = {
        f"{relative(path)}: {match[0]}" for path in text_files() for match in absolute.finditer(path.read_text("utf-8"))
    }
    assert found == set()
