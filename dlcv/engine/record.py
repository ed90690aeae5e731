"""What a run remembers besides its states: JSON values, saved with every checkpoint so that a resumed run forgets nothing."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass
class Record:
    seconds: float = 0.0
    pending: dict[str, dict[str, list]] = field(
        default_factory=dict
    )  # seed -> metric -> [sum, count] since the last log
    last: dict[str, dict[str, float]] = field(default_factory=dict)  # seed -> the newest evaluation
    best: dict[str, dict[str, Any]] = field(default_factory=dict)  # seed -> {"step", "metrics"} of the best evaluation
    diverged: dict[str, list] = field(default_factory=dict)  # seed -> [player, step]

    @classmethod
    def from_notes(cls, notes: Mapping) -> "Record":
        return cls(**{name: notes[name] for name in cls.__dataclass_fields__})

    def notes(self) -> dict:
        return asdict(self)

    def add(self, seed: int, metrics: Mapping[str, np.ndarray], first_step: int) -> tuple[str, int] | None:
        """Takes in one call's metrics [steps_per_call]; returns (player, step) of the first loss that is not finite."""
        sums = self.pending.setdefault(str(seed), {})
        bad = []
        for name, values in metrics.items():
            values = np.asarray(values, np.float64)
            total = sums.setdefault(name, [0.0, 0])
            total[0] += float(values.sum())
            total[1] += values.size
            if name.endswith(("/loss", "/gradient_norm")) and not np.isfinite(values).all():
                bad.append((first_step + int(np.argmin(np.isfinite(values))) + 1, name.split("/")[0]))
        if not bad:
            return None
        step, player = min(bad, key=lambda found: found[0])
        self.diverged[str(seed)] = [player, step]
        return player, step

    def means(self, seed: int) -> dict[str, float]:
        """The mean of each train metric since the last log, which this ends."""
        sums = self.pending.pop(str(seed), {})
        return {name: total / count for name, (total, count) in sums.items() if count}

    def evaluated(self, seed: int, step: int, metrics: dict[str, float], metric: str, mode: str) -> bool:
        """Notes an evaluation; True where it is the best so far by `metric`."""
        self.last[str(seed)] = metrics
        value = metrics.get(metric, math.nan)
        held = self.best.get(str(seed), {}).get("metrics", {}).get(metric, -math.inf if mode == "max" else math.inf)
        better = value > held if mode == "max" else value < held
        if better:
            self.best[str(seed)] = {"step": step, "metrics": metrics}
        return better
