"""Features of several domains in one plane, coloured by domain and by class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def plane(points: np.ndarray, method: str) -> np.ndarray:
    """[N, D] to [N, 2]: "pca", or "tsne" (van der Maaten and Hinton, Visualizing Data using t-SNE, 2008) of 30 principal axes."""
    points = points - points.mean(0)
    axes = np.linalg.svd(points, full_matrices=False)[2]
    if method == "pca":
        return points @ axes[:2].T
    from sklearn.manifold import TSNE

    reduced = points @ axes[:30].T
    return TSNE(perplexity=min(30, len(points) / 4), init="pca", max_iter=500, random_state=0).fit_transform(reduced)


def panels(
    axes, features: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray], method: str, title: str = "",
    class_names: Sequence[str] = (),
) -> None:  # fmt: skip
    """Two panels: by domain, by class (the first domain's points are circles, the others have marks of their own)."""
    names = list(features)
    placed = plane(np.concatenate([features[name] for name in names]), method)
    domain = np.concatenate([np.full(len(features[name]), index) for index, name in enumerate(names)])
    classes = np.concatenate([labels[name] for name in names])
    for index, name in enumerate(names):
        here = domain == index
        marker = dict(marker="ox+^"[index % 4], s=9, linewidths=0.8, alpha=0.7)
        axes[0].scatter(*placed[here].T, color=f"C{index}", label=name, **marker)
        dots = axes[1].scatter(*placed[here].T, c=classes[here], cmap="tab10", vmin=-0.5, vmax=9.5, **marker)
    axes[0].legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=4)
    axes[0].set_title(f"{title}coloured by domain", fontsize=10)
    axes[1].set_title(f"{title}coloured by class", fontsize=10)
    bar = axes[0].figure.colorbar(dots, ax=axes[1], label="" if class_names else "class")
    present = range(int(classes.max()) + 1)
    bar.set_ticks(
        list(present), labels=[class_names[index] if class_names else str(index) for index in present], fontsize=8
    )
    for axis in axes:
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_xlabel({"pca": "principal axis 1", "tsne": "t-SNE 1"}[method], fontsize=8)
        axis.set_ylabel({"pca": "principal axis 2", "tsne": "t-SNE 2"}[method], fontsize=8)


def draw(
    features: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray], method: str = "pca",
    class_names: Sequence[str] = (),
):  # fmt: skip
    """Features {domain: [N, D]} with labels {domain: [N]}, and what the labels are called."""
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.4))
    panels(axes, features, labels, method, class_names=class_names)
    return figure
