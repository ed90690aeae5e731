"""The whole train step of every benchmarked system is PyTorch's: outputs, and the losses of three steps, on copied weights."""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
SYSTEMS = (
    "vision/cnn", "generative/dcgan", "adaptation/source_only", "adaptation/dann", "recurrence/char_lm", "vision/vit",
)  # fmt: skip


@pytest.mark.peers
@pytest.mark.parametrize("name", SYSTEMS)
def test_training_steps_are_those_of_torch(name, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import torch
    from against_torch import steps, systems

    torch.set_num_threads(1)  # several wait by spinning: not beside other tests
    assert set(systems.SYSTEMS) == set(SYSTEMS)
    changes, build, _ = systems.SYSTEMS[name]
    ours = steps.Ours(name, changes | dict(batch_size=8), rung="smoke")
    differences = steps.check(ours, steps.Theirs(ours, build))
    assert set(differences) == {"outputs", "first loss", "third loss"}  # check has held them against its bounds


@pytest.mark.peers
def test_the_language_models_training_step_is_that_of_torch(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import language_models
    import torch
    from against_torch import steps

    torch.set_num_threads(1)
    changes = {**language_models.STEP, "batch_size": 4, "eval_batch_size": 4}
    changes |= dict(data=dict(name="windows", of=dict(name="prose", length=16)))
    changes |= dict(task_kw=language_models.STEP["task_kw"] | dict(size="tiny"))
    ours = steps.Ours("attention/gpt", changes, rung="smoke")
    differences = steps.check(ours, steps.Theirs(ours, language_models.FORMS["eager"]))
    assert set(differences) == {"outputs", "first loss", "third loss"}


@pytest.mark.peers
@pytest.mark.parametrize(("causal", "way"), [(False, None), (True, None), (False, "einsum"), (True, "blockwise")])
def test_timed_attention_computes_the_same(causal, way, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from against_torch.attention import Size, passes
    from against_torch.recurrent import differences

    found = differences(passes(Size(2, 5, 3, 8), causal, way))
    assert set(found) == {"outputs", "queries", "keys", "values"} and max(found.values()) < 1e-5


@pytest.mark.peers
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_timed_layers_compute_the_same(cell, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from against_torch.recurrent import Size, differences, layers

    assert max(differences(layers(cell, Size(2, 4, 3, 5))).values()) < 1e-5
