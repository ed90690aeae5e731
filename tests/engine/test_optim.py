"""Optimisers and schedules by name: formulas, rules over parameter paths, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import tiny

from dlcv.engine import config as configs
from dlcv.engine import optim
from dlcv.errors import Misuse

PARAMS = {
    "model": {"kernel": jnp.array([1.0, -2.0, 3.0]), "bias": jnp.array([0.5])},
    "head": {"kernel": jnp.ones((2, 2))},
}
GRADIENTS = jax.tree.map(lambda x: 0.1 * jnp.ones_like(x), PARAMS)


def updated(fields, gradients=GRADIENTS, params=PARAMS, count: int = 1, steps: int = 100):
    """The parameters after `count` updates with the same gradients."""
    optimizer = optim.make(fields, steps)
    state = optimizer.init(params)
    for _ in range(count):
        updates, state = optimizer.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
    return params


@pytest.mark.parametrize("name", sorted(optim.named_optimizers()))
def test_every_named_optimizer_makes_a_finite_step(name):
    after = updated(configs.optimizer(name, 1e-3, weight_decay=0.01))
    assert jax.tree.structure(after) == jax.tree.structure(PARAMS)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(after))
    assert not np.array_equal(after["head"]["kernel"], PARAMS["head"]["kernel"])


def test_the_usual_optimizers_are_there():
    assert {"adam", "adamw", "sgd", "rmsprop", "lamb", "lion", "adafactor"} <= set(optim.named_optimizers())
    assert not [name for name in optim.named_optimizers() if name.startswith("_")]


def rates(schedule: str, steps: int, at, rate: float = 0.01, **fields):
    made = optim.schedule(configs.optimizer("sgd", rate, schedule=schedule, **fields), steps)
    return np.array([float(made(count)) for count in at])


def test_cosine_after_a_warm_up():
    at = np.array([0, 5, 10, 30, 55, 100])
    found = rates("cosine", 100, at, warmup=10)
    p = np.clip((at - 10) / 90, 0, 1)
    expected = np.where(at < 10, at / 10, 0.5 * (1 + np.cos(np.pi * p)))
    np.testing.assert_allclose(found, 0.01 * expected, rtol=1e-5, atol=1e-9)


def test_cosine_and_linear_end_where_they_are_told():
    assert rates("cosine", 50, [50], schedule_options=dict(end=0.1))[0] == pytest.approx(1e-3, rel=1e-5)
    np.testing.assert_allclose(
        rates("linear", 50, [0, 25, 50], schedule_options=dict(end=0.5)), [0.01, 0.0075, 0.005], rtol=1e-5
    )


def test_annealed_is_the_schedule_of_domain_adversarial_training():
    at = np.arange(0, 101, 10)
    np.testing.assert_allclose(rates("annealed", 100, at), 0.01 / (1 + 10 * at / 100) ** 0.75, rtol=1e-5)


def test_inverse_square_root_with_warm_up_is_the_transformers():
    warmup, at = 40, np.array([1, 20, 40, 80, 160, 400])
    found = rates("inverse_square_root", 400, at, warmup=warmup, schedule_options=dict(timescale=warmup))
    noam = np.minimum(at**-0.5, at * warmup**-1.5)  # Vaswani et al., equation 3, up to its constant
    np.testing.assert_allclose(found, 0.01 * noam * warmup**0.5, rtol=1e-5)


def test_a_schedule_of_optax_by_its_name():
    found = rates(
        "exponential_decay", 10, [0, 4], schedule_options=dict(init_value=1.0, transition_steps=2, decay_rate=0.5)
    )
    np.testing.assert_allclose(found, [1.0, 0.25], rtol=1e-6)


def test_a_warm_up_may_take_the_whole_run():
    np.testing.assert_allclose(rates("annealed", 10, [0, 5, 10], warmup=10), [0, 0.005, 0.01], rtol=1e-5)


def test_gradients_are_clipped_by_their_global_norm():
    norm = float(optax.tree.norm(GRADIENTS))
    after = updated(configs.optimizer("sgd", 1.0, clip_norm=norm / 4))
    tiny.close(after, jax.tree.map(lambda p, g: p - g / 4, PARAMS, GRADIENTS))
    tiny.close(
        updated(configs.optimizer("sgd", 1.0, clip_norm=2 * norm)), jax.tree.map(jnp.subtract, PARAMS, GRADIENTS)
    )


def test_a_rule_scales_the_learning_rate_of_what_it_matches():
    rules = (("^head/", "learning_rate", 0.1), (".*", "learning_rate", 2.0))
    after = updated(configs.optimizer("sgd", 1.0, rules=rules))
    moved = jax.tree.map(jnp.subtract, PARAMS, after)
    np.testing.assert_allclose(moved["head"]["kernel"], 0.01, rtol=1e-5)
    np.testing.assert_allclose(moved["model"]["kernel"], 0.2, rtol=1e-5)


@pytest.mark.parametrize("name", ["adamw", "sgd", "lion"])
def test_frozen_parameters_stay_bit_identical(name):
    params = {**PARAMS, "head": {"kernel": jnp.array([-0.0, 1e-30, 3.0])}}
    gradients = {**GRADIENTS, "head": {"kernel": jnp.array([jnp.nan, 1e9, 1.0])}}
    fields = configs.optimizer(name, 0.1, rules=(("^head/", "frozen", 1),), weight_decay=0.1, clip_norm=1.0)
    after = updated(fields, gradients, params, count=3)
    assert np.asarray(after["head"]["kernel"]).tobytes() == np.asarray(params["head"]["kernel"]).tobytes()
    alone = updated(fields, {"model": GRADIENTS["model"]}, {"model": PARAMS["model"]}, count=3)
    tiny.close(after["model"], alone["model"])  # frozen gradients count in no norm


@pytest.mark.parametrize("name", ["adamw", "lars", "adadelta", "sgd", "adafactor", "novograd"])
def test_biases_do_not_decay(name):
    zeros = jax.tree.map(jnp.zeros_like, PARAMS)
    after = updated(configs.optimizer(name, 0.1, weight_decay=0.5), zeros)
    np.testing.assert_array_equal(after["model"]["bias"], PARAMS["model"]["bias"])
    assert (np.abs(after["model"]["kernel"]) < np.abs(PARAMS["model"]["kernel"])).all()


def test_decay_of_adamw_is_decoupled():
    zeros = jax.tree.map(jnp.zeros_like, PARAMS)
    after = updated(configs.optimizer("adamw", 0.1, weight_decay=0.5), zeros)
    np.testing.assert_allclose(after["model"]["kernel"], 0.95 * PARAMS["model"]["kernel"], rtol=1e-6)


def test_players_have_their_own_fields_and_count_their_own_updates():
    fields = configs.experiment(
        optimizer=dict(critic=configs.optimizer("sgd", 1.0, schedule="linear"), maker=configs.optimizer("sgd", 0.5))
    ).optimizer
    by_player = optim.by_player(fields, 2)
    for name, updates, rate in (("critic", 1, 0.5), ("critic", 2, 0.75), ("maker", 1, 0.5)):
        optimizer = by_player(name, updates)
        state = optimizer.init(PARAMS)
        _, state = optimizer.update(GRADIENTS, state, PARAMS)
        second, _ = optimizer.update(GRADIENTS, state, PARAMS)
        np.testing.assert_allclose(second["head"]["kernel"], -0.1 * rate, rtol=1e-5)
    with pytest.raises(Misuse, match=r"unknown optimizer of player 'judge'.*critic"):
        by_player("judge")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(name="adamm"), r"unknown optimizer.name 'adamm': did you mean 'adam'\?"),
        (dict(schedule="cosin"), r"unknown optimizer.schedule 'cosin': did you mean 'cosine'\?"),
        (dict(options=dict(bb1=0.5)), r"unknown option of optimizer 'adam' 'bb1': did you mean 'b1'\?"),
        (
            dict(schedule="cosine", schedule_options=dict(ende=0.5)),
            r"unknown option of schedule 'cosine' 'ende': did you mean 'end'\?",
        ),
        (dict(schedule="exponential_decay"), r"optax schedule 'exponential_decay'.*init_value"),
        (dict(rules=((".*", "decay", 0.0),)), r"optimizer.rules: .*decay.* is not"),
        (dict(rules=((".*", "frozen"),)), r"optimizer.rules"),
        (dict(rules=((".*", "weight_decay", 0.5),)), r"optimizer.rules: .*0 or 1"),
        (dict(rules=(("(", "frozen", 1),)), r"optimizer.rules: '\(' is no regular expression"),
        (dict(warmup=101), r"optimizer.warmup=101"),
        (dict(learning_rate=-1.0), r"must not be negative"),
    ],
)
def test_misuse_is_named(changes, message):
    fields = configs.optimizer()
    with fields.ignore_type():
        fields.update(changes)
    with pytest.raises(Misuse, match=message):
        optim.make(fields, 100)
