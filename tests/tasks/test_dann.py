"""Domain-adversarial training: the published schedule, the sign of the reversal, what each domain's statistics see."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine import catalogue
from dlcv.engine.step import init_state
from dlcv.tasks.dann import reversal_weight

BATCH = {
    "source": {
        "image": jnp.asarray(np.random.default_rng(0).integers(0, 255, (8, 28, 28, 3)), jnp.uint8),
        "label": jnp.arange(8),
    },
    "target": {"image": jnp.asarray(np.random.default_rng(1).integers(100, 255, (8, 28, 28, 3)), jnp.uint8)},
}


def _task(**keywords):
    experiment = catalogue.experiment("experiments/adaptation/dann.py:smoke", None)
    experiment.config.task_kw.update(keywords)
    return experiment.task


def _gradients(task, step, state):
    player, v = task.players[0], state.variables

    def value(params):
        return player.loss(params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(step))[0].value

    return jax.grad(value)(v.params)


def test_schedule_is_the_published_one():
    p = np.linspace(0, 1, 5)
    np.testing.assert_allclose(reversal_weight(p), 2 / (1 + np.exp(-10 * p)) - 1, rtol=1e-6)
    assert reversal_weight(0.0) == 0 and reversal_weight(1.0) > 0.9999


def test_at_the_start_the_adversary_learns_and_the_encoder_does_not_feel_it():
    with_adversary, without = _task(), _task(domain_weight=0.0)
    state = init_state(with_adversary, jax.random.key(1))
    here, alone = _gradients(with_adversary, 0, state), _gradients(without, 0, state)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), here["encoder"], alone["encoder"])
    assert max(np.abs(leaf).max() for leaf in jax.tree.leaves(here["domain"])) > 1e-4


def test_later_the_encoder_climbs_what_the_adversary_descends():
    task = _task(hidden=(), augmentation=())
    state = init_state(task, jax.random.key(1))
    v, player = state.variables, task.players[0]

    def domain_loss(params, step):
        return player.loss(params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(step))[1].metrics[
            "domain_loss"
        ]

    end = 10**6  # progress far beyond the end: the weight is 1
    both = jax.grad(lambda p: domain_loss(p, end))(v.params)
    ahead = {**v.params, "encoder": jax.tree.map(lambda x, g: x - 1e-2 * g, v.params["encoder"], both["encoder"])}
    own = {**v.params, "domain": jax.tree.map(lambda x, g: x - 1e-2 * g, v.params["domain"], both["domain"])}
    now = domain_loss(v.params, end)
    assert domain_loss(own, end) < now < domain_loss(ahead, end)


def test_each_domain_has_statistics_of_its_own():
    task = _task(augmentation=())
    state = init_state(task, jax.random.key(1))
    v, player = state.variables, task.players[0]
    _, aux = player.loss(v.params, v.stats, v.carry, BATCH, jax.random.key(0), jnp.asarray(0))
    means = [
        np.concatenate([np.ravel(x) for x in jax.tree.leaves(aux.stats[name])])
        for name in ("encoder", "encoder_target")
    ]
    assert np.abs(means[0] - means[1]).max() > 1e-3
    rows = {"image": BATCH["source"]["image"], "label": BATCH["source"]["label"]}
    changed = v.replace(stats=dict(aux.stats))
    source = task.predict(changed, {**rows, "domain": jnp.zeros(8, jnp.int32)}, None)["features"]
    target = task.predict(changed, {**rows, "domain": jnp.ones(8, jnp.int32)}, None)["features"]
    assert np.abs(np.asarray(source) - np.asarray(target)).max() > 1e-3
