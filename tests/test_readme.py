"""The README's numbers are those of the kept results."""

import importlib.util
import json
from pathlib import Path

import pytest

from dlcv.engine import catalogue

ROOT = Path(__file__).resolve().parents[1]
# kept result -> (metric, the least or the most that its mean over seeds may be)
BOUNDS = {
    "language_dates_default": ("valid/exact_match", 0.98, None),
    "language_translation_small": ("bleu/test", 31, None),
    "language_word_lm_small": ("test/perplexity", None, 100),
    "language_ngrams_small": ("Kneser-Ney, order 5/test", None, 150),
    "recurrence_char_lm_small": ("valid/nats", None, 1.52),
    "attention_transformer_translation_small": ("bleu/test", 36, None),
    "attention_fine_tuning_small": ("words' vectors/gain/test/accuracy", 0, None),
    "generative_acgan_small": ("valid/as_asked", 0.95, None),
    "generative_vae_small": ("valid/negative_elbo", None, 105),
}


def _module(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")  # as where the script is run
    spec = importlib.util.spec_from_file_location("readme", ROOT / "benchmarks" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tables_are_those_of_the_results(monkeypatch):
    readme, text = _module(monkeypatch), (ROOT / "README.md").read_text()
    assert readme.rewritten(text) == text


def _steps(name: str, rung: str) -> int:
    """Train steps of a config; of a study, those of its last arm on its last task, or of the network it trains, or none."""
    config = catalogue.load(f"experiments/{name}.py:{rung}")
    if "study" not in config:
        return config.steps
    options = config.study_kw.to_dict()
    if config.study == "many_to_many":
        return options["updates"]
    if config.study in ("learning_curves", "sequence_processing"):
        _, source, _, changes = options["tasks"][-1] if "tasks" in options else ("", options["source"], "", {})
        return changes.get("steps") or _steps(*catalogue.split_name(f"{source}:{rung}"))
    if "updates" in options:  # of a discriminator, the last at which it is looked at
        return options["updates"][-1]
    if "classifiers" in options:  # of which one kind is a network
        return max(settings["changes"]["steps"] for _, kind, settings in options["classifiers"] if kind == "trained")
    source = options.get("source") or (options["arms"][-1][1] if "arms" in options else None)
    if source is None:
        return 0
    own = options["arms"][-1][2] if config.study == "generators" else {}
    changes = {**dict(options.get("changes", ())), **own, **dict(options.get("tasks", (("", {}),))[-1][1])}
    return changes.get("steps") or _steps(*catalogue.split_name(source if ":" in source else f"{source}:{rung}"))


def test_results_were_made_by_the_present_configs():
    for file in (ROOT / "experiments" / "results").glob("*.json"):
        result = json.loads(file.read_text())
        assert result["step"] == _steps(result["experiment"], result["rung"]), file.name


def test_no_result_is_a_single_seed():
    files = list((ROOT / "experiments" / "results").glob("*.json"))
    assert files
    for file in files:
        seeds = json.loads(file.read_text())["seeds"]  # none where nothing is drawn: n-grams are counted
        assert len(seeds) >= 3 or not seeds, file.name


@pytest.mark.parametrize("name", BOUNDS)
def test_kept_results_are_as_good_as_they_are_to_be(name):
    metric, least, most = BOUNDS[name]
    mean = json.loads((ROOT / "experiments" / "results" / f"{name}.json").read_text())["metrics"][metric]["mean"]
    assert (least is None or mean >= least) and (most is None or mean <= most), mean
