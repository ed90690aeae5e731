"""Closed-form domain adaptation: `fit(name, source, source_labels, target, **settings) -> Projection`, in float64, no training."""

import inspect
from collections.abc import Callable
from importlib import import_module

from dlcv.errors import Misuse, unknown

METHODS = {
    "raw": "subspace.raw",
    "sa": "subspace.sa",
    "sda": "subspace.sda",
    "gfk": "geodesic.gfk",
    "tca": "matching.tca",
    "jda": "matching.jda",
    "tjm": "matching.tjm",
    "sca": "scatter.sca",
    "jgsa_primal": "jgsa.primal",
    "jgsa_linear": "jgsa.linear",
    "jgsa_rbf": "jgsa.rbf",
    "ot_gl": "transport.ot_gl",
    "coral": "subspace.coral",
    "meda": "meda.meda",
}


def method(name: str) -> Callable:
    """The function behind a method's name; raises Misuse for an unknown one."""
    if name not in METHODS:
        raise unknown("adaptation method", name, METHODS)
    module, function = METHODS[name].split(".")
    return getattr(import_module(f"{__name__}.{module}"), function)


def options(name: str) -> dict:
    """The settings that a method takes, with their defaults; raises as `method`."""
    parameters = inspect.signature(method(name)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def fit(name: str, source, source_labels, target, **settings):
    """Fits the method `name` to source [Ns, D] with labels [Ns] of 0..C-1 and unlabelled target [Nt, D].

    Returns a `dlcv.shallow.projection.Projection`. Raises Misuse for an unknown method or setting, NaN, unequal widths, fewer
    than two classes, labels that do not count from 0, and a `dim` above the rank.
    """
    known = options(name)
    for given in settings:
        if given not in known:
            takes = ", ".join(known) or "none"
            raise Misuse(f"{unknown(f'setting of {name}', given, known)} (it takes: {takes})")
    return method(name)(source, source_labels, target, **settings)
