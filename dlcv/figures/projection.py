"""Features of several domains in one plane, coloured by domain and by class."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot


def _plane(points: np.ndarray, method: str) -> np.ndarray:
    """[N, D] to [N, 2]: "pca", or "tsne" (van der Maaten and Hinton, Visualizing Data using t-SNE, 2008) of 30 principal axes."""
    points = points - points.mean(0)
    axes = np.linalg.svd(points, full_matrices=False)[2]
    if method == "pca":
        return points @ axes[:2].T
    from sklearn.manifold import TSNE

    reduced = points @ axes[:30].T
    return TSNE(perplexity=min(30, len(points) / 4), init="pca", max_iter=500, random_state=0).fit_transform(reduced)


def panels(
    axes, features: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray], method: str, title: str = ""
) -> None:
    """Two panels: by domain, by class (the first domain's points are circles, the second's crosses)."""
    names = list(features)
    plane = _plane(np.concatenate([features[name] for name in names]), method)
    domain = np.concatenate([np.full(len(features[name]), index) for index, name in enumerate(names)])
    classes = np.concatenate([labels[name] for name in names])
    for index, name in enumerate(names):
        here = domain == index
        marker = dict(marker="o" if index == 0 else "x", s=9, linewidths=0.8, alpha=0.7)
        axes[0].scatter(*plane[here].T, color=("tab:blue", "tab:orange", "tab:green")[index % 3], label=name, **marker)
        dots = axes[1].scatter(*plane[here].T, c=classes[here], cmap="tab10", vmin=-0.5, vmax=9.5, **marker)
    axes[0].legend(fontsize=8, frameon=False)
    axes[0].set_title(f"{title}coloured by domain", fontsize=10)
    axes[1].set_title(f"{title}coloured by class", fontsize=10)
    axes[0].figure.colorbar(dots, ax=axes[1], ticks=range(int(classes.max()) + 1), label="class")
    for axis in axes:
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_xlabel({"pca": "principal axis 1", "tsne": "t-SNE 1"}[method], fontsize=8)
        axis.set_ylabel({"pca": "principal axis 2", "tsne": "t-SNE 2"}[method], fontsize=8)


def draw(features: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray], method: str = "pca"):
    """Features {domain: [N, D]} with labels {domain: [N]}."""
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.4))
    panels(axes, features, labels, method)
    return figure
