"""Domain-adversarial training (Ganin et al., Domain-Adversarial Training of Neural Networks, 2016)."""

from collections.abc import Sequence

import jax.numpy as jnp

from dlcv.engine.task import Aux, Loss, Setup, Task, Variables
from dlcv.losses.classification import binary_cross_entropy
from dlcv.models.digits import Mlp
from dlcv.models.net import Net
from dlcv.ops.gradients import reverse_gradient
from dlcv.ops.keys import named
from dlcv.tasks.source_only import Adaptation


def reversal_weight(progress, gamma: float = 10.0):
    """lambda_p = 2 / (1 + exp(-gamma p)) - 1: 0 at the start, so that the domain head learns before it is opposed."""
    return 2 / (1 + jnp.exp(-gamma * progress)) - 1


def opposed(critic: Net, params, source, target, weight, key):
    """(cross-entropy [2 B] of a domain head behind a gradient reversal of this weight, the share of domains that it tells)."""
    features = jnp.concatenate([source, target])
    logits, _ = critic(params, {}, reverse_gradient(features, weight), train=True, key=key)
    is_target = (jnp.arange(len(features)) >= len(source)).astype(jnp.float32)
    told = ((logits[:, 0] > 0) == (is_target > 0)).mean()
    return binary_cross_entropy(logits[:, 0], is_target), told


def make(
    setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), domain_hidden=(100,), augmentation: Sequence = (),
    domain_weight: float = 1.0, gamma: float = 10.0,
) -> Task:  # fmt: skip
    """Source labels, and a domain head behind a gradient reversal of weight lambda_p; one player owns all three parts."""
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)
    critic = Net(Mlp(hidden=tuple(domain_hidden), outputs=1, dtype=setup.dtype))

    def init(key, spec) -> Variables:
        variables = shared.init(key, spec)
        domain = shared.init_head(critic, "domain", key, variables, spec)
        return variables.replace(params={**variables.params, "domain": domain})

    def loss(params, stats, carry, batch, key, step):
        look = shared.look(params, stats, batch, key)
        source, target = (look.layers[part]["features"] for part in ("source", "target"))
        weight = reversal_weight(step / setup.steps, gamma)
        domain, told = opposed(critic, params["domain"], source, target, weight, named(key, "domain"))
        metrics = {**look.metrics, "domain_loss": domain.mean(), "domain_accuracy": told, "reversal": weight}
        return Loss(look.loss + domain_weight * domain.mean(), len(source)), Aux(look.stats, metrics=metrics)

    return shared.task(init, (shared.player(loss, "domain"),))
