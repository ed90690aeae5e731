"""Sequence to sequence by a Transformer's encoder and decoder: next-token cross-entropy with smoothed labels.

Vaswani et al., "Attention Is All You Need", 2017.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import numpy as np

from dlcv.engine.task import Figure, Setup, Task, View
from dlcv.errors import Misuse
from dlcv.language.vocabulary import SPECIALS, START
from dlcv.models.net import Net
from dlcv.models.translator import LAYOUTS, translator
from dlcv.tasks.aligning import labelled, read, several
from dlcv.tasks.attention_pictures import CROSS, DECODER, ENCODER, part, pictures
from dlcv.tasks.translating import writing, written


def make(
    setup: Setup, size: str = "small", sharing: str = "output", positions: str = "sinusoidal", norm: str = "pre", dropout: float = 0.0,
    smoothing: float = 0.0, beams: int = 1, alpha: float = 0.6, long: int = 0, scores: tuple[str, ...] = (),
) -> Task:  # fmt: skip
    """One player, `model`. `size`, `sharing` of tables, `positions`, place of the `norm` and `dropout` are those of `dlcv.models.translator`;
    `smoothing`, `beams`, `alpha`, `long` and `scores` those of `dlcv.tasks.translating.writing`.

    Raises Misuse for unknown names, and for sharing="all" where source and target have vocabularies of their own.
    """
    spec, info = setup.batch_spec, setup.info
    if sharing == "all" and not info.get("joint"):
        raise Misuse("task_kw.sharing='all' needs one vocabulary for both sides: data.joint=True, or sharing='output'")
    lengths = tuple(spec[side].shape[1] for side in ("source", "target"))
    module = translator(
        size, info["source_size"], info["target_size"], lengths=lengths, sharing=sharing, positions=positions, norm=norm,
        dropout=dropout, dtype=setup.dtype,
    )  # fmt: skip
    net = Net(module)
    return writing(
        setup, net, look=partial(look, net), smoothing=smoothing, beams=beams, alpha=alpha, long=long, scores=scores,
        figures={"heads": partial(heads_figure, net)}, makers={"attention": partial(attention, net)}, layouts=LAYOUTS,
    )  # fmt: skip


def look(net: Net, params, source, lengths, previous) -> jax.Array:
    """Where each token's writing looks in the source, mean over heads and blocks: (B, T, S)."""
    (_, looks), _ = net(params, {}, source, lengths, previous, return_attention=True)
    return looks.cross.mean((1, 2))


def heads_figure(net: Net, view: View) -> Figure:
    """Every head of the decoder's last block over the source, for the first seed's prediction of one example of middle length."""
    split = next(iter(view.outputs))
    examples = view.examples[split]
    row = several(examples["source_length"], 3)[1:2]
    given = examples["source"][row], examples["source_length"][row], view.outputs[split]["tokens"][row]
    (_, looks), _ = net(view.variables.params["model"], {}, *read(*given), return_attention=True)
    (labels,), last = labelled(view, *given), np.asarray(looks.cross[0, -1])
    pairs = [
        {**labels, "weights": head[: len(labels["target"]), : len(labels["source"])], "caption": f"head {number}"}
        for number, head in enumerate(last, 1)
    ]
    return Figure("alignments", {"pairs": pairs, "title": "heads of the decoder's last block over the source"})


def attention(
    net: Net, view: View, *, text: str = "", row: int = 0, beams: int = 5, alpha: float = 0.6
) -> Mapping[str, Any]:
    """The page, the heads and the rollout of `text`, or of the split's example `row`, and its translation by beam search.

    The decoder's tokens are those it reads, from START; those of "cross" are the ones it writes there. Raises Misuse for a row there
    is not.
    """
    examples = next(iter(view.examples.values()))
    if not 0 <= row < len(examples["source"]):
        raise Misuse(f"row={row}: expected 0 to {len(examples['source']) - 1}")
    source, lengths, tokens = written(net, view, [row], text, beams, alpha)
    (_, looks), _ = net(view.variables.params["model"], {}, *read(source, lengths, tokens), return_attention=True)
    (labels,) = labelled(view, source, lengths, tokens)
    inputs, outputs = [SPECIALS[START], *labels["target"][:-1]], labels["target"]
    parts = [
        part(ENCODER, looks.encoder[0], labels["source"]), part(DECODER, looks.decoder[0], inputs),
        part(CROSS, looks.cross[0], outputs, labels["source"]),
    ]  # fmt: skip
    return pictures(view.info["source_tokeniser"].decode(source[0]), parts)
