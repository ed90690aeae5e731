"""What a run leaves for people: metrics.jsonl, TensorBoard events, a progress line, result.json."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcv.disk import write_text


def write_json(path: Path, content: Any) -> None:
    """Writes a JSON file whole or not at all."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, default=_plain) + "\n")


def _plain(value):
    return value.item() if isinstance(value, np.generic) else str(value)


def spread(values: list[float]) -> dict[str, float]:
    """Mean and standard deviation (over seeds, population form for one seed: 0)."""
    values = np.asarray(values, np.float64)
    return {"mean": float(values.mean()), "std": float(values.std(ddof=1)) if len(values) > 1 else 0.0}


def _summary_writer() -> type:
    """tensorboardX's, which would import torch wherever that is installed: a second that nothing here needs."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None
    try:
        from tensorboardX import SummaryWriter
    finally:
        if hidden:
            del sys.modules["torch"]
    return SummaryWriter


class MetricsFile:
    """`metrics.jsonl` and TensorBoard events: one line a step, split and seed; lines after a resumed step are taken back."""

    def __init__(self, workdir: Path, step: int):
        self.path = workdir / "metrics.jsonl"
        kept = []
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                try:
                    kept += [line] if json.loads(line)["step"] <= step else []
                except (json.JSONDecodeError, KeyError):  # the torn last line of a killed run
                    continue
        write_text(self.path, "".join(line + "\n" for line in kept))
        self.file = self.path.open("a")
        self.events = _summary_writer()(str(workdir / "tensorboard"), purge_step=step + 1 if step else None)

    def write(self, step: int, split: str, seed: int, metrics: Mapping[str, float], **extra) -> None:
        record = {"step": step, "split": split, "seed": seed, **extra, **metrics}
        self.file.write(json.dumps(record, default=_plain) + "\n")
        for name, value in metrics.items():
            self.events.add_scalar(f"{split}/{name}/seed_{seed}", value, step)

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.file.close()
        self.events.close()


def clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}" if minutes >= 60 else f"{minutes}:{seconds:02d}"


class Progress:
    """One line that renews itself in a terminal, and a plain line every few seconds in a log file."""

    def __init__(self, steps: int, start: int, quiet: bool = False):
        self.steps, self.start, self.began, self.quiet = steps, start, time.perf_counter(), quiet
        self.terminal, self.shown = sys.stdout.isatty(), -1e9

    def show(self, step: int, text: str, last: bool = False) -> None:
        now = time.perf_counter()
        if self.quiet or (not last and not self.terminal and now - self.shown < 5):
            return
        self.shown = now
        rate = (step - self.start) / max(now - self.began, 1e-9)
        left = clock((self.steps - step) / rate) if rate > 0 else "?"
        line = f"step {step}/{self.steps} | {rate:.3g} step/s | {left} left | {text}"
        print(f"\r\033[K{line}" if self.terminal else line, end="\n" if last or not self.terminal else "", flush=True)


def short(metrics: Mapping[str, float], most: int = 4) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in list(metrics.items())[:most])


def summary(result: Mapping[str, Any]) -> str:
    """The closing table: last and best over the seeds, with the reference beside the result."""
    seeds = len(result["seeds"])
    lines = [f"{result['experiment']} {result['rung']}: {result['step']} steps, {seeds} seed{'s' * (seeds > 1)}, "
             f"{clock(result['seconds'])}"]  # fmt: skip
    for name, value in result["metrics"].items():
        if "/" not in name or name.split("/")[0] == "train":
            continue
        text = f"  {name:<28} {value['mean']:.4g}" + (f" ± {value['std']:.2g}" if seeds > 1 else "")
        if name in result["best"]:
            text += f"   best {result['best'][name]['mean']:.4g}"
        if name in result["reference"]:
            reference = result["reference"][name]
            text += f"   reported {reference['value']:.4g} ({reference['source']})"
        lines.append(text)
    return "\n".join(lines)
