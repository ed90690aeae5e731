"""Recurrent language model trained by truncated back-propagation: each row's state goes on from batch to batch.

Source: Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015.
"""

from functools import partial

import jax
import jax.numpy as jnp

from dlcv.engine.task import Aux, Loss, Player, Setup, Task, Variables
from dlcv.language.alphabet import Alphabet
from dlcv.losses.classification import cross_entropy
from dlcv.models.net import Net
from dlcv.models.recurrent_language_model import LAYOUTS, recurrent_language_model
from dlcv.ops.keys import named
from dlcv.tasks.continuing import METRICS, Writer, measured, sample_text, surprise_figure


def make(
    setup: Setup,
    size: str = "char-rnn",
    cell: str = "lstm",
    layers: int | None = None,
    dropout: float = 0.0,
    reset: float = 0.05,
    layer_norm: bool = False,
    learned_carry: bool = False,
) -> Task:
    """One player, `model`: the next token's cross-entropy; nats, bits and perplexity a token, samples from a prefix.

    `cell` is a row of `dlcv.models.recurrent.CELLS`; `layers` replaces the size's. Each row's state is set back to its beginning with
    probability `reset` a batch: a state that is never reset drifts to where evaluation and sampling, which begin from nothing, do not
    come (2 x 256 units after two epochs: 2.89 nats against 1.84). That beginning is zeros or, with `learned_carry`, parameters.
    `layer_norm` normalises what enters each gate, from the input and from the state, and an LSTM's memory: Ba, Kiros and Hinton, "Layer
    Normalization", 2016.
    """
    vocabulary = tuple(setup.info["vocabulary"])
    fields = dict(dropout=dropout, layer_norm=layer_norm, learned_carry=learned_carry, dtype=setup.dtype)
    module = recurrent_language_model(size, len(vocabulary), layers, cell=cell, **fields)
    sample = partial(sample_text, writer(module), Alphabet(vocabulary))
    return next_token(setup, module, reset, sample=sample, layouts=LAYOUTS)


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
        return {**measured(logits, tokens[:, 1:]), "carry": {"model": after}}

    player, figures = Player("model", ("model",), loss, setup.optimizer("model")), {"surprise": surprise_figure}
    return Task(init, (player,), setup.batch_spec, predict, METRICS, figures=figures, **parts)


def writer(module) -> Writer:
    """The module token by token, its state carried on."""
    net = Net(module)

    def begin(params, tokens_BL, room):
        (logits, (carry, _)), _ = net(params, {}, tokens_BL, module.initial_carry(len(tokens_BL)))
        return carry, logits[:, -1]

    def step(params, carry, token_B):
        (logits, (carry, _)), _ = net(params, {}, token_B[:, None], carry)
        return carry, logits[:, 0]

    return Writer(begin, step)
