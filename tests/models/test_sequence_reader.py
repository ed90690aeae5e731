"""Every way of reading a sequence looks back only, and its outputs are asked for at the last steps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.sequence_reader import WAYS, sequence_reader


@pytest.mark.parametrize("way", WAYS)
def test_no_step_sees_a_later_one(way):
    x_BTD = np.random.default_rng(0).normal(size=(2, 9, 3)).astype(np.float32)
    module = sequence_reader(way, 5, asked=2, width=8, layers=2)
    params = jax.jit(lambda: module.init(jax.random.key(0), jnp.asarray(x_BTD), train=False))()
    apply = jax.jit(lambda x: module.apply(params, x, train=False))
    outputs, features_BTH = apply(x_BTD)
    changed = x_BTD.copy()
    changed[:, 6:] += 1
    _, other_BTH = apply(changed)
    assert outputs.shape == (2, 2, 5) and features_BTH.shape == (2, 9, 8)
    np.testing.assert_allclose(features_BTH[:, :6], other_BTH[:, :6], atol=1e-5)
    assert np.abs(features_BTH[:, 6:] - other_BTH[:, 6:]).max(-1).min() > 1e-4


def test_an_unknown_way_is_named():
    with pytest.raises(Misuse, match="did you mean 'attention'"):
        sequence_reader("atention", 2)
