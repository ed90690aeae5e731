"""Writes the README's tables between their markers: systems, topic by topic, from experiments/results/ (copies of result.json), speed from
benchmarks/results/ (what peers.py and engine.py write with --output).

python benchmarks/readme.py            # rewrite the table
python benchmarks/readme.py --check    # exit code 1 where the README differs from the results
"""

import json
import re
import sys
from pathlib import Path

from readme_rows import SHOWN

ROOT = Path(__file__).resolve().parents[1]
TOPICS = ("vision", "generative", "adaptation", "recurrence", "language", "attention")
CLOSED_FORM = ("<!-- closed form: written by benchmarks/readme.py -->", "<!-- /closed form -->")
SPEED = ("<!-- speed: written by benchmarks/readme.py -->", "<!-- /speed -->")

RUNGS = ("default", "small", "paper")
SCORES = {"frechet": "Fréchet distance", "kernel": "kernel distance", "bins": "NDB and JSD"}


def duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def rows(result: dict) -> list[str]:
    """A line a metric that is shown: system, rung, number ± spread over seeds, difference to the first arm, best, floor, reported number."""
    found = SHOWN[result["experiment"]]
    return [line for shown in (found if isinstance(found, list) else [found]) for line in rows_of(result, *shown)]


def rows_of(result: dict, shown: str, label: str, factor: float, unit: str) -> list[str]:
    """The lines of the metrics that the regex `shown` matches."""
    digits = 1 if unit in ("%", "points") else 2

    def number(value: dict) -> str:
        return f"{factor * value['mean']:.{digits}f} ± {factor * value['std']:.{digits}f}"

    lines = []
    for metric, match in ((name, re.fullmatch(shown, name)) for name in result["metrics"]):
        if not match:
            continue
        notes = [f"{len(result['seeds']) or 'no'} seed{'s' * (len(result['seeds']) > 1)}"]
        notes += gain(result, metric, factor, digits)
        if metric.endswith("/frechet"):
            arm = metric.partition("/")[0]
            best = {
                f"{arm}/{name}": value for name, value in result.get("arms", {}).get(arm, {}).get("best", {}).items()
            }
            best |= result.get("best", {})
            if metric in best:
                notes.append(f"best {number(best[metric])}")
            notes.append(f"real against real {result['metrics'][f'{metric}_floor']['mean']:.{digits}f}")
        reference = result["reference"].get(metric)
        reported = "–" if reference is None else f"{factor * reference['value']:.{digits}f} ({reference['source']})"
        whose = (match.groupdict().get("who") or "").replace("/", ", ")
        measure = f"{whose}: {label}" if whose else label
        link = f"[`{result['experiment']}`](experiments/{result['experiment']}.py)"
        cells = [link, result["rung"], measure, f"{number(result['metrics'][metric])} {unit}".strip(), ", ".join(notes)]
        seconds = result.get("seconds_by_arm", {}).get(match.groupdict().get("who"), result.get("seconds"))
        lines.append(f"| {' | '.join([*cells, reported, '–' if seconds is None else duration(seconds)])} |")
    return lines


def gain(result: dict, metric: str, factor: float, digits: int) -> list[str]:
    """What an arm of a study has over the first one in a metric, paired by seed, with its interval of 95 %; none of other results."""
    arm, _, name = metric.partition("/")
    between = result.get("intervals", {}).get(f"{arm}/gain/{name}")
    if not between:
        return []
    first = next(other for other in result["arms"] if f"{other}/gain/{name}" not in result["intervals"])
    mean, (low, high) = result["metrics"][f"{arm}/gain/{name}"]["mean"], between
    shown = [f"{factor * value:{sign}.{digits}f}" for value, sign in ((mean, "+"), (low, ""), (high, ""))]
    return [f"{shown[0]} against {first} (95 %: {shown[1]} to {shown[2]})"]


def table(folder: Path, topic: str) -> str:
    """Every result of a topic in the folder as a markdown table, by system and rung, folded behind a line that counts them."""
    results = [json.loads(file.read_text()) for file in folder.glob(f"{topic}_*.json")]
    results = [result for result in results if result["experiment"] in SHOWN]
    results.sort(key=lambda r: (list(SHOWN).index(r["experiment"]), RUNGS.index(r["rung"])))
    systems = len({result["experiment"] for result in results})
    head = "| system | rung | measure | dlcv, mean ± std | over | reported | time |\n|---|---|---|---|---|---|---|"
    summary = f"<details><summary>Numbers of {systems} systems</summary>"
    return "\n".join([summary, "", head, *(line for result in results for line in rows(result)), "", "</details>"])


def closed_form(folder: Path) -> str:
    """Every closed-form method on SURF: mean accuracy over the tasks, and how far it is from the printed column."""
    result = json.loads((folder / "adaptation_office_caltech_default.json").read_text())
    lines = [
        "| method | mean of 12 SURF tasks, % | printed numbers met | mean deviation, points | largest |",
        "|---|---|---|---|---|",
    ]
    for name, value in result["metrics"].items():
        features, method = name.split("/")
        if features == "surf":
            found = result["agreement"].get(name)
            cells = ["–"] * 3
            if found:
                cells = [f"{found['equal']} of {found['compared']}"]
                cells += [f"{round(found[key], 2) + 0.0:+.2f}" for key in ("mean_deviation", "largest_deviation")]
            lines.append(f"| {method} | {value['mean']:.2f} | {' | '.join(cells)} |")
    lines.append(f"\nThe whole table, DeCAF6 and GoogLeNet features too, took {duration(result['seconds'])}.")
    speed = json.loads((ROOT / "benchmarks" / "results" / "shallow.json").read_text())
    ratios = ", ".join(f"{row['ratio']:.2f} of {row['peer'].split()[0]}'s for {row['method']}" for row in speed["rows"])
    lines.append(
        f"Time over a peer's own class for the {len(speed['tasks'])} SURF tasks, {speed['threads']} threads: {ratios}"
    )
    lines[-1] += " (`python benchmarks/shallow.py --data_dir=DATA`)."
    return "\n".join(lines)


def speed(folder: Path) -> str:
    """The step of each system over PyTorch's, the loop over the bare step, the start, and the conditions of both runs."""
    peers, engine = (json.loads((folder / f"{name}.json").read_text()) for name in ("peers", "engine"))
    lines = ["| system | step, ms | PyTorch, ms | ratio (quartiles) | goal |", "|---|---|---|---|---|"]
    steps = [(found["system"], found) for found in peers["systems"]]
    if (file := folder / "recurrent.json").exists():  # written by recurrent.py
        layers = json.loads(file.read_text())["layers"]
        steps += [
            (f"{found['cell'].upper()} layer, freed memory {found.get('memory', 'as it is')}", found)
            for found in layers
        ]
    attention = json.loads((folder / "attention.json").read_text())  # written by attention.py
    ways = {"chosen": "attention", "einsum": "attention by one einsum"}
    goals = {"einsum": {"goal": "–"}}  # which none has set
    steps += [
        (ways[found["way"]] + ", causal" * found["causal"], found | goals.get(found["way"], {}))
        for found in attention["rows"]
    ]
    models = folder / "language_models.json"  # written by language_models.py
    models = json.loads(models.read_text()) if models.exists() else {}
    steps += [
        (f"language model, 6 x 384 ({found['form']})", found) for found in models.get("step", ()) if "ratio" in found
    ]
    for name, found in steps:
        low, high = found["quartiles"]
        ratio = f"{found['ratio']:.2f} ({low:.2f} to {high:.2f})"
        lines.append(f"| {name} | {found['ours_ms']:.1f} | {found['torch_ms']:.1f} | {ratio} | {found['goal']} |")
    loops = ", ".join(f"{found['system']} {found['ratio']:.2f}" for found in engine["loop"])
    starts = ", ".join(
        f"{found['system']} {sorted(found['seconds'])[len(found['seconds']) // 2]:.1f} s" for found in engine["start"]
    )
    lines.append(
        f"\n{peers['threads']} threads on {peers['cores']} CPU cores, jax {peers['jax']}, torch {peers['torch']}, medians."
    )
    lines.append(f"The whole loop over the bare compiled step: {loops}. A second start to its first step: {starts}.")
    beam = json.loads((folder / "beam.json").read_text())
    lines.append(
        f"Beam search of {beam['beams']} on {beam['sentences']} sentences at once over the same step driven sentence by sentence from"
        f" Python: {beam['ratio']:.1f} times the tokens a second, goal {beam['goal']:.0f} (`python benchmarks/beam.py --data_dir=DATA`)."
    )
    if found := models.get("generation"):
        rates = ", ".join(f"{rate:.0f} {name}" for name, rate in found["tokens_per_second"].items())
        lines.append(
            f"GPT-2-small's shape writing {found['length']} tokens in {found['batch']} rows, tokens a second: {rates}; cached"
            f" {found['cached over uncached']:.1f} times uncached, goal 5, and {found['cached over transformers']:.2f} times Hugging Face's"
            " `generate`, goal 1 (`python benchmarks/language_models.py`)."
        )
    if found := models.get("gpu"):
        ours, theirs = (f"{found['utilisation'][name]:.1%}" for name in ("ours", "torch"))
        lines.append(
            f"The train step of GPT-2's 124 million parameters in bfloat16 on one {found['device']}: {ours} of"
            f" {found['peak_tflops']:.0f} TFLOP/s, {theirs} by torch.compile with flash attention; {found['ratio']:.2f} of its time"
            " (`python benchmarks/language_models.py --parts=gpu`)."
        )
    lines.append(scores(json.loads((folder / "quality.json").read_text())))
    long = attention["memory"]
    lines.append(
        f"Attention forward and backward on {long['places']:,} places, {long['heads']} heads, whose scores fill {long['scores_mib']:.0f} MiB:"
        f" {long['blockwise_mib']:.0f} MiB more than the inputs block by block, {long['einsum_mib']:,.0f} MiB by the einsum; gradients equal to"
        f" {long['difference']:.0e} (`python benchmarks/attention.py`)."
    )
    return "\n".join(lines)


def scores(quality: dict) -> str:
    """What the scores of samples take, of the processor: the clock on the wall counts other processes too."""
    taken = {row["score"]: row for row in quality["rows"]}
    ours, peer = taken["prdc"], taken["prdc of scikit-learn"]
    others = ", ".join(f"{name} {taken[key]['of_threads']:.1f} s" for key, name in SCORES.items())
    return (
        f"Precision, recall, density and coverage of {quality['examples']:,} samples against as many images, {quality['features']} features,"
        f" one thread: {ours['of_threads']:.1f} s of the processor with a peak of {ours['peak_mib_so_far']:,.0f} MiB; the same formulas on"
        f" scikit-learn's whole distance matrix {peer['of_threads']:.1f} s and {peer['peak_mib_so_far']:,.0f} MiB; {others}"
        " (`python benchmarks/quality.py`)."
    )


def results_of(topic: str) -> tuple[str, str]:
    """The marks between which a topic's table stands."""
    return f"<!-- results of {topic}: written by benchmarks/readme.py -->", f"<!-- /results of {topic} -->"


def between(text: str, markers: tuple[str, str], body: str) -> str:
    """The text with `body` between the two markers."""
    before, rest = text.split(markers[0])
    return f"{before}{markers[0]}\n{body}\n{markers[1]}{rest.split(markers[1])[1]}"


def rewritten(text: str) -> str:
    """The README with its tables as the kept results have them."""
    results = ROOT / "experiments" / "results"
    for topic in TOPICS:
        text = between(text, results_of(topic), table(results, topic))
    text = between(text, CLOSED_FORM, closed_form(results))
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
