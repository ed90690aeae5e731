"""Closed-form adaptation against skada's and POT's own classes: the same task, embedded by both, then timed in turn.

    python benchmarks/shallow.py [--data_dir=DATA] [--task=A->W] [--rounds=5] [--threads=2] [--output=shallow.json]

With --data_dir the tasks are the 12 of Office+Caltech on SURF (800 features; C->A is 1,123 samples to 958), or the one given, else those
of the embedded digits (256 pixels). Both sides get the same prepared arrays and the same dimension and penalties, and return both
domains embedded. Times are sums over the tasks. Rounds alternate; the ratio is that of the medians, ours over theirs, its spread the
quartiles over the rounds. `first` are our first calls, compilation included (with an empty cache). Accuracies are those of
1-nearest-neighbour on what each side returned, averaged over the tasks: regularisation differs where the classes differ (CORAL
shrinks its covariance in skada, its algorithm adds a ridge), and skada's SA has the randomised PCA of scikit-learn, ours the exact one.
"""

import argparse
import itertools
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Embed = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def of_skada(name: str, **settings) -> Embed:
    def embed(source, labels, target):
        import skada

        both = np.concatenate([source, target])
        domain = np.repeat([1, -2], [len(source), len(target)])
        masked = np.concatenate([labels, np.full(len(target), -1)])  # skada's mark of an unlabelled sample
        found = getattr(skada, name)(**settings).fit_transform(both, masked, sample_domain=domain)
        return found[: len(source)], found[len(source) :]

    return embed


def of_pot(**settings) -> Embed:
    def embed(source, labels, target):
        import ot

        plan = ot.da.SinkhornL1l2Transport(**settings).fit(Xs=source, ys=labels, Xt=target)
        return plan.transform(Xs=source), target

    return embed


# row -> (our method, our settings, the peer's class, the peer)
ROWS = {
    "TCA": ("tca", dict(dim=30, weight=1.0), "skada TransferComponentAnalysisAdapter",
            of_skada("TransferComponentAnalysisAdapter", kernel="linear", n_components=30, mu=1.0)),
    "SA": ("sa", dict(dim=30), "skada SubspaceAlignmentAdapter", of_skada("SubspaceAlignmentAdapter", n_components=30)),
    "CORAL": ("coral", dict(ridge=1e-3), "skada CORALAdapter", of_skada("CORALAdapter", reg=0.1)),
    "OT-GL": ("ot_gl", dict(entropy=0.05, group=0.1), "POT SinkhornL1l2Transport",
              of_pot(reg_e=0.05, reg_cl=0.1, norm="max", max_iter=10)),
}  # fmt: skip


def ours(method: str, settings: dict) -> Embed:
    def embed(source, labels, target):
        from dlcv import shallow

        found = shallow.fit(method, source, labels, target, **settings)
        return found.source, found.target

    return embed


def compare(name: str, tasks: Sequence[tuple], rounds: int) -> dict[str, Any]:
    """One row: accuracies, our first calls, medians, their ratio and its quartiles."""
    from dlcv.shallow import classifiers

    method, settings, peer, theirs = ROWS[name]
    sides, accuracy, first = (ours(method, settings), theirs), [], []
    for side in sides:
        embedded, seconds = timed(side, tasks)
        first.append(seconds)
        right = [
            np.mean(classifiers.nearest_neighbour(zs, source.labels, zt) == target.labels)
            for (zs, zt), (source, target) in zip(embedded, tasks, strict=True)
        ]
        accuracy.append(100 * float(np.mean(right)))
    times = [[timed(side, tasks)[1] for side in sides] for _ in range(rounds)]
    mine, other = (statistics.median(side) for side in zip(*times, strict=True))
    low, _, high = statistics.quantiles([a / b for a, b in times], n=4)
    return {
        "method": name, "peer": peer, "ours_ms": 1e3 * mine, "peer_ms": 1e3 * other, "ratio": mine / other, "quartiles": [low, high],
        "first_ms": 1e3 * first[0], "peer_first_ms": 1e3 * first[1], "accuracy": accuracy[0], "peer_accuracy": accuracy[1],
    }  # fmt: skip


def timed(side: Embed, tasks) -> tuple[list, float]:
    """(both domains embedded, for every task; the seconds of all)."""
    begun = time.perf_counter()
    embedded = [side(source.features, source.labels, target.features) for source, target in tasks]
    return embedded, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_dir", help="folder of data sets, for Office+Caltech")
    parser.add_argument("--task", help="one task, such as C->A; default: every pair of domains")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # before XLA and BLAS count the cores
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    warnings.filterwarnings("ignore")  # of the peers: tests hold ours against warnings
    from dlcv.studies.adaptation_table import domains

    features = "surf" if options.data_dir else "digits"
    found = domains.load((features,), options.data_dir)[0][features]
    pairs = [options.task.split("->")] if options.task else list(itertools.permutations(found, 2))
    tasks = [tuple(found[letter] for letter in pair) for pair in pairs]
    rows = []
    print(f"{'':7}{'ours ms':>9}{'peer ms':>9}{'ratio':>7}  {'quartiles':14}{'first ms':>9}  {'accuracy':14}peer")
    for name in ROWS:
        row = compare(name, tasks, options.rounds)
        rows.append(row)
        low, high = row["quartiles"]
        print(
            f"{name:7}{row['ours_ms']:9.0f}{row['peer_ms']:9.0f}{row['ratio']:7.2f}  {low:.2f} to {high:<6.2f}{row['first_ms']:9.0f}"
            f"  {row['accuracy']:.1f} / {row['peer_accuracy']:<7.1f}{row['peer']}",
            flush=True,
        )
    if options.output:
        conditions = {
            "features": features, "tasks": ["->".join(pair) for pair in pairs],
            "samples": {letter: list(domain.features.shape) for letter, domain in found.items()},
            "threads": options.threads, "cores": os.cpu_count(), "load": os.getloadavg()[0], "rounds": options.rounds,
            "versions": {name: version(name) for name in ("jax", "numpy", "skada", "POT")},
        }  # fmt: skip
        options.output.write_text(json.dumps({**conditions, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
