"""What every deep adaptation method shares: parts of a batch, statistics of each domain, known target labels counted once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from two_domains import BATCH, WITH_LABELS, make, part, value

from dlcv.engine.step import init_state, train_step
from dlcv.errors import Misuse
from dlcv.losses.classification import cross_entropy

METHODS = ("source_only", "dann", "ddc", "dsn", "adda")


@pytest.mark.parametrize("name", METHODS)
def test_known_target_labels_add_their_cross_entropy_once(name):
    """To see no more than the labels' own share, the labelled images are the target's: they change no statistic."""
    task, plain = make(name, labelled=2), make(name)
    v = init_state(task, jax.random.key(1)).variables
    batch = {**BATCH, "labelled": {**BATCH["target"], "label": WITH_LABELS["labelled"]["label"]}}
    with_labels, aux = value(task, v, batch)
    without, _ = value(plain, v, BATCH)
    domain = "encoder_target" if name == "adda" else "encoder"
    encoder = (
        make("source_only").players[0].loss
    )  # the same encoder on the target's images, as if they were the source's
    params = {**v.params, "encoder": v.params[domain]}
    alone, _ = encoder(params, v.stats, {}, {"source": batch["labelled"]}, jax.random.key(0), jnp.asarray(0))
    assert "labelled_accuracy" in aux.metrics
    np.testing.assert_allclose(with_labels - without, alone.value, rtol=2e-4)


@pytest.mark.parametrize("name", ["dann", "ddc", "dsn"])
def test_each_domain_is_normalised_by_its_own_statistics(name):
    task = make(name)
    v = init_state(task, jax.random.key(1)).variables
    stats = value(task, v, BATCH)[1].stats
    gaps = jax.tree.map(lambda a, b: float(np.abs(a - b).max()), stats["encoder"], stats["encoder_target"])
    assert max(jax.tree.leaves(gaps)) > 1e-3
    other = {**BATCH, "source": WITH_LABELS["labelled"]}
    same = value(task, v, other)[1].stats["encoder_target"]  # other source images leave the target's alone
    jax.tree.map(np.testing.assert_array_equal, stats["encoder_target"], same)


def test_source_only_does_not_look_at_the_target():
    task = make("source_only")
    v = init_state(task, jax.random.key(1)).variables
    assert set(v.stats) == {"encoder"}
    assert value(task, v, BATCH)[0] == value(task, v, {**BATCH, "target": part(0, False)})[0]


def test_source_only_with_target_labels_keeps_statistics_of_both():
    task = make("source_only", labelled=1)
    v = init_state(task, jax.random.key(1)).variables
    after, _ = train_step(init_state(task, jax.random.key(1)), WITH_LABELS, jax.random.key(0), task=task)
    assert set(v.stats) == {"encoder", "encoder_target"}
    changed = [
        float(np.abs(a - b).max())
        for a, b in zip(jax.tree.leaves(v.stats), jax.tree.leaves(after.variables.stats), strict=True)
    ]
    assert min(changed) > 0


def test_an_unlabelled_row_of_the_loss_is_the_mean_cross_entropy():
    task = make("source_only")
    v = init_state(task, jax.random.key(1)).variables
    found, aux = value(task, v, BATCH)
    seen = v.replace(stats=jax.tree.map(lambda new, old: (new - 0.9 * old) / 0.1, dict(aux.stats), dict(v.stats)))
    outputs = task.predict(seen, BATCH["source"], None)  # in the batch's own statistics, as in training
    wanted = cross_entropy(outputs["logits"], BATCH["source"]["label"]).mean()
    np.testing.assert_allclose(found, wanted, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("ddc", dict(divergence="mdd_biased"), "did you mean 'mmd_biased'"),
        ("ddc", dict(layers=("hidden_2",)), "unknown layer 'hidden_2'"),
        ("ddc", dict(schedule="growin"), "did you mean 'growing'"),
        ("dsn", dict(similarity="adversary"), "did you mean 'adversarial'"),
        ("dsn", dict(reconstruction="square"), "did you mean 'squared'"),
        ("adda", dict(layer="features_1"), "did you mean 'features'"),
        ("dann", dict(encoder="stride"), "did you mean 'strided'"),
    ],
)
def test_misspelt_options_are_named_before_anything_compiles(name, given, says):
    with pytest.raises(Misuse, match=says):
        make(name, **given)
