"""U-Net and patch discriminator: shapes, the skip connections, how far a patch sees."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.models.net import Net
from dlcv.models.translation import PatchDiscriminator, UNet

KEY = jax.random.key(0)


def test_an_answer_has_the_sources_size_and_the_images_channels():
    net, source, z = Net(UNet(3, 4)), jax.random.normal(KEY, (2, 32, 32, 1)), jnp.zeros((2, 5))
    params, stats = net.init(KEY, source, z, train=False)
    answer, _ = net(params, stats, source, z)
    assert answer.shape == (2, 32, 32, 3) and jnp.abs(answer).max() <= 1
    other, _ = net(params, stats, source, z + 1)
    assert jnp.abs(answer - other).max() > 1e-6


def test_skips_carry_detail_past_the_narrow_middle():
    """With the middle cut off, the answer still depends on the source."""
    net, source, z = Net(UNet(1, 4)), jax.random.normal(KEY, (1, 32, 32, 1)), jnp.zeros((1, 0))
    params, stats = net.init(KEY, source, z, train=False)
    params = {**params, "middle": jax.tree.map(jnp.zeros_like, params["middle"])}
    answers = [net(params, stats, x, z)[0] for x in (source, jnp.zeros_like(source))]
    assert jnp.abs(answers[0] - answers[1]).max() > 1e-6


@pytest.mark.parametrize(("halvings", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_a_score_sees_its_patch_alone(halvings, patch):
    """The paper's 70 pixels at three strided convolutions."""
    net, pair = Net(PatchDiscriminator(2, halvings)), jax.random.normal(KEY, (1, 96, 96, 2))
    params, stats = net.init(KEY, pair, train=False)

    def score(pair):
        scores = net(params, stats, pair)[0]
        return scores[0, scores.shape[1] // 2, scores.shape[2] // 2]

    seen = np.abs(jax.grad(score)(pair)[0]).sum(-1) > 0
    rows, columns = (np.flatnonzero(seen.any(axis)) for axis in (1, 0))
    assert rows[-1] - rows[0] + 1 == columns[-1] - columns[0] + 1 == patch
