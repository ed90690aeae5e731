"""Fréchet distance, kernel distance and inception score against torchmetrics, on the same features and probabilities."""

import numpy as np
import pytest

from dlcv.quality.frechet import frechet_distance
from dlcv.quality.inception_score import inception_score
from dlcv.quality.kernel import kernel_distance

pytestmark = pytest.mark.peers
rng = np.random.default_rng(0)
WIDTH = 24


def features(count, shift=0.0):
    """Correlated, of unit spread as ours standardises them by the real set's."""
    return (rng.normal(size=(count, WIDTH)) @ MIXED + shift).astype(np.float32)


MIXED = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0] * np.linspace(0.5, 2, WIDTH)


@pytest.fixture
def given():
    """A network that gives its input: torchmetrics then sees our features."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchmetrics")
    module = torch.nn.Identity()
    module.num_features = WIDTH
    return torch, module


@pytest.mark.filterwarnings("ignore")
def test_frechet_distance(given):
    from torchmetrics.image.fid import FrechetInceptionDistance

    torch, module = given
    fake, real = features(700, 0.2), features(900)
    fake, real = fake / real.std(0), real / real.std(0)
    peer = FrechetInceptionDistance(feature=module, input_img_size=(WIDTH,)).set_dtype(torch.float64)
    for x, is_real in ((real, True), (fake, False)):
        peer.update(torch.from_numpy(x.astype(np.float64)), real=is_real)
    np.testing.assert_allclose(frechet_distance(fake, real), float(peer.compute()), rtol=1e-3)


@pytest.mark.filterwarnings("ignore")
def test_kernel_distance(given):
    from torchmetrics.image.kid import KernelInceptionDistance

    torch, module = given
    fake, real = features(300, 0.3), features(300)
    peer = KernelInceptionDistance(feature=module, subsets=1, subset_size=300)
    for x, is_real in ((real, True), (fake, False)):
        peer.update(torch.from_numpy(x), real=is_real)
    np.testing.assert_allclose(
        kernel_distance(fake, real, subsets=1, size=300).mean, float(peer.compute()[0]), rtol=1e-3
    )


@pytest.mark.filterwarnings("ignore")
def test_inception_score(given):
    from torchmetrics.image.inception import InceptionScore

    torch, module = given
    logits = 2 * features(400)
    peer = InceptionScore(feature=module, splits=1)
    peer.update(torch.from_numpy(logits))
    exponentials = np.exp(logits.astype(np.float64))
    wanted = float(peer.compute()[0])
    np.testing.assert_allclose(inception_score(exponentials / exponentials.sum(1, keepdims=True)), wanted, rtol=1e-3)
