"""What tasks share whose encoder reads a text both ways: the model of a size or of a checkpoint, how a text is given, where it looks."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import pretrained
from dlcv.engine.task import Setup, View
from dlcv.errors import Misuse
from dlcv.language.marked import Marked, Marks, plain
from dlcv.models.bert import BERT, bert
from dlcv.models.net import Net
from dlcv.tasks.attention_pictures import ENCODER, part, pictures

SPARE = 128  # rows a checkpoint's vocabulary may have beyond its tokeniser's, to be a round number


def encoder(setup: Setup, size: str, length: int | None, dropout: float, **fields: Any) -> BERT:
    """A BERT for the rows of a data set: of a size by name with `length` places (of the rows when None), or as a checkpoint's folder says.

    Raises Misuse for data that are no such rows or longer than there are places, and for a checkpoint of another vocabulary.
    """
    if "marks" not in setup.info:
        raise Misuse("this data set gives no rows of marked sentences: take one that does, such as passages or sst2")
    rows, width = setup.info["size"], setup.batch_spec["tokens"].shape[1]
    fields |= dict(dropout=dropout, dtype=setup.dtype)
    if Path(size).is_dir():
        found = pretrained.opened(size)
        vocabulary = found.config["vocab_size"]
        if not 0 <= vocabulary - rows < SPARE:
            raise Misuse(
                f"the checkpoint in {size} knows {vocabulary} tokens, the data's tokeniser {rows}: --config.data.tokeniser={size}"
            )
        model = bert(vocabulary=vocabulary, **{**found.fields, **fields})
    else:
        model = bert(size, rows, length=length or width, **fields)
    if width > model.length:
        raise Misuse(f"data.width={width} tokens do not fit the {model.length} places of the encoder")
    return model


def seen(batch: Mapping[str, jax.Array]) -> jax.Array:
    """True [B, L] where rows hold tokens."""
    return jnp.arange(batch["tokens"].shape[1]) < batch["length"][:, None]


def words(batch: Mapping[str, jax.Array], marks: Marks) -> jax.Array:
    """True [B, L] where rows hold words: no padding, no marks."""
    tokens = batch["tokens"]
    return seen(batch) & (tokens != marks.start) & (tokens != marks.end) & (tokens != marks.pad)


def given(text: str, reader: Marked, most: int | None) -> np.ndarray:
    """A person's text as a row [1, L] of at most `most` tokens, any number where that is None: [MASK] or <mask> stands for the mask.

    Raises Misuse for none and for one that is too long.
    """
    pieces = text.replace("[MASK]", "<mask>").split("<mask>")
    row = [reader.marks.start]
    for index, piece in enumerate(pieces):
        row += [reader.marks.mask] * (index > 0) + [*reader.encode(plain(piece))]
    row.append(reader.marks.end)
    if len(row) == 2 or (most is not None and len(row) > most):
        room = "" if most is None else f", at most {most} tokens with both ends"
        raise Misuse(f"text={text!r} has {len(row)} tokens: expected one or more words{room}")
    return np.array([row], np.int32)


def makers(model: BERT) -> Mapping[str, Any]:
    """What `dlcv.sample --what=` gives of every such encoder."""
    return {"attention": partial(attention, model), "vectors": partial(vectors, model)}


def hidden(model: BERT, params: Mapping[str, Any], batch: Mapping[str, jax.Array]) -> np.ndarray:
    """Vectors [B, depth + 1, L, D] of rows of `tokens` and their `length`, those of the embedding first."""

    @jax.jit
    def read(params, batch):
        return Net(model)(params, {}, batch["tokens"], seen(batch), return_attention=True)[0][1]["hidden"]

    return np.asarray(read(params, {name: jnp.asarray(batch[name]) for name in ("tokens", "length")}))


def vectors(model: BERT, view: View, *, text: str) -> Mapping[str, Any]:
    """`dlcv.sample --what=vectors --option=text="..."`: the tokens of a text and every layer's vectors [depth + 1, L, D], as arrays."""
    tokens = given(text, view.info["reader"], model.length)
    found = hidden(model, view.variables.params["model"], {"tokens": tokens, "length": np.array([tokens.shape[1]])})
    return {"vectors": {"tokens": np.array(view.info["reader"].labels(tokens[0])), "hidden": found[0]}}


def attention(model: BERT, view: View, *, text: str = "", row: int = 0) -> Mapping[str, Any]:
    """`dlcv.sample --what=attention`: where each head looks in a text of one's own, or in a row of the split, its second sentence as such.

    Raises Misuse for a row there is not.
    """
    reader, segments = view.info["reader"], None
    if text:
        tokens = given(text, reader, model.length)
    else:
        examples = next(iter(view.examples.values()))
        if not 0 <= row < len(examples["tokens"]):
            raise Misuse(f"row={row}: expected 0 to {len(examples['tokens']) - 1}, the rows of this split")
        length = int(examples["length"][row])
        tokens, segments = (
            examples[name][row : row + 1, :length] if name in examples else None for name in ("tokens", "segments")
        )
    net, params = Net(model), view.variables.params["model"]
    (_, aux), _ = net(params, {}, jnp.asarray(tokens), None, segments, return_attention=True)
    labels = reader.labels(tokens[0])
    title = reader.joined(labels[1:-1])
    return pictures(title if len(title) < 60 else title[:57] + "...", [part(ENCODER, aux["attention"][0], labels)])
