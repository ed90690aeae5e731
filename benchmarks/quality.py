"""Scores of samples at the size of a paper's evaluation: seconds of each, and of the same from scikit-learn where it has it.

    python benchmarks/quality.py [--examples=10000] [--features=64] [--rounds=3] [--threads=2] [--output=quality.json]

Fake and real features are draws of two Gaussians. `first` is the first call, compilation included (with an empty cache). The peer of
precision, recall, density and coverage is the same formulas on scikit-learn's whole distance matrix, N x N at once.
"""

import argparse
import json
import os
import resource
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np


def of_scikit_learn(fake: np.ndarray, real: np.ndarray, k: int = 5) -> dict[str, float]:
    from sklearn.metrics import pairwise_distances

    fake_radius, real_radius = (np.partition(pairwise_distances(x), k, axis=1)[:, k] for x in (fake, real))
    distance = pairwise_distances(real, fake)
    inside = distance < real_radius[:, None]
    return {
        "precision": inside.any(0).mean(), "recall": (distance <= fake_radius).any(1).mean(),
        "density": inside.sum(0).mean() / k, "coverage": inside.any(1).mean(),
    }  # fmt: skip


def timed(function, *sets) -> tuple[float, float]:
    """Seconds on the wall and of all threads: the latter hardly change where other processes share the cores."""
    begun = time.perf_counter(), time.process_time()
    function(*sets)
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # before XLA and BLAS count the cores
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    from dlcv.quality.bins import compared, k_means
    from dlcv.quality.frechet import frechet_distance
    from dlcv.quality.kernel import kernel_distance
    from dlcv.quality.prdc import prdc

    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, options.examples, options.features), np.float32)
    fake = 0.9 * fake + 0.1
    rows = {
        "frechet": frechet_distance, "kernel": kernel_distance,
        "bins": lambda fake, real: compared(fake, real, k_means(real, 100)), "prdc": prdc,
        "prdc of scikit-learn": of_scikit_learn,
    }  # fmt: skip
    ours, theirs = prdc(fake[:2000], real[:2000]), of_scikit_learn(fake[:2000], real[:2000])
    np.testing.assert_allclose([ours[name] for name in theirs], list(theirs.values()), rtol=1e-3)
    found = []
    for name, function in rows.items():
        first, _ = timed(function, fake, real)
        times = [timed(function, fake, real) for _ in range(options.rounds)]
        seconds, threads = (statistics.median(column) for column in zip(*times, strict=True))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found.append(
            {"score": name, "seconds": seconds, "of_threads": threads, "first": first, "peak_mib_so_far": peak}
        )
        print(
            f"{name:22}{seconds:8.2f} s{threads:8.2f} s of threads{first:8.2f} s first{peak:8.0f} MiB so far",
            flush=True,
        )
    if options.output:
        conditions = {
            "examples": options.examples, "features": options.features, "threads": options.threads, "cores": os.cpu_count(),
            "load": os.getloadavg()[0], "versions": {name: version(name) for name in ("jax", "numpy", "scikit-learn")},
        }  # fmt: skip
        options.output.write_text(json.dumps({**conditions, "rows": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
