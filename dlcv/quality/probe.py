"""What a linear map reads from frozen features."""

import numpy as np


def linear_probe(features: np.ndarray, labels: np.ndarray, ridge: float = 1e-2, seed: int = 0) -> float:
    """The accuracy of a ridge regression of one-hot labels on standardised features [N, D], in closed form.

    Fitted on one half of the rows, drawn by a fixed seed, measured on the other; the penalty is `ridge` a row. (Alain and Bengio,
    "Understanding Intermediate Layers Using Linear Classifier Probes", 2016, with squares for the cross-entropy.)
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    x_ND = np.asarray(features, np.float64)[order]
    y_N = np.asarray(labels)[order]
    half = len(y_N) // 2
    mean, spread = x_ND[:half].mean(0), x_ND[:half].std(0)
    x_ND = (x_ND - mean) / np.where(spread > 0, spread, 1)
    t_NC = np.eye(int(y_N.max()) + 1)[y_N[:half]]
    gram_DD = x_ND[:half].T @ x_ND[:half] + ridge * half * np.eye(x_ND.shape[1])
    w_DC = np.linalg.solve(gram_DD, x_ND[:half].T @ (t_NC - t_NC.mean(0)))
    predicted = (x_ND[half:] @ w_DC + t_NC.mean(0)).argmax(-1)
    return float((predicted == y_N[half:]).mean())
