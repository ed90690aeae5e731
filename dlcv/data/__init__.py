"""Data sets: the file name is the registry.

A set's file has `spec(**options) -> Spec` and `load(*, data_dir, **options) -> Data`.
"""

import inspect
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from dlcv.data.source import Data, Spec
from dlcv.errors import Misuse, unknown

HELPERS = frozenset(
    {
        "buckets",
        "builder",
        "corpora",
        "docstrings",
        "files",
        "idx",
        "images",
        "items",
        "loader",
        "marked_rows",
        "pairs",
        "photographs",
        "sentences",
        "sequences",
        "skeletons",
        "source",
        "streams",
        "strokes",
        "treebank",
        "token_streams",
        "word_corpora",
        "word_eval",
        "word_streams",
    }
)


def names() -> tuple[str, ...]:
    """Every data set: the files of this folder that are no helpers."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in HELPERS))


def spec(options: Mapping[str, Any]) -> Spec:
    """Shapes, dtypes and facts of the set `options["name"]`; raises Misuse for an unknown name or option."""
    module, chosen = _resolve(options)
    return module.spec(**chosen)


def load(options: Mapping[str, Any], data_dir: str | None) -> Data:
    """The set `options["name"]`; raises Misuse as `spec` does, and for files missing in `data_dir` or damaged."""
    module, chosen = _resolve(options)
    return module.load(data_dir=data_dir, **chosen)


def _resolve(options: Mapping[str, Any]) -> tuple[ModuleType, dict[str, Any]]:
    chosen = {option: value for option, value in dict(options).items() if value is not None}
    if "name" not in chosen:
        raise Misuse(f"data.name is missing: choose one of {', '.join(names())}")
    name = chosen.pop("name")
    if name.startswith("tfds:"):
        name, chosen["builder"] = name.split(":", 1)
    if name not in names():
        raise unknown("data set", name, names())
    module = import_module(f"{__name__}.{name}")
    parameters = {key: value for key, value in inspect.signature(module.load).parameters.items() if key != "data_dir"}
    for option in chosen:
        if option not in parameters:
            accepted = ", ".join(parameters) or "none"
            raise Misuse(f"{unknown(f'option of data set {name!r}', option, parameters)} (it takes: {accepted})")
    for option, parameter in parameters.items():
        if parameter.default is parameter.empty and option not in chosen:
            raise Misuse(f"data set {name!r} needs data.{option}")
    return module, chosen
