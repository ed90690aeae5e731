"""From an image of a thin line to the strokes that draw it: thinned, walked from end to end, simplified."""

import numpy as np
from jaxtyping import Bool, Float

AROUND = tuple((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x)
Line = Float[np.ndarray, "n 2"]


def traced(ink: Bool[np.ndarray, "Y X"], tolerance: float = 0.6) -> list[Line]:
    """Lines of (x, y), each drawn without lifting the pen: the skeleton's pixels, every one visited once.

    A line begins at an end of the skeleton where there is one left, upper ends first, and goes on as straight as it can.
    """
    from skimage.morphology import skeletonize

    skeleton = {tuple(place) for place in np.argwhere(skeletonize(ink)).tolist()}
    left, lines = set(skeleton), []
    while left:
        ends = [place for place in left if len(_near(place, left)) <= 1]
        place = min(ends or left)
        left.remove(place)
        line = [*_touched(place, skeleton - left, {place}), place]
        while further := _further(line, left, skeleton):
            left.discard(further[-1])
            line += further
        line += _touched(line[-1], skeleton - left, set(line[-4:]))
        if len(line) > 3 or not lines:  # spurs of one or two pixels are the thinning's, not the hand's
            lines.append(simplified(np.array(line, np.float32)[:, ::-1], tolerance))
    return lines


def _near(place: tuple[int, int], left: set) -> list[tuple[int, int]]:
    return [found for y, x in AROUND if (found := (place[0] + y, place[1] + x)) in left]


def _further(line: list, left: set, skeleton: set) -> list[tuple[int, int]]:
    """The pixel that goes on most straight, or across a line drawn before to the one behind it; none at the line's end."""
    place, before = line[-1], np.subtract(line[-1], line[max(-4, -len(line))])

    def straight(other: tuple[int, int]) -> float:
        return float(np.dot(before, np.subtract(other, place)))

    if near := _near(place, left):
        return [max(near, key=lambda other: (straight(other), -_distance(other, place)))]
    crossed = _near(place, skeleton - left - set(line))
    behind = [(straight(other), [over, other]) for over in crossed for other in _near(over, left)]
    behind = [found for found in behind if found[0] > 0.8 * np.hypot(*before) * _distance(found[1][1], place)]
    return max(behind)[1] if behind else []


def _touched(place: tuple[int, int], drawn: set, line: set) -> list[tuple[int, int]]:
    """The pixel drawn before that the line meets here, so that loops close: one or none."""
    return sorted(_near(place, drawn - line), key=lambda other: _distance(other, place))[:1]


def _distance(one, other) -> float:
    return float(np.hypot(*np.subtract(one, other)))


def simplified(line: Line, tolerance: float) -> Line:
    """The fewest points from which no point of the line is further than `tolerance`, by halving at the furthest.

    Ramer, "An Iterative Procedure for the Polygonal Approximation of Plane Curves", 1972; Douglas and Peucker, 1973.
    """
    if len(line) < 3:
        return line
    start, end = line[0], line[-1]
    along = end - start
    length = float(np.hypot(*along))
    away = line - start
    if length:
        t = np.clip(away @ along / length**2, 0, 1)
        away = away - t[:, None] * along
    distances = np.hypot(*away.T)
    furthest = int(distances.argmax())
    if distances[furthest] <= tolerance:
        return np.stack([start, end])
    left, right = simplified(line[: furthest + 1], tolerance), simplified(line[furthest:], tolerance)
    return np.concatenate([left[:-1], right])


def offsets(lines: list[Line]) -> Float[np.ndarray, "n 3"]:
    """Lines as offsets from point to point, the first from the first line's beginning, with 1 where the pen is lifted."""
    points = np.concatenate(lines)
    lifted = np.zeros(len(points), np.float32)
    lifted[np.cumsum([len(line) for line in lines]) - 1] = 1
    moves = np.diff(points, axis=0, prepend=points[:1])
    return np.concatenate([moves, lifted[:, None]], 1).astype(np.float32)
