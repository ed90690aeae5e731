"""Small domains whose shift is known, shared by the tests of closed-form adaptation."""

import numpy as np


def shifted_classes(seed: int = 0, per_class: int = 20, width: int = 6, move: float = 2.0):
    """Two classes 2 apart along axis 0; the target moves by `move` along axes 0 and 1, so that raw 1-NN calls all of it class 1."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], per_class)
    source, target = rng.normal(0, 0.1, (2, 2 * per_class, width))
    for x in (source, target):
        x[:, 0] += 2.0 * labels - 1.0
    target[:, :2] += move
    return source, labels, target, labels


def blobs(seed: int = 0, classes: int = 3, per_class: int = 8, width: int = 12, targets: int = 20):
    """Gaussian classes, the target of another spread and mean: nothing degenerate, nothing symmetric."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 2, (classes, width))
    labels = rng.permutation(np.repeat(np.arange(classes), per_class))
    of_target = rng.integers(0, classes, targets)
    source = centres[labels] + rng.normal(0, 1, (len(labels), width))
    target = centres[of_target] + rng.normal(0, 1.3, (targets, width)) + rng.normal(0, 1, width)
    return source, labels, target, of_target


def mmd_columns(labels, pseudo, classes):
    """The MMD matrices as their papers write them: M_0 and the list of M_c, entry by entry."""
    sources, count = len(labels), len(labels) + len(pseudo)
    both = np.concatenate([labels, pseudo])
    e = np.where(np.arange(count) < sources, 1 / sources, -1 / len(pseudo))
    by_class = []
    for c in range(classes):
        column = np.zeros(count)
        for i in range(count):
            if both[i] == c:
                column[i] = 1 / np.sum(labels == c) if i < sources else -1 / np.sum(pseudo == c)
        by_class.append(np.outer(column, column))
    return np.outer(e, e), by_class
