"""Options that a config hands to a task or a study by name: which it takes, and which numbers they can be."""

import inspect
import math
import typing
from collections.abc import Callable, Mapping
from typing import Any

from dlcv.errors import Misuse, unknown

SHARES = (
    "dropout",
    "label_smoothing",
    "reset",
    "smoothing",
    "stochastic_depth",
    "thin",
    "word_dropout",
)  # 0 and more, below 1
WEIGHTS = (
    "agreement",
    "beta",
    "class_weight",
    "clip",
    "kl",
    "kl_weight",
    "mode_seeking",
    "penalty_weight",
    "pull_away",
)  # 0 and more
SCALES = ("sigma",)  # above 0


def check_options(function: Callable, given: Mapping[str, Any], what: str, *, own: int = 0) -> None:
    """Raises Misuse for an option that `function` does not take behind its first `own` arguments, and for a number that it cannot be.

    A count is no smaller than 1, or than 0 where its default is 0; a number is finite; a share such as dropout lies from 0 to below 1,
    a weight such as beta is not negative, a standard deviation such as sigma is positive.
    """
    accepted = dict(list(inspect.signature(function).parameters.items())[own:])
    for name, value in given.items():
        if name not in accepted:
            raise unknown(f"option of {what}", name, accepted)
        _check_number(f"{name} of {what}", name, accepted[name], value)


def _check_number(told: str, name: str, parameter: inspect.Parameter, value: Any) -> None:
    default, kinds = parameter.default, typing.get_args(parameter.annotation) or (parameter.annotation,)
    if isinstance(value, bool) or isinstance(default, bool):
        return
    if int in kinds and float not in kinds:
        least = min(default, 1) if isinstance(default, int) else 1
        if isinstance(value, float) or (isinstance(value, int) and value < least):
            raise Misuse(f"{told} must be a whole number of at least {least}, got {value}")
    if float in kinds and isinstance(value, int | float):
        if not math.isfinite(value):
            raise Misuse(f"{told} must be a finite number, got {value}")
        if name in SHARES and not 0 <= value < 1:
            raise Misuse(f"{told} must be at least 0 and below 1, got {value}")
        if name in WEIGHTS and value < 0:
            raise Misuse(f"{told} must be at least 0, got {value}")
        if name in SCALES and value <= 0:
            raise Misuse(f"{told} must be above 0, got {value}")
