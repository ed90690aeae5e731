"""A divergence between the domains' features beside the source's labels: DDC, DAN and Deep CORAL are rows of its options.

Sources: Tzeng, Hoffman, Zhang, Saenko and Darrell, "Deep Domain Confusion", 2014; Long, Cao, Wang and Jordan, "Learning
Transferable Features with Deep Adaptation Networks", 2015; Sun and Saenko, "Deep CORAL", 2016.
"""

from collections.abc import Callable, Mapping, Sequence

from dlcv.engine.task import Aux, Loss, Setup, Task
from dlcv.errors import unknown
from dlcv.losses.divergence import DIVERGENCES
from dlcv.tasks.dann import reversal_weight
from dlcv.tasks.source_only import Adaptation

# How much of its weight a loss has at a share of the run: all of it, or DANN's lambda_p.
SCHEDULES: Mapping[str, Callable] = {"constant": lambda progress: 1.0, "growing": reversal_weight}


def make(
    setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), augmentation: Sequence = (),
    divergence: str = "linear_mmd", layers: Sequence[str] = ("hidden_1",), weight: float = 0.25, schedule: str = "constant",
) -> Task:  # fmt: skip
    """cross-entropy + weight schedule(progress) sum over layers of divergence(source, target); one player owns everything.

    Layers are "features" (the encoder's), "hidden_1" ... (the label head's) and "logits". Raises Misuse for unknown names.
    """
    if divergence not in DIVERGENCES:
        raise unknown("divergence", divergence, DIVERGENCES)
    if schedule not in SCHEDULES:
        raise unknown("schedule", schedule, SCHEDULES)
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)
    compared = [shared.layer(name) for name in layers]

    def loss(params, stats, carry, batch, key, step):
        look = shared.look(params, stats, batch, key)
        source, target = look.layers["source"], look.layers["target"]
        apart = {name: DIVERGENCES[divergence](source[name], target[name]) for name in compared}
        strength = weight * SCHEDULES[schedule](step / setup.steps)
        metrics = {**look.metrics, "label_loss": look.loss, **{f"{divergence}_{name}": d for name, d in apart.items()}}
        return Loss(look.loss + strength * sum(apart.values()), len(look.images["source"])), Aux(
            look.stats, metrics=metrics
        )

    return shared.task(shared.init, (shared.player(loss),))
