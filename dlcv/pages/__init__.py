"""Interactive pages: one HTML file each that opens from disk and asks nothing of any other file or host."""

import base64
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

LEVELS = 127  # a value in [-1, 1] is kept in one signed byte


def cells(
    path: Path,
    title: str,
    characters: str,
    units: Sequence[str],
    values_NC: np.ndarray,
    detectors: Sequence[Mapping[str, Any]],
) -> Path:
    """Writes a page that colours N characters by one of C units, values in [-1, 1] to the nearest 1/127.

    Detectors are the units worth a look: {"label", "unit", "name", "measure", "score", "baseline"}. The address's fragment chooses,
    as the controls do: `cells.html#cell=7&character=12`.
    """
    bytes_CN = np.rint(np.clip(values_NC.T, -1, 1) * LEVELS).astype(np.int8)
    content = {
        "title": title, "characters": list(characters), "units": list(units), "detectors": list(detectors), "levels": LEVELS,
        "values": base64.b64encode(np.ascontiguousarray(bytes_CN).tobytes()).decode(),
    }  # fmt: skip
    return write("cells", path, content)


def write(kind: str, path: Path, content: Mapping[str, Any]) -> Path:
    """The page of `filled` as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filled(kind, content), "utf-8")
    return path


def filled(kind: str, content: Mapping[str, Any]) -> str:
    """The template `kind` with its content as JSON, in which no mark can end the script around it."""
    text = json.dumps(content, ensure_ascii=True).replace("<", "\\u003c")
    return files(__package__).joinpath(f"{kind}.html").read_text("utf-8").replace("{{content}}", text)
