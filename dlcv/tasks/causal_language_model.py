"""Causal language model: a decoder-only Transformer that tells each token of a window from those before it.

Sources: Radford, Wu, Child, Luan, Amodei and Sutskever, "Language Models are Unsupervised Multitask Learners", 2019; Brown et al.,
"Language Models are Few-Shot Learners", 2020.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.language.alphabet import Alphabet
from dlcv.models.gpt import GPT, LAYOUTS, gpt
from dlcv.models.net import Net
from dlcv.tasks.attention_pictures import DECODER, part, pictures
from dlcv.tasks.continuing import METRICS, Writer, measured, sample_text, surprise_figure, tokeniser_of, write_text

# (tokens [B, T + 1], key or None in evaluation) -> (the prefixes seen whole [B] or None, the weights of the T losses [B, T])
Asked = Callable[[jax.Array, jax.Array | None], tuple[jax.Array | None, jax.Array]]


def make(
    setup: Setup, size: str = "char-cpu", positions: str = "learned", combine: str = "add", norm: str = "pre", activation: str = "gelu_tanh",
    gated: bool = False, tied: bool = True, dropout: float = 0.0, stochastic_depth: float = 0.0, scan: bool = False, remat: bool = False,
) -> Task:  # fmt: skip
    """One player, `model`: the next token's cross-entropy; nats, bits and perplexity a token, samples from a prefix on a cache.

    The options are those of `dlcv.models.gpt.GPT`, which has a place for every token of the data's windows.
    """
    fields = dict(positions=positions, combine=combine, norm=norm, activation=activation, gated=gated, tied=tied)
    fields |= dict(dropout=dropout, stochastic_depth=stochastic_depth, scan=scan, remat=remat)
    return next_token(setup, model_of(setup, size, **fields), whole_window)


def model_of(setup: Setup, size: str, **fields: Any) -> GPT:
    """The GPT for the vocabulary and the windows of the data."""
    info = setup.info
    vocabulary = info["size"] if "size" in info else len(info["vocabulary"])
    return gpt(size, vocabulary, length=setup.batch_spec["tokens"].shape[1] - 1, dtype=setup.dtype, **fields)


def whole_window(tokens_BT: jax.Array, key: jax.Array | None) -> tuple[None, jax.Array]:
    """Every token is asked for."""
    return None, jnp.ones(tokens_BT[:, 1:].shape, jnp.float32)


def next_token(setup: Setup, module: GPT, asked: Asked) -> Task:
    """The task of a GPT whose tokens are asked for under weights."""
    net = Net(module)

    def init(key, spec) -> Variables:
        return Variables({"model": net.init(key, jnp.zeros((1, 1), jnp.int32), train=False)[0]})

    def told(params, tokens, key, **options):
        prefix_B, weights_BT = asked(tokens, key)
        (logits_BTV, _), _ = net(params, {}, tokens[:, :-1], prefix_B, key=key, **options)
        return logits_BTV, weights_BT

    def loss(params, stats, carry, batch, key, step):
        logits_BTV, weights_BT = told(params["model"], batch["tokens"], key, train=True)
        nats_BT, total = measured(logits_BTV, batch["tokens"][:, 1:])["nats"], weights_BT.sum()
        return Loss((nats_BT * weights_BT).sum() / total, total), Aux()

    def predict(variables: Variables, batch, key):
        logits_BTV, weights_BT = told(variables.params["model"], batch["tokens"], None)
        return {**measured(logits_BTV, batch["tokens"][:, 1:]), "weight": weights_BT}

    written, makers = writer(module), {"attention": partial(attention, net)}
    sample = None
    if "vocabulary" in setup.info and "size" not in setup.info:
        sample = partial(sample_text, written, Alphabet(tuple(setup.info["vocabulary"])))
    else:
        makers["text"] = partial(write_text, written)
    player = Player("model", ("model",), loss, setup.optimizer("model"))
    figures = {"surprise": surprise_figure, "context": context_figure}
    return Task(
        init,
        (player,),
        setup.batch_spec,
        predict,
        METRICS,
        figures=figures,
        sample=sample,
        makers=makers,
        layouts=LAYOUTS,
    )


def writer(module: GPT) -> Writer:
    """The module token by token on a cache; the prompt is the prefix of a model that sees one whole."""
    net = Net(module)

    def begin(params, tokens_BL, room):
        whole_B = jnp.full(len(tokens_BL), tokens_BL.shape[1]) if module.mask == "prefix" else None
        return net(params, {}, tokens_BL, room, whole_B, method="prefill")[0]

    def step(params, state, token_B):
        return net(params, {}, state, token_B, method="step")[0]

    return Writer(begin, step, module.length)


def context_figure(view: View) -> Figure:
    """Mean nats of held-out tokens by their position in the window."""
    arms = {}
    for split, outputs in view.outputs.items():
        weights = outputs["weight"] * view.examples[split]["mask"]
        total = weights.sum(0)
        arms[split] = np.where(total > 0, (outputs["nats"] * weights).sum(0) / np.maximum(total, 1), np.nan)
    return Figure("loss_by_position", {"arms": arms})


def attention(net: Net, view: View, *, text: str = "", length: int = 48) -> Mapping[str, Any]:
    """`dlcv.sample --what=attention`: where each token of `text`, or of the split's first `length` tokens, looks in every head.

    Raises Misuse for a text of more tokens than the model has places.
    """
    tokeniser, places = tokeniser_of(view.info), net.module.length
    if text:
        tokens = tokeniser.encode(text)
        if len(tokens) > places:
            raise Misuse(f"text={text!r} has {len(tokens)} tokens: expected at most {places}, the places of the model")
    else:
        tokens = np.asarray(next(iter(view.examples.values()))["tokens"])[0][: min(length, places)]
    prefix_B = jnp.full(1, len(tokens)) if net.module.mask == "prefix" else None
    look = jax.jit(lambda params: net(params, {}, tokens[None], prefix_B, return_attention=True)[0][1]["attention"])
    labels = [tokeniser.written(int(token)) for token in tokens]
    return pictures("the language model", [part(DECODER, look(view.variables.params["model"])[0], labels)])
