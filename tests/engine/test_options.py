"""Options of tasks and studies: unknown ones, and numbers that they cannot be, are refused before anything is made."""

import importlib
import inspect
import re

import pytest
from ml_collections import ConfigDict

from dlcv.engine.experiment import module_names
from dlcv.engine.options import check_options
from dlcv.errors import Misuse


def thing(setup, size: str = "small", width: int = 64, codes: int = 0, limit: int | None = None, dropout: float = 0.0, weight: float = 1.0,
          shape: int | float | None = None, tied: bool = False, beta: float = 1.0, sigma: float = 0.3, *, count: int = -1):  # fmt: skip
    """One parameter of every kind."""


@pytest.mark.parametrize(
    "given",
    [
        dict(size="large", width=1, codes=0, limit=1, dropout=0.9, weight=-2.0, shape=0.5, tied=True, count=-1),
        dict(dropout=0, weight=3, limit=None, width="a table's row"),
        dict(beta=0, sigma=0.01),
        {},
    ],
)
def test_what_can_be_passes(given):
    check_options(thing, given, "a thing", own=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (dict(widht=3), "unknown option of a thing 'widht': did you mean 'width'?"),
        (dict(setup=3), "unknown option of a thing 'setup'"),
        (dict(width=0), "width of a thing must be a whole number of at least 1, got 0"),
        (dict(width=2.5), "width of a thing must be a whole number of at least 1, got 2.5"),
        (dict(codes=-1), "codes of a thing must be a whole number of at least 0, got -1"),
        (dict(limit=0), "limit of a thing must be a whole number of at least 1, got 0"),
        (dict(dropout=1.0), "dropout of a thing must be at least 0 and below 1, got 1.0"),
        (dict(dropout=-0.1), "dropout of a thing must be at least 0 and below 1, got -0.1"),
        (dict(beta=-1), "beta of a thing must be at least 0, got -1"),
        (dict(sigma=0.0), "sigma of a thing must be above 0, got 0.0"),
        (dict(sigma=-0.3), "sigma of a thing must be above 0, got -0.3"),
        (dict(weight=float("nan")), "weight of a thing must be a finite number, got nan"),
        (dict(weight=float("inf")), "weight of a thing must be a finite number, got inf"),
    ],
)
def test_what_cannot_be_is_refused(given, told):
    with pytest.raises(Misuse, match=re.escape(told)):
        check_options(thing, given, "a thing", own=1)


@pytest.mark.parametrize(("package", "function"), [("dlcv.tasks", "make"), ("dlcv.studies", "run")])
def test_no_option_bears_the_name_of_a_config_method(package, function):
    for name in module_names(package):
        made = getattr(importlib.import_module(f"{package}.{name}"), function, None)
        found = [option for option in inspect.signature(made).parameters if hasattr(ConfigDict, option)] if made else []
        assert found == [], f"{name}: --config.x.{found} would be refused"
