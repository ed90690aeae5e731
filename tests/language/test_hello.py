"""The toy of four letters on its lecture's numbers, its gradient by finite differences, and that it learns."""

import jax
import numpy as np

from dlcv.language.hello import FIGURE_HIDDEN, FIGURE_SCORES, learned, lecture_weights, nats, steps

# p of h, e, l, o at each step as the lecture prints them (its .03 and .02 are cut, not rounded)
PRINTED = ((0.03, 0.13, 0.00, 0.84), (0.25, 0.20, 0.05, 0.50), (0.11, 0.17, 0.68, 0.03), (0.11, 0.02, 0.08, 0.79))


def test_the_weights_lead_to_the_figures_numbers():
    found = steps(lecture_weights())
    assert "".join(step.letter for step in found) == "hell" and "".join(step.target for step in found) == "ello"
    np.testing.assert_allclose([step.hidden_H for step in found], FIGURE_HIDDEN, atol=0.0051)
    np.testing.assert_allclose([step.scores_V for step in found], FIGURE_SCORES, atol=1e-9)
    np.testing.assert_allclose([step.probabilities_V for step in found], PRINTED, atol=0.0101)
    assert [step.probabilities_V.argmax() for step in found] == [3, 3, 2, 3]  # "o" where "e" is wanted, first


def test_the_cost_is_the_mean_of_the_steps():
    weights = lecture_weights()
    by_hand = np.mean([-np.log(step.probabilities_V["helo".index(step.target)]) for step in steps(weights)])
    np.testing.assert_allclose(nats(weights), by_hand, rtol=1e-6)
    np.testing.assert_allclose(steps(weights)[0].nats, -np.log(0.125), atol=0.01)


def test_gradient_descent_spells_hello():
    weights = learned(lecture_weights())
    found = steps(jax.tree.map(np.asarray, weights))
    assert "".join("helo"[step.probabilities_V.argmax()] for step in found) == "ello"
    assert nats(weights) < 0.1 < nats(lecture_weights())


def test_its_gradient_is_that_of_finite_differences():
    with jax.enable_x64(True):
        weights = lecture_weights()
        gradient = jax.grad(nats)(weights)
        for name in weights._fields:
            value, shift = getattr(weights, name), np.zeros(getattr(weights, name).shape)
            place = tuple(np.array(value.shape) - 1)
            shift[place] = 1e-5
            up, down = (nats(weights._replace(**{name: value + sign * shift})) for sign in (1, -1))
            np.testing.assert_allclose(getattr(gradient, name)[place], (up - down) / 2e-5, rtol=1e-6, atol=1e-9)
