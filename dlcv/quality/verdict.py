"""What features and class probabilities of one classifier say of a set of samples beside a set of real images."""

from collections.abc import Mapping

import numpy as np

from dlcv.quality.bins import compared, k_means
from dlcv.quality.distances import scale
from dlcv.quality.diversity import within_classes
from dlcv.quality.frechet import frechet_distance
from dlcv.quality.inception_score import inception_score
from dlcv.quality.kernel import KernelDistance, kernel_distance
from dlcv.quality.modes import reverse_kl
from dlcv.quality.neighbours import copying
from dlcv.quality.prdc import prdc

NEIGHBOURS = 5  # that precision, recall, density and coverage look at
BINS, ROWS_A_BIN = 100, 10  # NDB's bins: that many at most, with so many real images each on average
COPIES = 1000  # samples and held-out images that are held against the training set


def verdict(fake: Mapping[str, np.ndarray], real: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Scores of {"features": [N, D], "classes": [N, K], "seeds": [N, J, D]} of samples against those of as many real images.

    `frechet` and `frechet_floor` are means over the features of J classifiers, their spread is `..._std`; all else is in those of the first.
    A random half of the samples stands beside the real images of the other rows: sample i may be asked to be like image i. `kid` (its spread
    over subsets is `kid_std`), `precision`, `recall`, `density`, `coverage`, `ndb` (the share of bins of the real half in which the shares
    differ), `jsd` of the bins (nats) and `diversity` (the mean distance between two samples) are in features over the real half's spread.
    In classes, `class_kl` is KL(samples || real) of the histograms in nats and `inception_score` is of this classifier; `classes` counts
    those that at least 2 % of the samples fall into. A floor is the other real half's. Raises ValueError for a set without five neighbours.
    """
    order, half = halves(len(real["features"]))
    first, second = (real["features"][rows] for rows in order)
    scaled = [features / scale(second) for features in (fake["features"][order[0]], first, second)]
    centres = k_means(scaled[2], max(1, min(BINS, half // ROWS_A_BIN)))
    bins, floor = (compared(features, scaled[2], centres) for features in scaled[:2])
    kid = _kid(scaled[0], scaled[2])
    predicted, one_class = fake["classes"].argmax(-1), np.zeros(half, int)
    share = np.bincount(predicted, minlength=fake["classes"].shape[-1]) / len(predicted)
    return {
        **distances(fake["seeds"], real["seeds"]),
        "confidence": float(fake["classes"].max(-1).mean()), "classes": int((share >= 0.02).sum()),
        "kid": kid.mean, "kid_std": kid.spread, "kid_floor": _kid(scaled[1], scaled[2]).mean, **prdc(scaled[0], scaled[2], NEIGHBOURS),
        "ndb": bins.share, "ndb_floor": floor.share, "jsd": bins.jsd, "jsd_floor": floor.jsd,
        "diversity": within_classes(scaled[0], one_class), "diversity_real": within_classes(scaled[2], one_class),
        "class_kl": class_kl(fake["classes"][order[0]], real["classes"][order[1]]),
        "inception_score": inception_score(fake["classes"][order[0]]),
    }  # fmt: skip


def halves(count: int) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """(rows of two random halves, always the same, how many each has)."""
    half, order = count // 2, np.random.default_rng(0).permutation(count)
    return (order[:half], order[half : 2 * half]), half


def distances(fake: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Fréchet distance of samples from a real half, and between both halves, in the features [N, J, D] of J classifiers: mean and spread."""
    (first, second), _ = halves(len(real))
    found = {"frechet": [], "frechet_floor": []}
    for seed in range(real.shape[1]):
        reference = real[second, seed]
        found["frechet"].append(frechet_distance(fake[first, seed], reference))
        found["frechet_floor"].append(frechet_distance(real[first, seed], reference))
    spread = {f"{name}_std": float(np.std(values, ddof=1)) for name, values in found.items() if len(values) > 1}
    return {name: float(np.mean(values)) for name, values in found.items()} | spread


def memorised(fake: np.ndarray, real: np.ndarray, train: np.ndarray) -> float:
    """`copying` of features [N, D], over the real set's spread, of some samples and held-out images."""
    spread, rows = scale(real), np.random.default_rng(0).permutation(len(real))[:COPIES]
    return copying(fake[rows] / spread, train / spread, real[rows] / spread)


def _kid(first: np.ndarray, second: np.ndarray) -> KernelDistance:
    return kernel_distance(first, second, subsets=50, size=min(1000, len(first) // 2))


def class_kl(fake: np.ndarray, real: np.ndarray) -> float:
    """KL(samples || real) in nats of the histograms of the likeliest class, from probabilities [N, classes].

    A class of the samples that no real image falls into counts there as half an image, so that the number stays finite.
    """
    counts = [np.bincount(found.argmax(-1), minlength=found.shape[-1]) for found in (fake, real)]
    counts[1] = np.where((counts[1] == 0) & (counts[0] > 0), 0.5, counts[1])
    return reverse_kl(*(count / count.sum() for count in counts))
