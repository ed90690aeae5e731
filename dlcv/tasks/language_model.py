"""Recurrent language model trained by truncated back-propagation: each row's state goes on from batch to batch.

Source: Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015.
"""

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.classification import correct, cross_entropy
from dlcv.models.net import Net
from dlcv.models.recurrent_language_model import LAYOUTS, recurrent_language_model
from dlcv.ops.keys import named
from dlcv.ops.sampling import draw


def make(
    setup: Setup,
    size: str = "char-rnn",
    cell: str = "lstm",
    layers: int | None = None,
    dropout: float = 0.0,
    reset: float = 0.05,
) -> Task:
    """One player, `model`: the next token's cross-entropy; nats, bits and perplexity a token, samples from a prefix.

    `cell` is a row of `dlcv.models.recurrent.CELLS`; `layers` replaces the size's. Each row's state is set back to its beginning with
    probability `reset` a batch: a state that is never reset drifts to where evaluation and sampling, which begin from nothing, do not
    come (2 x 256 units after two epochs: 2.89 nats against 1.84).
    """
    vocabulary = tuple(setup.info["vocabulary"])
    module = recurrent_language_model(size, len(vocabulary), layers, cell=cell, dropout=dropout, dtype=setup.dtype)
    figures = {"surprise": partial(surprise_figure, vocabulary=vocabulary)}
    sample = partial(sample_text, Net(module), module, vocabulary)
    return next_token(setup, module, reset, figures=figures, sample=sample, layouts=LAYOUTS)


def next_token(setup: Setup, module, reset: float, **parts) -> Task:
    """The task of any module from (tokens [B, T], carry) to (logits [B, T, V], (carry, aux)); `parts` are further fields of it."""
    net = Net(module)

    def init(key, spec) -> Variables:
        rows = spec["tokens"].shape[0]
        params, _ = net.init(key, jnp.zeros((1, 1), jnp.int32), module.initial_carry(1), train=False)
        return Variables({"model": params}, carry={"model": module.initial_carry(rows)})

    def loss(params, stats, carry, batch, key, step):
        tokens = batch["tokens"]
        kept = jax.random.bernoulli(named(key, "reset"), 1 - reset, (tokens.shape[0], 1))
        before = jax.tree.map(lambda state: jnp.where(kept, state, 0), carry["model"])
        (logits, (after, _)), _ = net(params["model"], {}, tokens[:, :-1], before, train=True, key=key)
        rows = cross_entropy(logits, tokens[:, 1:])
        return Loss(rows.mean(), rows.size), Aux(carry={"model": jax.lax.stop_gradient(after)})

    def predict(variables: Variables, batch, key):
        tokens = batch["tokens"]
        (logits, (after, _)), _ = net(variables.params["model"], {}, tokens[:, :-1], variables.carry["model"])
        nats = cross_entropy(logits, tokens[:, 1:])
        return {"nats": nats, "correct": correct(logits, tokens[:, 1:]), "carry": {"model": after}}

    metrics = {
        "nats": Metric(lambda outputs, batch: outputs["nats"]),
        "bits": Metric(lambda outputs, batch: outputs["nats"], lambda nats: nats / np.log(2)),
        "perplexity": Metric(lambda outputs, batch: outputs["nats"], np.exp),
        "accuracy": Metric(lambda outputs, batch: outputs["correct"]),
    }
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    return Task(init, (player,), setup.batch_spec, predict, metrics, **parts)


def surprise_figure(view: View, vocabulary: Sequence[str]) -> Figure:
    """A held-out passage, each character shaded by the nats it cost."""
    split = next(iter(view.outputs))
    tokens = view.examples[split]["tokens"][0, 1:]
    return Figure(
        "surprise", {"characters": [vocabulary[token] for token in tokens], "nats": view.outputs[split]["nats"][0]}
    )


def sample_text(
    net: Net, module, vocabulary: Sequence[str], variables: Variables, key, count: int, *, length: int = 400, temperature: float = 0.8,
    k: int = 0, p: float = 1.0, prefix: str = "\n", separator: str = "",
) -> dict[str, str]:  # fmt: skip
    """`count` continuations of `prefix`, `length` tokens each, drawn from softmax(logits / temperature); 0 takes the most likely.

    Tokens are characters, or words between which `separator` stands.

    Only the `k` most likely are drawn from (0: all), and of these only the most likely that reach probability `p`. Raises Misuse for a
    token outside the vocabulary and for what is no temperature, number of tokens or probability.
    """
    before = prefix.split(separator) if separator else list(prefix)
    if unknown := sorted(set(before) - set(vocabulary)):
        raise Misuse(f"prefix has tokens outside the vocabulary: {separator.join(unknown)!r}")
    if temperature < 0 or length < 1 or not prefix:
        raise Misuse(
            f"temperature={temperature} must not be negative, length={length} must be at least 1, prefix not empty"
        )
    if not (isinstance(k, int) and k >= 0 and 0 < p <= 1):
        raise Misuse(
            f"k={k}, p={p}: expected a number of tokens (0 for all) and a probability above 0, such as k=5, p=0.9"
        )
    given = jnp.asarray([[vocabulary.index(token) for token in before]] * count, jnp.int32)

    @jax.jit
    def generate(params, key):
        (logits, (carry, _)), _ = net(params, {}, given, module.initial_carry(count))

        def one(state, key):
            carry, logits = state
            token = draw(key, logits, temperature, k, p)
            (logits, (carry, _)), _ = net(params, {}, token[:, None], carry)
            return (carry, logits[:, 0]), token

        _, tokens = jax.lax.scan(one, (carry, logits[:, -1]), jax.random.split(key, length))
        return tokens.T

    made = np.asarray(generate(variables.params["model"], key))
    texts = [separator.join((*before, *(vocabulary[token] for token in row))) for row in made]
    return {"text": f"\n{'-' * 40}\n".join(texts)}
