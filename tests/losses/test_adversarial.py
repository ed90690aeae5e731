"""Each adversarial loss and its gradient against numpy without autodiff, and the value of the game at the optimal discriminator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses.adversarial import LOSSES, energy

X = np.random.default_rng(0).normal(size=64) * 3
D = 1 / (1 + np.exp(-X))
ALL = LOSSES | {"energy": energy(1.5)}
# name -> side -> (value, derivative by the score), as the papers write them with D = sigmoid(x) or D = x
WANTED = {
    "minimax": {
        "real": (-np.log(D), D - 1), "fake": (-np.log(1 - D), D), "generator": (np.log(1 - D), -D),
    },
    "non_saturating": {
        "real": (-np.log(D), D - 1), "fake": (-np.log(1 - D), D), "generator": (-np.log(D), D - 1),
    },
    "least_squares": {
        "real": (0.5 * (X - 1) ** 2, X - 1), "fake": (0.5 * X**2, X), "generator": (0.5 * (X - 1) ** 2, X - 1),
    },
    "wasserstein": {"real": (-X, -1 + 0 * X), "fake": (X, 1 + 0 * X), "generator": (-X, -1 + 0 * X)},
    "hinge": {
        "real": (np.where(X < 1, 1 - X, 0), np.where(X < 1, -1, 0)),
        "fake": (np.where(X > -1, 1 + X, 0), np.where(X > -1, 1, 0)),
        "generator": (-X, -1 + 0 * X),
    },
    "energy": {
        "real": (X, 1 + 0 * X), "fake": (np.where(X < 1.5, 1.5 - X, 0), np.where(X < 1.5, -1, 0)),
        "generator": (X, 1 + 0 * X),
    },
}  # fmt: skip


@pytest.mark.parametrize("side", ["real", "fake", "generator"])
@pytest.mark.parametrize("name", ALL)
def test_value_and_gradient_are_the_papers(name, side):
    loss, x = getattr(ALL[name], side), jnp.asarray(X, jnp.float32)
    value, derivative = WANTED[name][side]
    np.testing.assert_allclose(loss(x), value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(jax.grad(lambda x: loss(x).sum())(x), derivative, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_the_discriminator_moves_scores_apart_towards_its_sign_and_the_generator_follows_real(name):
    scores = jnp.linspace(-0.9, 0.9, 7)
    real, fake, generator = (jax.grad(lambda x, f=f: f(x).sum())(scores) * ALL[name].sign for f in ALL[name][:3])
    assert (np.asarray(real) < 0).all() and (np.asarray(generator) < 0).all()
    if name != "least_squares":  # whose target of fake examples, 0, lies among these scores
        assert (np.asarray(fake) > 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_at_the_optimal_discriminator_the_game_is_worth_two_jensen_shannon_divergences_less_log_four(seed):
    """Goodfellow et al., 2014, theorem 1: V(G, D*) = -log 4 + 2 JSD(p || q), and D* = p / (p + q) is where D stops learning."""
    p, q = np.random.default_rng(seed).dirichlet(np.ones(9), size=2)
    m = (p + q) / 2
    jsd = (p * np.log(p / m)).sum() / 2 + (q * np.log(q / m)).sum() / 2
    loss, optimal = LOSSES["minimax"], jnp.log(jnp.asarray(p)) - jnp.log(jnp.asarray(q))  # the logit of p / (p + q)

    def value(x):
        return -(jnp.asarray(p) * loss.real(x) + jnp.asarray(q) * loss.fake(x)).sum()

    np.testing.assert_allclose(value(optimal), -np.log(4) + 2 * jsd, rtol=1e-5)
    np.testing.assert_allclose(jax.grad(value)(optimal), 0, atol=1e-6)
    assert value(optimal + 0.3) < value(optimal) > value(optimal - 0.3)


def test_where_the_discriminator_wins_minimax_is_flat_and_the_other_losses_are_not():
    lost = jnp.asarray([-20.0])
    slope = {name: abs(float(jax.grad(lambda x, f=f: f.generator(x).sum())(lost)[0])) for name, f in LOSSES.items()}
    assert slope.pop("minimax") < 1e-8
    assert min(slope.values()) > 0.99
