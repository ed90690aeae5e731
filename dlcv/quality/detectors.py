"""Units that tell a label of each character: every unit searched, judged on text it was not chosen on, beside shifted labels.

Source of the idea: Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num


@dataclass(frozen=True)
class Detector:
    """A unit and how it tells a label: F1 of `sign` * value > `sign` * threshold, or |r|, on the half it was chosen on and on the other."""

    unit: int
    chosen: float
    score: float
    sign: int
    threshold: float | None  # none for numbers, which are correlated


def measure_of(labels: Num[np.ndarray, "N"]) -> str:
    """F1 of yes and no, |r| of numbers."""
    return "F1" if labels.dtype == bool else "|r|"


def f1(predicted: np.ndarray, labels: np.ndarray) -> float:
    """2 TP / (2 TP + FP + FN); 0 where nothing is there and nothing predicted."""
    total = int(predicted.sum()) + int(labels.sum())
    return 2 * int((predicted & labels).sum()) / total if total else 0.0


def correlations(values_NC: Float[np.ndarray, "N C"], labels_N: Num[np.ndarray, "N"]) -> Float[np.ndarray, "C"]:
    """Pearson's r of every column with the labels; 0 where either does not vary."""
    values = values_NC - values_NC.mean(0)
    labels = labels_N.astype(np.float32) - labels_N.mean(dtype=np.float64).astype(np.float32)
    norm = np.sqrt((values**2).sum(0) * (labels**2).sum())
    return (labels @ values) / np.where(norm > 0, norm, np.inf)


class Thresholds:
    """Columns sorted once, so that the best threshold of each is found for many labels."""

    def __init__(self, values_NC: Float[np.ndarray, "N C"]):
        self.order = np.argsort(-values_NC, axis=0)
        self.sorted = np.take_along_axis(values_NC, self.order, 0)
        ends = np.ones(self.sorted.shape, bool)  # a threshold lies between two values that differ
        ends[:-1] = self.sorted[:-1] > self.sorted[1:]
        self.ends = ends

    def best(self, labels_N: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(F1 [C], sign [C], threshold [C]): the largest F1 over thresholds and over both signs."""
        count, present = len(labels_N), int(labels_N.sum())
        found = np.cumsum(labels_N[self.order], axis=0, dtype=np.int32)
        taken = np.arange(1, count + 1, dtype=np.float32)[:, None]
        above = np.where(self.ends, 2 * found / (taken + present), 0)
        below = 2 * (present - found) / np.maximum(count - taken + present, 1)  # what lies under the same threshold
        below = np.where(self.ends, below, 0)
        columns = np.arange(above.shape[1])
        places = above.argmax(0), below.argmax(0)
        values = above[places[0], columns], below[places[1], columns]
        upward = values[0] >= values[1]
        place = np.where(upward, *places)
        following = self.sorted[np.minimum(place + 1, count - 1), columns]
        threshold = (self.sorted[place, columns] + following) / 2
        threshold = np.where(place == count - 1, -np.inf, threshold)
        return np.where(upward, *values), np.where(upward, 1, -1), threshold


def search(
    values_NC: Float[np.ndarray, "N C"], labels_N: Num[np.ndarray, "N"], shifts: Sequence[int], most: int = 10
) -> tuple[list[Detector], list[float]]:
    """(the `most` best units by their score on the first half of the text, the baseline's scores).

    Every unit is searched; a unit's score is that of the second half, with the sign and threshold of the first. The baseline does
    the same with the labels shifted in a circle by each of `shifts`: they keep their runs and lose their text.
    """
    half = len(labels_N) // 2
    one, other = values_NC[:half], values_NC[half:]
    thresholds = Thresholds(one) if labels_N.dtype == bool else None

    def ranked(labels: np.ndarray, count: int) -> list[Detector]:
        if thresholds is not None:
            scores, signs, edges = thresholds.best(labels[:half])
        else:
            signed = correlations(one, labels[:half])
            scores, signs, edges = np.abs(signed), np.where(signed < 0, -1, 1), [None] * len(signed)
        found = []
        for unit in np.argsort(-scores, kind="stable")[:count].tolist():
            edge = None if edges[unit] is None else float(edges[unit])
            score = judged(other[:, unit], labels[half:], int(signs[unit]), edge)
            found.append(Detector(unit, float(scores[unit]), score, int(signs[unit]), edge))
        return found

    baseline = [ranked(np.roll(labels_N, shift), 1)[0].score for shift in shifts]
    return ranked(labels_N, most), baseline


def judged(values_N: np.ndarray, labels_N: np.ndarray, sign: int, threshold: float | None) -> float:
    """The score of one unit with a sign and threshold that are given: F1, or r times the sign, so that a turned sign is none."""
    if threshold is None:
        return sign * float(correlations(values_N[:, None], labels_N)[0])
    return f1(values_N > threshold if sign > 0 else values_N <= threshold, labels_N)
