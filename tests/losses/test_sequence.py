"""Cross-entropy under a mask against a loop; the schedules by which truth is shown."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.losses.sequence import FORCING, masked_cross_entropy, truth_probability


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_nats_equal_a_loop_and_padding_counts_nothing(smoothing):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 5)).astype(np.float32)
    tokens, lengths = np.array([[4, 1, 2], [3, 0, 0]]), [3, 1]
    mask = np.arange(3) < np.array(lengths)[:, None]
    nats, weights = masked_cross_entropy(jnp.asarray(logits), jnp.asarray(tokens), jnp.asarray(mask), smoothing)
    for row, length in enumerate(lengths):
        for time in range(length):
            share = np.exp(logits[row, time]) / np.exp(logits[row, time]).sum()
            truth = (1 - smoothing) * np.eye(5)[tokens[row, time]] + smoothing / 5
            np.testing.assert_allclose(nats[row, time], -(truth * np.log(share)).sum(), rtol=1e-5)
    assert weights.tolist() == mask.astype(float).tolist() and not nats[~mask].any()
    gradient = jax.grad(lambda x: masked_cross_entropy(x, jnp.asarray(tokens), jnp.asarray(mask))[0].sum())(
        jnp.asarray(logits)
    )
    assert not gradient[~mask].any() and np.abs(gradient[mask]).min() > 0


def test_schedules_fall_from_truth_to_guesses():
    steps = np.arange(0, 1001, 50)
    for forcing in FORCING:
        found = np.array([float(truth_probability(forcing, int(step), 1000)) for step in steps])
        assert (np.diff(found) <= 0).all() and (found >= 0).all() and (found <= 1).all()
        assert found[0] > 0.99 or forcing == "never"
        assert found[-1] < 0.01 or forcing == "always"
    assert float(truth_probability("linear", 250, 1000)) == 0.75
    # Bengio et al., 2015: k / (k + exp(i / k')), with k' = steps / 12 and k = e^6
    expected = np.exp(6) / (np.exp(6) + np.exp(300 / (1000 / 12)))
    np.testing.assert_allclose(truth_probability("inverse_sigmoid", 300, 1000), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="expected one of always"):
        truth_probability("sometimes", 0, 10)
