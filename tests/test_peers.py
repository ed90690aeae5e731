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
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_timed_layers_compute_the_same(cell, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from against_torch.recurrent import Size, differences, layers

    assert max(differences(layers(cell, Size(2, 4, 3, 5))).values()) < 1e-5
