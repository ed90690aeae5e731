"""Domain-adversarial training (Ganin et al., Domain-Adversarial Training of Neural Networks, 2016)."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from dlcv.engine.task import Aux, Loss, Player, Setup, Task, Variables
from dlcv.losses.classification import binary_cross_entropy
from dlcv.models.digits import Mlp
from dlcv.models.net import Net
from dlcv.ops.gradients import reverse_gradient
from dlcv.ops.keys import named
from dlcv.tasks.source_only import Adaptation


def reversal_weight(progress, gamma: float = 10.0):
    """lambda_p = 2 / (1 + exp(-gamma p)) - 1: 0 at the start, so that the domain head learns before it is opposed."""
    return 2 / (1 + jnp.exp(-gamma * progress)) - 1


def make(
    setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), domain_hidden=(100,), augmentation: Sequence = (),
    domain_weight: float = 1.0, gamma: float = 10.0,
) -> Task:  # fmt: skip
    """Source labels, and a domain head behind a gradient reversal of weight lambda_p; one player owns all three parts.

    Batch norm sees each domain apart, in training and in evaluation: what tells the domains apart by mean and variance alone is
    then no work for the adversary (Li et al., "Revisiting Batch Normalization for Practical Domain Adaptation", 2017).
    """
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)
    critic = Net(Mlp(hidden=tuple(domain_hidden), outputs=1, dtype=setup.dtype))

    def init(key, spec):
        variables = shared.init(key, spec)
        images = jnp.zeros((1, *spec["source"]["image"].shape[1:]), setup.dtype)
        features, _ = shared.encoder(variables.params["encoder"], variables.stats.get("encoder", {}), images)
        domain, _ = critic.init(named(key, "domain"), features, train=False)
        apart = (
            {"encoder_target": jax.tree.map(jnp.copy, variables.stats["encoder"])}
            if "encoder" in variables.stats
            else {}
        )
        return Variables({**variables.params, "domain": domain}, {**variables.stats, **apart})

    def loss(params, stats, carry, batch, key, step):
        images = {name: shared.images(batch[name], named(key, name)) for name in ("source", "target")}
        source, of_source = shared.encode(params, stats, images["source"], key)
        target, of_target = shared.encode(params, stats, images["target"], key, "encoder_target")
        rows, classifying, accuracy = shared.classify(params, stats, source, batch["source"]["label"], key)
        features = jnp.concatenate([source, target])
        weight = reversal_weight(step / setup.steps, gamma)
        logits, _ = critic(
            params["domain"], {}, reverse_gradient(features, weight), train=True, key=named(key, "domain")
        )
        is_target = (jnp.arange(len(features)) >= len(source)).astype(jnp.float32)
        domain = binary_cross_entropy(logits[:, 0], is_target)
        told = ((logits[:, 0] > 0) == (is_target > 0)).mean()
        metrics = {"accuracy": accuracy, "domain_loss": domain.mean(), "domain_accuracy": told, "reversal": weight}
        changed = {"encoder": of_source, "encoder_target": of_target, "classifier": classifying}
        return Loss(rows.mean() + domain_weight * domain.mean(), rows.size), Aux(changed, metrics=metrics)

    owns, updates = ("encoder", "classifier", "domain"), ("encoder", "encoder_target", "classifier")
    player = Player("model", owns, loss, setup.optimizer("model"), updates=updates)
    return shared.task(init, (player,))
