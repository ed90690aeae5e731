"""The generator's gradient against the strength of its discriminator."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot


def draw(
    updates: Sequence[int],
    gradient_norm: Mapping[str, Sequence[Sequence[float]]],
    told: Mapping[str, Sequence[Sequence[float]]],
):
    """{loss: one curve over the updates a seed}; lines are geometric means of norms and means of shares, bands the range over seeds."""
    figure, (norms, shares) = pyplot.subplots(1, 2, figsize=(9, 3.6), width_ratios=(2, 1))
    for index, label in enumerate(gradient_norm):
        for axis, curves, mean in (
            (norms, np.log(gradient_norm[label]), np.exp),
            (shares, 100 * np.asarray(told[label]), np.asarray),
        ):
            axis.plot(updates, mean(curves.mean(0)), color=f"C{index}", marker=".", label=label)
            axis.fill_between(
                updates, mean(curves.min(0)), mean(curves.max(0)), color=f"C{index}", alpha=0.2, linewidth=0
            )
    norms.set(yscale="log", ylabel="norm of the generator's gradient", xlabel="updates of the discriminator alone")
    shares.set(ylabel="pairs told right, %", xlabel="updates of the discriminator alone", ylim=(0, 104))
    norms.legend(fontsize=8, frameon=False)
    count = len(next(iter(gradient_norm.values())))
    figure.suptitle(f"the generator stands still; mean and range of {count} seed{'s' * (count != 1)}", fontsize=10)
    figure.tight_layout()
    return figure
