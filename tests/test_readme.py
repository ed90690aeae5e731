"""The README's numbers are those of the kept results."""

import importlib.util
import json
from pathlib import Path

import pytest

from dlcv.engine import catalogue

ROOT = Path(__file__).resolve().parents[1]
# (kept result, metric, the least or the most that its mean over seeds may be)
BOUNDS = (
    ("language_dates_default", "valid/exact_match", 0.98, None),
    ("language_translation_small", "bleu/test", 31, None),
    ("language_word_lm_small", "test/perplexity", None, 100),
    ("language_ngrams_small", "Kneser-Ney, order 5/test", None, 150),
    ("recurrence_char_lm_small", "valid/nats", None, 1.52),
    ("attention_transformer_translation_small", "bleu/test", 36, None),
    ("attention_fine_tuning_small", "words' vectors/gain/test/accuracy", 0, None),
    ("generative_acgan_small", "valid/as_asked", 0.95, None),
    ("generative_vae_small", "valid/negative_elbo", None, 105),
    ("generative_infogan_small", "codes/error", None, 0.1),
    *(
        (f"generative_{system}_default", f"{arm}lenet/{score}", least, None)
        for system, arm in (("dcgan", ""), ("vae", ""), ("acgan", ""), ("infogan", ""), ("msgan", "mode seeking/"))
        for score, least in (("confidence", 0.8), ("classes", 10))
    ),
)
# (kept study, paired difference, what its interval of 95 % must hold: more than 0, or 0 itself)
INTERVALS = (
    ("generative_msgan_small", "mode seeking/gain/within/diversity", "more"),
    ("generative_msgan_small", "mode seeking/gain/lenet/frechet", "zero"),
    ("generative_paired_msgan_small", "mode seeking/gain/valid/perceptual", "more"),
    ("generative_paired_msgan_small", "mode seeking/gain/cifar/frechet", "zero"),
    ("generative_text_msgan_default", "mode seeking/gain/valid/perceptual", "more"),
    ("generative_text_msgan_default", "mode seeking/gain/lenet/frechet", "zero"),
)


def kept(name: str) -> dict:
    return json.loads((ROOT / "experiments" / "results" / f"{name}.json").read_text())


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


@pytest.mark.parametrize(("name", "metric", "least", "most"), BOUNDS)
def test_kept_results_are_as_good_as_they_are_to_be(name, metric, least, most):
    mean = kept(name)["metrics"][metric]["mean"]
    assert (least is None or mean >= least) and (most is None or mean <= most), mean


@pytest.mark.parametrize(("name", "difference", "holds"), INTERVALS)
def test_kept_differences_are_sure_where_they_are_to_be(name, difference, holds):
    low, high = kept(name)["intervals"][difference]
    assert low > 0 if holds == "more" else low <= 0 <= high


def test_two_of_three_categories_of_infogan_are_digits_in_nine_images_of_ten():
    errors = [found["codes/error"] for found in kept("generative_infogan_small")["by_seed"].values()]
    assert sorted(errors)[len(errors) * 2 // 3 - 1] < 0.1


def test_judged_results_have_the_scores_of_the_present_verdict():
    """A result from before a score was added, or changed, does not stand beside others."""
    for file in (ROOT / "experiments" / "results").glob("*.json"):
        metrics = json.loads(file.read_text())["metrics"]
        for distance in (
            name for name in metrics if name.endswith(("lenet/frechet", "cifar/frechet")) and "/gain/" not in name
        ):
            assert {f"{distance}_std", f"{distance.removesuffix('frechet')}copying"} <= set(metrics), (
                file.name,
                distance,
            )
