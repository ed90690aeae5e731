"""Attention as a person looks at it: an interactive page, the heads by layer, the rollout. Text tasks make it of one text each."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure
from dlcv.ops.rollout import rollout, rollout_with_memory
from dlcv.pages.attention import document

ENCODER, DECODER, CROSS = "encoder", "decoder", "cross"


def part(
    name: str, weights_NHLM: jax.Array, rows: Sequence[str], columns: Sequence[str] | None = None
) -> dict[str, Any]:
    """What one text's queries attend to, cut to its tokens: weights of N layers and H heads; self-attention without `columns`."""
    columns = rows if columns is None else columns
    weights = np.asarray(weights_NHLM, np.float32)[..., : len(rows), : len(columns)]
    return {"name": name, "rows": list(rows), "columns": list(columns), "weights": weights}


def pictures(title: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a maker gives: "attention.html", "heads" and "rollout" of parts as `part` makes them, for one text.

    Parts whose queries are their keys are rolled out; "cross" with the "decoder" and "encoder" it joins: then each row's shares of the
    decoder's and of the encoder's inputs sum to 1 together. Raises ValueError for a "cross" without those.
    """
    pairs = [
        {"target": found["rows"], "source": found["columns"], "weights": shares, "most": float(shares.max()),
         "caption": f"{found['name']}: shares of inputs in the last layer, darkest {shares.max():.2f}"}
        for found, shares in zip(parts, _shares(parts), strict=True)
    ]  # fmt: skip
    return {
        "attention.html": document(title, parts),
        "heads": Figure("attention_heads", {"parts": parts, "title": f"attention of {title}"}),
        "rollout": Figure("alignments", {"pairs": pairs, "title": f"attention rollout of {title}"}),
    }


def _shares(parts: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    """The rollout of each part to its last layer."""
    named = {found["name"]: jnp.asarray(found["weights"]) for found in parts}
    if CROSS not in named:
        return [np.asarray(rollout(weights)[-1]) for weights in named.values()]
    if set(named) != {ENCODER, DECODER, CROSS}:
        raise ValueError(f"a part 'cross' joins an 'encoder' and a 'decoder', given {', '.join(named)}")
    memory_MM = rollout(named[ENCODER])[-1]
    own_NLL, cross_NLM = rollout_with_memory(named[DECODER], named[CROSS], memory_MM)
    shares = {ENCODER: memory_MM, DECODER: own_NLL[-1], CROSS: cross_NLM[-1]}
    return [np.asarray(shares[found["name"]]) for found in parts]
