"""CTC against the sum over all alignments, its gradient against finite differences, both against torch."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ctc_alignments import collapsed, log_probabilities

from dlcv.losses import ctc as losses

rng = np.random.default_rng(0)
ctc = jax.jit(losses.ctc)
LOGITS = rng.normal(size=(4, 5, 3)).astype(np.float32) * 2
FRAMES, LABELS, LENGTHS = np.array([5, 3, 5, 4]), np.array([[1, 2], [2, 2], [1, 0], [0, 0]]), np.array([2, 2, 1, 0])


def loss(logits):
    return ctc(logits, jnp.asarray(FRAMES), jnp.asarray(LABELS), jnp.asarray(LENGTHS))


def test_ctc_is_the_sum_over_all_alignments():
    expected = [
        -log_probabilities(LOGITS[i, : FRAMES[i]])[tuple(LABELS[i, : LENGTHS[i]].tolist())] for i in range(4)
    ]  # a repeated label needs a blank between; the last one has no label at all
    np.testing.assert_allclose(loss(jnp.asarray(LOGITS)), expected, rtol=1e-5)


def test_all_label_sequences_have_probability_one():
    sequences = {collapsed(alignment) for alignment in product(range(3), repeat=4)}
    labels, lengths = np.zeros((len(sequences), 4), int), np.array([len(found) for found in sequences])
    for row, found in enumerate(sequences):
        labels[row, : len(found)] = found
    logits = np.broadcast_to(LOGITS[:1, :4], (len(sequences), 4, 3))
    nats = ctc(jnp.asarray(logits), jnp.full(len(sequences), 4), jnp.asarray(labels), jnp.asarray(lengths))
    assert float(jnp.exp(-nats).sum()) == pytest.approx(1, abs=1e-5)


def test_the_gradient_is_that_of_finite_differences_and_none_behind_the_last_frame():
    with jax.enable_x64(True):
        gradient = np.asarray(jax.grad(lambda x: loss(x).sum())(jnp.asarray(LOGITS)))
    for place in [(0, 0, 0), (0, 4, 2), (1, 1, 2), (2, 3, 1), (3, 2, 0)]:
        moved = LOGITS.astype(np.float64)
        sides = []
        for step in (1e-5, -1e-5):
            moved[place] += step
            i = place[0]
            sides.append(-log_probabilities(moved[i, : FRAMES[i]])[tuple(LABELS[i, : LENGTHS[i]].tolist())])
            moved[place] -= step
        assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-4)
    assert (gradient[1, 3:] == 0).all() and (gradient[3, 4:] == 0).all()


def test_labels_that_do_not_fit_cost_infinitely_much_and_move_nothing():
    """Two equal labels need three frames."""
    arguments = (jnp.array([2]), jnp.array([[1, 1]]), jnp.array([2]))
    value, gradient = jax.value_and_grad(lambda x: ctc(x, *arguments).sum())(jnp.asarray(LOGITS[:1]))
    assert value == jnp.inf and (gradient == 0).all()


@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.peers
def test_values_and_gradients_are_torchs(scale):
    import torch

    B, T, C, L = 6, 40, 11, 7
    logits = (rng.normal(size=(B, T, C)) * scale).astype(np.float32)
    frames, lengths = rng.integers(25, T + 1, B), rng.integers(0, L + 1, B)
    labels = rng.integers(1, C, (B, L))

    mine = torch.tensor(logits, dtype=torch.float64, requires_grad=True)  # in float32 its gradients are off by 3e-4
    logp = torch.nn.functional.log_softmax(mine, -1).transpose(0, 1)
    theirs = torch.nn.functional.ctc_loss(
        logp, torch.tensor(labels), torch.tensor(frames), torch.tensor(lengths), reduction="none"
    )
    theirs.sum().backward()
    arguments = (jnp.asarray(frames), jnp.asarray(labels), jnp.asarray(lengths))
    np.testing.assert_allclose(ctc(jnp.asarray(logits), *arguments), theirs.detach(), rtol=2e-5)
    gradient = jax.jit(jax.grad(lambda x: losses.ctc(x, *arguments).sum()))(jnp.asarray(logits))
    np.testing.assert_allclose(gradient, mine.grad, atol=1e-4)
