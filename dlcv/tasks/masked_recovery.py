"""Missing targets of some elements recovered from the others: on sets by attention alone, on sequences with positions.

The elements and what attention makes of them: Vaswani et al., "Attention Is All You Need", 2017; hidden targets told from all that is
given: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
"""

from collections.abc import Mapping
from functools import partial
from string import ascii_lowercase
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.classification import correct
from dlcv.losses.sequence import masked_cross_entropy
from dlcv.models.net import Net
from dlcv.models.recovery import MISSING, Recovery
from dlcv.ops.keys import named
from dlcv.tasks.attention_pictures import ENCODER, part, pictures

ROWS = 12  # of the figure


def make(setup: Setup, positions: str = "none", width: int = 32, depth: int = 2, heads: int = 2) -> Task:
    """One player, `model`: nats, accuracy and exact match (a row with all its numbers right) of the missing numbers.

    `positions` are those of `dlcv.models.embeddings.POSITIONS`. Raises Misuse for data without letters and numbers, and for a width whose
    columns the heads cannot share out in pairs.
    """
    if "asked" not in setup.batch_spec:
        raise Misuse("this data set has no missing numbers: take data.name=letters_and_numbers")
    if width % (2 * heads):
        raise Misuse(f"width={width}: expected a multiple of {2 * heads}, pairs of columns for {heads} heads")
    length = setup.batch_spec["letter"].shape[1]
    module = Recovery(setup.info["letters"], length, width, depth, heads, positions, dtype=setup.dtype)
    net = Net(module)

    def init(key, spec) -> Variables:
        letters = jnp.zeros((1, length), jnp.int32)
        return Variables({"model": net.init(named(key, "model"), letters, letters, train=False)[0]})

    def loss(params, stats, carry, batch, key, step):
        (logits, _), _ = net(params["model"], {}, batch["letter"], given(batch), train=True, key=key)
        nats, weights = masked_cross_entropy(logits, batch["number"], batch["asked"])
        return Loss(nats.sum() / jnp.maximum(weights.sum(), 1), weights.sum()), Aux()

    def predict(variables: Variables, batch, key):
        (logits, _), _ = net(variables.params["model"], {}, batch["letter"], given(batch))
        nats, weights = masked_cross_entropy(logits, batch["number"], batch["asked"])
        right = correct(logits, batch["number"])
        exact = jnp.where(batch["asked"], right, 1.0).min(-1)
        return {"nats": nats, "weights": weights, "correct": right, "exact": exact, "guesses": logits.argmax(-1)}

    metrics = {
        "nats": Metric(lambda outputs, batch: (outputs["nats"], outputs["weights"])),
        "accuracy": Metric(lambda outputs, batch: (outputs["correct"], outputs["weights"])),
        "exact_match": Metric(lambda outputs, batch: outputs["exact"]),
    }
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(
        init, (player,), setup.batch_spec, predict, metrics, figures={"recovered": recovered_figure},
        makers={"attention": partial(attention, net)},
    )  # fmt: skip


def given(batch: Mapping[str, jax.Array]) -> jax.Array:
    """The numbers as the model is given them."""
    return jnp.where(batch["asked"], MISSING, batch["number"] + 1)


def element(letter: int, number: int | str) -> str:
    """An element as it is written: a1, or a? where the number is missing."""
    return f"{ascii_lowercase[letter]}{number if isinstance(number, str) else number + 1}"


def recovered_figure(view: View) -> Figure:
    """Rows of the first split: what was found in the place of each missing number."""
    split, rows = next(iter(view.outputs)), []
    examples, guesses = view.examples[split], view.outputs[split]["guesses"]
    for row in range(min(ROWS, len(guesses))):
        letters = examples["letter"][row].tolist()
        tokens = [element(*pair) for pair in zip(letters, examples["number"][row].tolist(), strict=True)]
        found = {
            place: element(letters[place], int(guesses[row][place])) for place in np.flatnonzero(examples["asked"][row])
        }
        rows.append((tokens, found))
    return Figure("filled_text", {"rows": rows, "columns": 4 * guesses.shape[1] + 20})


def attention(net: Net, view: View, *, row: int = 0) -> Mapping[str, Any]:
    """`dlcv.sample --what=attention`: which elements each one looks at, in a row of the split."""
    examples = next(iter(view.examples.values()))
    if not 0 <= row < len(examples["letter"]):
        raise Misuse(f"row={row}: expected 0 to {len(examples['letter']) - 1}, the rows of this split")
    batch = {name: jnp.asarray(values[row : row + 1]) for name, values in examples.items()}
    (_, looked), _ = net(view.variables.params["model"], {}, batch["letter"], given(batch), return_attention=True)
    shown = ["?" if asked else int(number) for number, asked in zip(batch["number"][0], batch["asked"][0], strict=True)]
    labels = [element(*pair) for pair in zip(batch["letter"][0].tolist(), shown, strict=True)]
    return pictures(" ".join(labels), [part(ENCODER, looked.own[0], labels)])
