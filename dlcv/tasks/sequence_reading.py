"""A sequence read to its end, then what it said: its class, the symbols to be recalled, or a number.

Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Bai, Kolter and Koltun, "An Empirical Evaluation of Generic
Convolutional and Recurrent Networks for Sequence Modeling", 2018.
"""

import jax.numpy as jnp

from dlcv.engine.task import Aux, Loss, Metric, Player, Setup, Task, Variables
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.net import Net
from dlcv.models.sequence_reader import sequence_reader
from dlcv.ops.keys import named


def make(setup: Setup, way: str = "lstm", width: int = 64, layers: int = 1) -> Task:
    """One player, `model`, that reads `inputs` by a recurrent cell, "convolution" or "attention".

    A label is told by softmax cross-entropy (a vector of labels at as many last steps), a target by squared error.
    """
    if "label" in setup.batch_spec:
        asked = (*setup.batch_spec["label"].shape, 1)[1]
        outputs, measures = len(setup.info["classes"]), {"cross_entropy": label_loss, "accuracy": label_found}
    else:
        asked, outputs, measures = 1, 1, {"squared_error": squared_error}
    objective = next(iter(measures.values()))
    module = sequence_reader(way, outputs, asked=asked, width=width, layers=layers, dtype=setup.dtype)
    net = Net(module)

    def init(key, spec) -> Variables:
        inputs = jnp.zeros((1, *spec["inputs"].shape[1:]))
        return Variables({"model": net.init(named(key, "model"), inputs, train=False)[0]})

    def loss(params, stats, carry, batch, key, step):
        (logits, _), _ = net(params["model"], {}, batch["inputs"], train=True, key=key)
        rows = objective({"logits": logits}, batch)
        return Loss(rows.mean(), rows.size), Aux()

    def predict(variables: Variables, batch, key):
        (logits, features), _ = net(variables.params["model"], {}, batch["inputs"])
        return {"logits": logits, "features": features[:, -1].astype(jnp.float32)}

    player = Player("model", ("model",), loss, setup.optimizer("model"))
    metrics = {name: Metric(measure) for name, measure in measures.items()}
    return Task(init, (player,), setup.batch_spec, predict, metrics)


def label_loss(outputs, batch):
    """Cross-entropy in nats, a label each."""
    labels = batch["label"].reshape(outputs["logits"].shape[:2])
    return cross_entropy(outputs["logits"], labels)


def label_found(outputs, batch):
    """1 where the label is the largest logit's."""
    return correct(outputs["logits"], batch["label"].reshape(outputs["logits"].shape[:2]))


def squared_error(outputs, batch):
    """Of the number that is asked for."""
    return (outputs["logits"][:, 0, 0] - batch["target"]) ** 2
