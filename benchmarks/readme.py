"""Writes the README's tables between their markers: systems from experiments/results/ (copies of result.json), speed from
benchmarks/results/ (what peers.py and engine.py write with --output).

python benchmarks/readme.py            # rewrite the table
python benchmarks/readme.py --check    # exit code 1 where the README differs from the results
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ("<!-- results: written by benchmarks/readme.py -->", "<!-- /results -->")
SPEED = ("<!-- speed: written by benchmarks/readme.py -->", "<!-- /speed -->")

# experiment -> what its rows show: the metrics of this name, alone or under a task's and an arm's, their name, unit factor, unit
SHOWN = {
    "vision/cnn": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/vit": ("valid/accuracy", "accuracy", 100, "%"),
    "generative/dcgan": ("lenet/frechet", "LeNet-FID, last", 1, ""),
    "adaptation/source_only": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/ddc": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/dan": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/deep_coral": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/dann": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/dsn": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/adda": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/dann_gain": ("gain", "gain on the target", 100, "points"),
    "adaptation/digits": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/semi_supervised": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/supervised": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/partial": ("target/accuracy", "target accuracy", 100, "%"),
    "adaptation/imbalanced": ("target/accuracy", "target accuracy", 100, "%"),
    "recurrence/char_lm": ("valid/nats", "nats a character", 1, ""),
}
RUNGS = ("default", "small", "paper")


def duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def rows(result: dict) -> list[str]:
    """A line a metric that is shown: system, rung, number ± spread over seeds, best, floor where there is one, reported number."""
    shown, label, factor, unit = SHOWN[result["experiment"]]
    digits = 1 if factor == 100 else 2

    def number(value: dict) -> str:
        return f"{factor * value['mean']:.{digits}f} ± {factor * value['std']:.{digits}f}"

    lines = []
    for metric in (name for name in result["metrics"] if name == shown or name.endswith(f"/{shown}")):
        notes = [f"{len(result['seeds'])} seeds"]
        if metric == "lenet/frechet":
            notes.append(f"best {number(result['best'][metric])}")
            notes.append(f"real against real {result['metrics']['lenet/frechet_floor']['mean']:.{digits}f}")
        reference = result["reference"].get(metric)
        reported = "–" if reference is None else f"{factor * reference['value']:.{digits}f} ({reference['source']})"
        whose = ", ".join(metric.removesuffix(shown).strip("/").split("/"))
        measure = f"{whose}: {label}" if whose else label
        link = f"[`{result['experiment']}`](experiments/{result['experiment']}.py)"
        cells = [link, result["rung"], measure, f"{number(result['metrics'][metric])} {unit}".strip(), ", ".join(notes)]
        lines.append(f"| {' | '.join([*cells, reported, duration(result['seconds'])])} |")
    return lines


def table(folder: Path) -> str:
    """The markdown table of every result in the folder, by system and rung."""
    results = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    results = [result for result in results if result["experiment"] in SHOWN]
    results.sort(key=lambda r: (list(SHOWN).index(r["experiment"]), RUNGS.index(r["rung"])))
    head = "| system | rung | measure | dlcv, mean ± std | over | reported | time |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *(line for result in results for line in rows(result))])


def speed(folder: Path) -> str:
    """The step of each system over PyTorch's, the loop over the bare step, the start, and the conditions of both runs."""
    peers, engine = (json.loads((folder / f"{name}.json").read_text()) for name in ("peers", "engine"))
    lines = ["| system | step, ms | PyTorch, ms | ratio (quartiles) | goal |", "|---|---|---|---|---|"]
    for found in peers["systems"]:
        low, high = found["quartiles"]
        ratio = f"{found['ratio']:.2f} ({low:.2f} to {high:.2f})"
        lines.append(
            f"| {found['system']} | {found['ours_ms']:.1f} | {found['torch_ms']:.1f} | {ratio} | {found['goal']} |"
        )
    loops = ", ".join(f"{found['system']} {found['ratio']:.2f}" for found in engine["loop"])
    starts = ", ".join(
        f"{found['system']} {sorted(found['seconds'])[len(found['seconds']) // 2]:.1f} s" for found in engine["start"]
    )
    lines.append(
        f"\n{peers['threads']} threads on {peers['cores']} CPU cores, jax {peers['jax']}, torch {peers['torch']}, medians."
    )
    lines.append(f"The whole loop over the bare compiled step: {loops}. A second start to its first step: {starts}.")
    return "\n".join(lines)


def between(text: str, markers: tuple[str, str], body: str) -> str:
    """The text with `body` between the two markers."""
    before, rest = text.split(markers[0])
    return f"{before}{markers[0]}\n{body}\n{markers[1]}{rest.split(markers[1])[1]}"


def rewritten(text: str) -> str:
    """The README with both tables as the kept results have them."""
    text = between(text, RESULTS, table(ROOT / "experiments" / "results"))
    return between(text, SPEED, speed(ROOT / "benchmarks" / "results"))


def main() -> int:
    readme = ROOT / "README.md"
    text = readme.read_text()
    wanted = rewritten(text)
    if "--check" in sys.argv:
        return int(text != wanted)
    readme.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
