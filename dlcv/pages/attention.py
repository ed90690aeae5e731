"""The page of attention: hover a token to see what it attends to and who attends to it, in every layer and head."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcv.pages import filled

LEVELS = 255  # a byte holds the square root of a weight: a thousandth is still told from none


def document(title: str, parts: Sequence[Mapping[str, Any]]) -> str:
    """One self-contained page of parts such as "encoder", "decoder", "cross", each weights of one text.

    A part is {"name", "rows": L query tokens, "columns": M key tokens, "weights": [N layers, H heads, L, M] in [0, 1]}; weights w are kept
    to 1 / 255 of their roots, so to within sqrt(w) / 255. The address's fragment chooses, as the controls do, all counted from 0:
    `attention.html#part=cross&layer=1&head=mean&row=3`, or `column=5` for who attends to that key.
    Raises ValueError for no part, two of one name, and weights of another shape or outside [0, 1].
    """
    names = [part["name"] for part in parts]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"parts of a page of attention need a name each, given {names}")
    return filled("attention", {"title": title, "levels": LEVELS, "parts": [_packed(**part) for part in parts]})


def _packed(name: str, rows: Sequence[str], columns: Sequence[str], weights: np.ndarray) -> dict[str, Any]:
    weights = np.asarray(weights, np.float32)
    if weights.ndim != 4 or weights.shape[2:] != (len(rows), len(columns)):
        wanted = f"[layers, heads, {len(rows)}, {len(columns)}]"
        raise ValueError(f"weights of part {name!r} are {list(weights.shape)}, its tokens want {wanted}")
    if not (weights.min() >= 0 and weights.max() <= 1 + 1e-5):
        raise ValueError(f"weights of part {name!r} reach from {weights.min()} to {weights.max()}, expected 0 to 1")
    roots = np.rint(np.sqrt(np.minimum(weights, 1)) * LEVELS).astype(np.uint8)
    layers, heads = weights.shape[:2]
    return {
        "name": name, "rows": list(rows), "columns": list(columns), "layers": layers, "heads": heads,
        "roots": base64.b64encode(np.ascontiguousarray(roots).tobytes()).decode(),
    }  # fmt: skip
