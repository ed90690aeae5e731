"""Drawings as SVG."""

import numpy as np
from jaxtyping import Float

BOX, MARGIN = 100, 8


def lines(points: Float[np.ndarray, "T 5"]) -> list[Float[np.ndarray, "n 2"]]:
    """The lines (x, y) of a drawing of offsets and pen states, up to where it ends."""
    ended = np.flatnonzero(points[:, 4] > 0)
    points = points[: ended[0]] if len(ended) else points
    places = np.cumsum(points[:, :2], 0)
    return [line for line in np.split(places, np.flatnonzero(points[:, 3] > 0) + 1) if len(line)]


def svg(points: Float[np.ndarray, "N T 5"], columns: int = 8) -> str:
    """N drawings in boxes, `columns` to a row, each as large as its box allows."""
    rows = -(-len(points) // columns)
    width, height = BOX * min(columns, len(points)), BOX * rows
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    ]
    for number, drawing in enumerate(points):
        found = lines(drawing)
        if not found:
            continue
        every = np.concatenate(found)
        low, size = every.min(0), np.ptp(every, axis=0)
        scale = (BOX - 2 * MARGIN) / max(float(size.max()), 1e-6)
        corner = np.array([number % columns, number // columns]) * BOX + (BOX - size * scale) / 2
        data = " ".join("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in (line - low) * scale + corner) for line in found)
        parts.append(
            f'<path d="{data}" fill="none" stroke="black" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    return "\n".join([*parts, "</svg>\n"])
