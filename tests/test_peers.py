"""The whole train step of every benchmarked system is PyTorch's: outputs, and the losses of three steps, on copied weights."""

from pathlib import Path

import numpy as np
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
def test_the_bfloat16_steps_begin_alike_and_go_on(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from against_torch.mixed import pair

    of = dict(name="text_folder", path="none", size=300, length=16)
    data = dict(name="windows", of=of)
    steps = pair(4, "cpu", lambda net: net, task_kw=dict(size="tiny"), data=data, eval_batch_size=4)
    losses = [(float(steps.ours(step)[0]), float(steps.theirs(step))) for step in (0, 1, 2, 3, 0)]
    np.testing.assert_allclose(*zip(*losses, strict=True), atol=0.02)
    assert losses[-1][0] < losses[0][0] - 0.001 and losses[-1][1] < losses[0][1] - 0.001


def test_the_flops_of_a_token_are_those_counted_by_hand(monkeypatch):
    """Two blocks 32 wide: 4 x 32 x 32 weights of attention, 2 x 32 x 128 of the MLP; scores of 50 tokens; 16 keys and values of 32."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import jax
    import jax.numpy as jnp
    from against_torch.mixed import flops

    from dlcv.models.gpt import gpt
    from dlcv.ops.paths import map_named

    forward = 2 * (2 * (4096 + 8192) + 1600) + 2 * (2 * 16 * 32 + 2 * 16 * 32)
    model = gpt("tiny", 50, length=16)
    assert flops(model.size, 50, 16) == 3 * forward == 169_344
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.zeros((1, 1), jnp.int32), train=False))["params"]
    leaves = {}
    map_named(leaves.__setitem__, shapes)
    weights = sum(leaf.size for path, leaf in leaves.items() if path.endswith("kernel") or path == "embedding/tokens")
    assert weights == 2 * (4096 + 8192) + 1600


@pytest.mark.peers
def test_without_a_gpu_its_part_is_refused_in_one_line(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import jax
    import language_models

    if jax.default_backend() == "gpu":
        pytest.skip("there is one")
    monkeypatch.setattr("sys.argv", ["language_models.py", "--parts=gpu", f"--output={tmp_path / 'found.json'}"])
    with pytest.raises(SystemExit) as refused:
        language_models.main()
    assert refused.value.code == "language_models.py: --parts=gpu needs a GPU, and jax and torch can see none here"
    assert not list(tmp_path.iterdir())


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
