"""Stacked digits: a judge of single digits reads the channels in their order, modes and KL count what it read."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine.task import Variables
from dlcv.tasks import judging


class Brightest:
    """Stands for a network: the class of a channel is its brightness."""

    def __call__(self, params, stats, images):
        value = jnp.round(images[:, 0, 0, 0]).astype(int)
        return (jax.nn.one_hot(value, 10), {"features": images}), stats


def test_channels_are_read_as_hundreds_tens_and_ones():
    images = jnp.zeros((2, 4, 4, 3)).at[0].set(jnp.array([7.0, 0.0, 3.0])).at[1].set(jnp.array([0.0, 4.0, 2.0]))
    variables = Variables({judging.SUBTREE: {"0": {}}}, {judging.SUBTREE: {"0": {}}})
    found = judging.ChannelJudge(Brightest(), (4, 4, 1), tuple("0123456789")).outputs(variables, fake=images)
    np.testing.assert_array_equal(found["fake_modes"], [703, 42])


def test_modes_and_kl():
    fake, real = np.repeat(np.arange(10), 100), np.arange(1000)
    view = SimpleNamespace(outputs={"valid": {"fake_modes": fake, "real_modes": real}}, info={"classes": range(1000)})
    found = judging.stacked(view)
    assert (found["modes"], found["modes_real"]) == (10, 1000)
    assert found["kl"] == pytest.approx(np.log(100)) and found["kl_real"] == pytest.approx(0, abs=1e-9)
