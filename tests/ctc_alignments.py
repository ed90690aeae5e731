"""CTC by its definition, for the loss and the decoders: every alignment of classes with frames, one class a frame."""

from itertools import product

import numpy as np


def collapsed(alignment) -> tuple[int, ...]:
    """Repeats merged, then blanks dropped."""
    merged = [label for i, label in enumerate(alignment) if i == 0 or label != alignment[i - 1]]
    return tuple(label for label in merged if label)


def log_probabilities(logits_TC) -> dict[tuple[int, ...], float]:
    """Of every label sequence, the sum over all its alignments."""
    p = np.exp(logits_TC.astype(np.float64))
    p /= p.sum(1, keepdims=True)
    found: dict[tuple[int, ...], float] = {}
    for alignment in product(range(p.shape[1]), repeat=len(p)):
        labels = collapsed(alignment)
        found[labels] = found.get(labels, 0) + np.prod([p[t, label] for t, label in enumerate(alignment)])
    return {labels: np.log(mass) for labels, mass in found.items()}
