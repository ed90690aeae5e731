"""Reading strips by connectionist temporal classification: labels without places, a class or none for every frame.

Source: Graves, Fernandez, Gomez and Schmidhuber, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with
Recurrent Neural Networks", 2006.
"""

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.ctc import ctc
from dlcv.models.net import Net
from dlcv.models.strip_reader import COLUMNS, strip_reader
from dlcv.ops.ctc_decoding import greedy, prefix_beam_search
from dlcv.ops.edit_distance import edit_distance
from dlcv.ops.images import from_bytes


def make(setup: Setup, size: str = "small", cell: str = "lstm", dropout: float = 0.0, beam: int = 10) -> Task:
    """One player, `model`: CTC over the frames of a strip; metrics of greedy decoding, scores of prefix beam search.

    `sequence_error` is the share of strips read wrongly anywhere, `label_error` the edit distance over the number of labels.
    Raises Misuse for data without label sequences.
    """
    if "labels" not in setup.batch_spec:
        raise Misuse("this data set has no label sequences: take one that has, such as digit_strips")
    classes = tuple(setup.info["classes"])
    net = Net(strip_reader(size, len(classes), cell=cell, dropout=dropout, dtype=setup.dtype))

    def init(key, spec) -> Variables:
        image = jnp.zeros((1, *spec["image"].shape[1:]))
        params, stats = net.init(key, image, jnp.ones(1, jnp.int32), train=False)
        return Variables({"model": params}, {"model": stats})

    def loss(params, stats, carry, batch, key, step):
        (logits, frames), after = net(
            params["model"], stats["model"], from_bytes(batch["image"]), batch["width"], train=True, key=key
        )
        nats = ctc(logits, frames, batch["labels"], batch["length"])
        fits = jnp.isfinite(nats)  # labels that are more than their frames teach nothing
        return Loss(jnp.where(fits, nats, 0).mean(), len(nats)), Aux({"model": after}, metrics={"fits": fits.mean()})

    def predict(variables: Variables, batch, key):
        model = variables.params["model"], variables.stats["model"]
        (logits, frames), _ = net(*model, from_bytes(batch["image"]), batch["width"])
        labels, lengths = greedy(logits, frames)
        distance = edit_distance(labels, lengths, batch["labels"], batch["length"])
        nats = ctc(logits, frames, batch["labels"], batch["length"])
        return {
            "logits": logits,
            "frames": frames,
            "labels": labels,
            "lengths": lengths,
            "distance": distance,
            "nats": nats,
        }

    metrics = {
        "nats": Metric(lambda outputs, batch: outputs["nats"]),
        "sequence_error": Metric(lambda outputs, batch: outputs["distance"] > 0),
        "label_error": Metric(lambda outputs, batch: (outputs["distance"] / batch["length"], batch["length"])),
    }
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(
        init, (player,), setup.batch_spec, predict, metrics,
        scores={"beam": partial(beam_score, width=beam)}, figures={"posteriors": posteriors_figure}, over_time=("posteriors",),
        makers={"readings": partial(readings, predict, width=beam)}, decomposable=False,
    )  # fmt: skip


def beam_score(view: View, width: int) -> Mapping[str, float]:
    """Errors of the most likely sequence that prefix beam search finds, on the first split."""
    (outputs, *_), (examples, *_) = view.outputs.values(), view.examples.values()
    labels, lengths, _ = decoded(outputs, width)
    told = (jnp.asarray(examples[name]) for name in ("labels", "length"))
    distance = edit_distance(labels[:, 0], lengths[:, 0], *told)
    total = examples["length"].sum()
    return {"sequence_error": float((distance > 0).mean()), "label_error": float(distance.sum() / total)}


def decoded(outputs: Mapping, width: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    search = jax.jit(prefix_beam_search, static_argnums=2)
    return search(jnp.asarray(outputs["logits"]), jnp.asarray(outputs["frames"]), width)


def text(labels, length, classes) -> str:
    return "".join(classes[label] for label in labels[:length])


def posteriors_figure(view: View, count: int = 5) -> Figure:
    """Strips of the first split, up to two that are read wrongly among them, over the probability of each class frame by frame."""
    (outputs, *_), (examples, *_) = view.outputs.values(), view.examples.values()
    classes, wrong = view.info["classes"], np.flatnonzero(outputs["distance"])[:2]
    rows = np.concatenate([wrong, np.flatnonzero(outputs["distance"] == 0)])[:count]
    titles = []
    for i in rows:
        told = text(examples["labels"][i], examples["length"][i], classes)
        read = text(outputs["labels"][i], outputs["lengths"][i], classes)
        titles.append(f"{told}, read {'right' if read == told else read or 'as nothing'}")
    posteriors = np.asarray(jax.nn.softmax(outputs["logits"][rows]))
    arrays = {"images": examples["image"][rows, :, :, 0], "posteriors": posteriors, "frames": outputs["frames"][rows]}
    return Figure("frame_posteriors", arrays | {"classes": classes, "titles": titles, "columns": COLUMNS})


def readings(predict, view: View, *, count: int = 20, width: int = 10) -> Mapping[str, str]:
    """`dlcv.sample --what=readings`: a line a strip, its digits and the three most likely readings of a beam of `width`."""
    (examples,), classes = view.examples.values(), view.info["classes"]
    rows = {name: jnp.asarray(column[:count]) for name, column in examples.items()}
    labels, lengths, scores = map(np.asarray, decoded(predict(view.variables, rows, view.key), width))
    lines = []
    for i, told in enumerate(examples["labels"][:count]):
        found = [
            f"{text(labels[i, w], lengths[i, w], classes)} {np.exp(scores[i, w]):.3f}" for w in range(min(width, 3))
        ]
        lines.append(f"{text(told, examples['length'][i], classes)}: {', '.join(found)}")
    return {"readings": "\n".join(lines)}
