"""The smallest character model worked step by step: four letters, three hidden units, "hell" read, "ello" wanted.

After Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015, whose figure gives hidden states and scores but
no weights: `lecture_weights` solves for weights that lead to the very figure.
"""

from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

LETTERS = "helo"
HIDDEN = 3
# The figure's numbers, a row a letter read; tanh reaches its 1.0 only when rounded.
FIGURE_HIDDEN = ((0.3, -0.1, 0.9), (1.0, 0.3, 0.1), (0.1, -0.5, -0.3), (-0.3, 0.9, 0.7))
FIGURE_SCORES = ((1.0, 2.2, -3.0, 4.1), (0.5, 0.3, -1.0, 1.2), (0.1, 0.5, 1.9, -1.1), (0.2, -1.5, -0.1, 2.2))


class ToyWeights(NamedTuple):
    """V = 4 letters, H = 3 hidden units."""

    input_HV: Float[Array, "H V"]
    recurrent_HH: Float[Array, "H H"]
    output_VH: Float[Array, "V H"]
    bias_V: Float[Array, "V"]


class Step(NamedTuple):
    """What one step computes, in the order in which it is computed."""

    letter: str
    one_hot_V: np.ndarray
    hidden_H: np.ndarray
    scores_V: np.ndarray
    probabilities_V: np.ndarray
    target: str
    nats: float


def steps(weights: ToyWeights, text: str = "hello") -> list[Step]:
    """Every step over the text: h = tanh(W_xh x + W_hh h), y = W_hy h + b, p = softmax(y), -log p of the letter that follows."""
    hidden, found = np.zeros(len(weights.recurrent_HH)), []
    for letter, target in pairwise(text):
        one_hot = np.eye(len(LETTERS))[LETTERS.index(letter)]
        hidden = np.tanh(weights.input_HV @ one_hot + weights.recurrent_HH @ hidden)
        scores = np.asarray(weights.output_VH @ hidden + weights.bias_V)
        probabilities = np.exp(scores - scores.max())
        probabilities = probabilities / probabilities.sum()
        nats = -float(np.log(probabilities[LETTERS.index(target)]))
        found.append(Step(letter, one_hot, np.asarray(hidden), scores, probabilities, target, nats))
    return found


def lecture_weights() -> ToyWeights:
    """The weights of least norm that give the figure's hidden states (its 1.0 as 0.995) and scores.

    Two steps read the same letter l, so that W_hh (h_3 - h_2) = atanh h_4 - atanh h_3 and W_hh of least norm has rank one; each row of
    (W_hy, b) is what maps four hidden states to the letter's four scores.
    """
    h = np.clip(np.array(FIGURE_HIDDEN), -0.995, 0.995)
    before_tanh = np.arctanh(h)
    change = h[2] - h[1]
    recurrent = np.outer(before_tanh[3] - before_tanh[2], change) / (change @ change)
    past = np.vstack([np.zeros(HIDDEN), h[:-1]])
    inputs = (before_tanh - past @ recurrent.T)[[0, 1, 2]]  # of h, e and l, in the order read
    output = np.linalg.solve(np.hstack([h, np.ones((4, 1))]), np.array(FIGURE_SCORES)).T
    return ToyWeights(np.vstack([inputs, np.zeros(HIDDEN)]).T, recurrent, output[:, :HIDDEN], output[:, HIDDEN])


def nats(weights: ToyWeights, text: str = "hello") -> Float[Array, ""]:
    """The mean over steps of what `steps` gives, as JAX differentiates it."""
    weights = ToyWeights(*map(jnp.asarray, weights))
    places = jnp.array([LETTERS.index(letter) for letter in text])

    def one(hidden, place):
        hidden = jnp.tanh(weights.input_HV[:, place] + weights.recurrent_HH @ hidden)
        return hidden, jax.nn.log_softmax(weights.output_VH @ hidden + weights.bias_V)

    _, log_p = jax.lax.scan(one, jnp.zeros(len(weights.recurrent_HH)), places[:-1])
    return -jnp.take_along_axis(log_p, places[1:, None], 1).mean()


def learned(weights: ToyWeights, rate: float = 0.5, updates: int = 100, text: str = "hello") -> ToyWeights:
    """The weights after gradient descent on `nats`."""

    def update(weights, _):
        return jax.tree.map(lambda w, g: w - rate * g, weights, jax.grad(nats)(weights, text)), None

    return jax.lax.scan(update, ToyWeights(*map(jnp.asarray, weights)), None, length=updates)[0]
