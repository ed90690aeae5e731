"""Names of the leaves of a tree, so that ordered (regex, value) lists can speak of them."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jax


def path_name(path) -> str:
    """ "encoder/block_3/attention/query/kernel" for a jax key path."""
    parts = (getattr(k, "key", getattr(k, "name", getattr(k, "idx", None))) for k in path)
    return "/".join(str(part) for part in parts)


def map_named(function: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """`jax.tree.map` whose function also gets each leaf's name first."""
    return jax.tree_util.tree_map_with_path(lambda path, *leaves: function(path_name(path), *leaves), tree, *rest)


def first_match(rules: Sequence[tuple[str, Any]], name: str, default: Any = None) -> Any:
    """The value of the first rule whose regex is found in `name`."""
    return next((value for pattern, value in rules if re.search(pattern, name)), default)
