"""What lectures say of attention, shown by the layers themselves: nothing is trained, every number and picture is computed.

The functions give figures, {"kind", arrays}, and numbers that a notebook can call for one by one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import figures
from dlcv.engine.task import Figure
from dlcv.engine.writers import spread
from dlcv.models.aligned import Alignment, Memory
from dlcv.ops import attention_stages as stages
from dlcv.ops import masks
from dlcv.ops.attention import attention, attention_weights
from dlcv.ops.positions import sinusoidal_positions

SOURCE, TARGET = ("x1", "x2", "x3"), ("y1", "y2", "y3")
LAYERS = ("self-attention to a whole text", "attention across", "causal self-attention")


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, widths: Sequence[int], key_count: int
) -> dict[str, Any]:
    """Every figure into `figures/`, and over `config.seeds` draws of inputs the numbers that must be 0, or what the lecture says.

    `widths` are those of queries and keys whose logits are measured, `key_count` is how many keys a query has.
    """
    seeds = range(config.seed, config.seed + config.seeds)
    drawn = {
        "worked_example": worked_example(), "masks": masks_compared(), "positions": positions_figure(),
        "binary_counter": binary_counter(), "causality": causality(jax.random.key(config.seed)),
        "logits_by_width": logits_by_width([jax.random.key(seed) for seed in seeds], widths, key_count),
    }  # fmt: skip
    for name, figure in drawn.items():
        figures.draw(figure.kind, folder / "figures" / f"{name}.png", **figure.arrays)
    found = [differences(jax.random.key(seed)) for seed in seeds]
    by_seed = {name: [one[name] for one in found] for name in found[0]}
    metrics = {name: spread(values) for name, values in by_seed.items()}
    for arm, measures in drawn["logits_by_width"].arrays["found"].items():
        for measure, values in measures.items():
            by_seed[f"{arm}/{measure}"] = values[-1]
            metrics[f"{arm}/{measure}"] = spread(values[-1])
    table = positions_table()
    (folder / "table.md").write_text(table + "\n")
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    return {"metrics": metrics, "by_seed": by_seed, "seeds": list(seeds), "step": 0}


def worked_example() -> Figure:
    """The lecture's two scores, 112 and 96: divided by sqrt(64), through the softmax, onto values (Alammar, "The Illustrated Transformer")."""
    q, k = jnp.zeros((1, 1, 64)).at[0, 0, 0].set(16.0), jnp.zeros((1, 2, 64)).at[0, :, 0].set(jnp.array([7.0, 6.0]))
    _, weights = stages.scaled_dot_attention(q, k, k)
    scores = (q @ k.swapaxes(1, 2))[0]
    steps = {"q . k": scores, "q . k / sqrt(64)": scores / 8, "softmax": weights[0]}
    panels = [
        {"title": name, "values": values, "rows": ["query"], "columns": ["key 1", "key 2"]}
        for name, values in steps.items()
    ]
    return Figure("matrices", {"panels": panels})


def masks_compared() -> Figure:
    """Encoder-decoder, language model and prefix language model on the same x and y, then what masks combine to; from the real masks.

    As in Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2020, figures 3 and 4: an
    encoder and a decoder see together what a prefix language model sees, by three layers in place of one.
    """
    source, target = len(SOURCE), len(TARGET)
    length = source + target
    whole = np.zeros((length, length), int)
    whole[:source, :source] = masks.bidirectional(source)[0, 0]
    whole[source:, :source] = 2 * np.broadcast_to(masks.cross(jnp.array([source]), source)[0, 0], (target, source))
    whole[source:, source:] = 3 * masks.causal(target)[0, 0]
    prefix = masks.prefix(jnp.array([source]), length)[0, 0]
    causal = masks.causal(length)[0, 0]
    panels = {
        "encoder-decoder": whole,
        "language model": 3 * causal,
        "prefix language model": np.where(np.arange(length)[:, None] < source, 1, 3) * prefix,
        "local window, 1 each side": 1 * masks.local(length, 1)[0, 0],
        "local and causal, 2 back": 3 * (masks.local(length, 2) & masks.causal(length))[0, 0],
        "causal, y3 is padding": 3 * (masks.causal(length) & masks.padding(jnp.array([length - 1]), length))[0, 0],
    }
    names = [*SOURCE, *TARGET]
    shown = [
        {"title": title, "kinds": np.asarray(kinds), "rows": names, "columns": names} for title, kinds in panels.items()
    ]
    return Figure("masks", {"panels": shown, "layers": LAYERS})


def logits_by_width(keys: Sequence[jax.Array], widths: Sequence[int], count: int) -> Figure:
    """Variance of the logits of independent normal queries and keys, and the entropy of their softmax over `count` keys.

    Vaswani et al., "Attention Is All You Need", 2017, footnote 4: q . k has variance D.
    """
    arms: dict[str, dict[str, list]] = {}
    for width in widths:
        for arm, scale in (("q . k", 1.0), ("q . k over sqrt(D)", width**-0.5)):
            pairs = [scored(key, width, count, scale) for key in keys]
            for measure, values in zip(("variance", "entropy"), zip(*pairs, strict=True), strict=True):
                arms.setdefault(arm, {}).setdefault(measure, []).append(list(values))
    return Figure("logits_by_width", {"widths": list(widths), "found": arms, "keys": count})


def scored(key: jax.Array, width: int, count: int, scale: float) -> tuple[float, float]:
    """(variance of the logits, mean entropy of the weights in nats)."""
    q, k = (jax.random.normal(one, (1, count, 1, width)) for one in jax.random.split(key))
    weights = np.asarray(attention_weights(q, k, scale=scale), np.float64)
    entropy = -(weights * np.log(np.maximum(weights, 1e-300))).sum(-1).mean()
    return float((scale * jnp.einsum("BLHK,BMHK->BHLM", q, k)).var()), float(entropy)


def binary_counter(digits: int = 6) -> Figure:
    """Positions 0, 1, 2 ... in binary, the fastest digit first, beside sines whose periods double as the digits' do.

    Digit k of p is 1 exactly where sin(pi (p + 1/2) / 2^k) is negative; the table's sines have periods 2 pi 2^k for n = 2^(D / 2).
    """
    positions = np.arange(2**digits)
    binary = positions[:, None] >> np.arange(digits) & 1
    table = sinusoidal_positions(2**digits, 2 * digits, n=2**digits)
    usual = sinusoidal_positions(2**digits, 32)
    panels = [
        {"title": "binary counting", "values": binary, "x": "digit, fastest first"},
        {"title": f"sines, n = {2**digits}", "values": table[:, 0::2], "x": "pair of columns"},
        {"title": "the usual table, n = 10,000", "values": usual, "x": "column"},
    ]
    return Figure("matrices", {"panels": [panel | {"y": "position"} for panel in panels]})


def positions_figure(length: int = 64, width: int = 32) -> Figure:
    """How far apart the codes of two positions are, and their product: both hang on the difference alone."""
    table = np.asarray(sinusoidal_positions(length, width))
    apart = np.linalg.norm(table[:, None] - table[None], axis=-1)
    panels = [
        {"title": "distance of two codes", "values": apart},
        {"title": "product of two codes", "values": table @ table.T},
    ]
    return Figure("matrices", {"panels": [panel | {"x": "position", "y": "position"} for panel in panels]})


def positions_table() -> str:
    """Markdown: the lecture's table, n = 100 and d = 4, with frequencies counted from 0 and, as another lecture has it, from 1."""
    lines = []
    for first in (0, 1):
        lines += [
            f"Frequencies counted from {first}:",
            "",
            "| position | sin | cos | sin | cos |",
            "|---|---|---|---|---|",
        ]
        rows = np.asarray(sinusoidal_positions(4, 4, n=100, first=first))
        lines += [f"| {place} | {' | '.join(f'{value:.2f}' for value in row)} |" for place, row in enumerate(rows)] + [
            ""
        ]
    return "\n".join(lines).rstrip()


def causality(key: jax.Array, length: int = 8, width: int = 16) -> Figure:
    """Weights of self-attention and their transpose, and how strongly each output hangs on each input under the causal mask."""
    x, w = inputs(key, length, width)
    _, weights = stages.self_attention(x, w)
    jacobian = jax.jacobian(lambda x: stages.masked_self_attention(x, w)[0][0])(x)[:, :, 0]
    panels = [
        {"title": "weights of self-attention", "values": weights[0], "y": "query", "x": "key"},
        {"title": "transposed: another matrix", "values": weights[0].T, "y": "key", "x": "query"},
        {
            "title": "causal: |d output / d input|",
            "values": jnp.sqrt((jacobian**2).sum((1, 3))),
            "y": "output",
            "x": "input",
        },
    ]
    return Figure("matrices", {"panels": panels})


def inputs(key: jax.Array, length: int, width: int) -> tuple[jax.Array, stages.Projections]:
    """One sequence of normal vectors, and projections of unit gain."""
    x_key, *keys = jax.random.split(key, 4)
    kernels = (jax.random.normal(one, (width, width)) / width**0.5 for one in keys)
    return jax.random.normal(x_key, (1, length, width)), stages.Projections(*kernels)


def differences(key: jax.Array, length: int = 8, width: int = 16) -> dict[str, float]:
    """Largest differences between two sides that the lecture says are one; "asymmetry" alone is none of them."""
    x, w = inputs(key, length, width)
    order = jax.random.permutation(key, length)
    query = x[:, :1]
    out, weights = stages.self_attention(x, w)
    one_hot = jax.nn.one_hot(order, length)
    memory = Memory(x, x, x[:, -1], jnp.array([length]))
    recurrent, _ = Alignment("scaled_dot").apply({}, query, memory, jnp.zeros((1, 1)))
    heads = x[:, :, None]
    later = jax.jacobian(lambda x: stages.masked_self_attention(x, w)[0][0, 2].sum())(x)[0, 3:]
    pairs = {
        "self-attention of reordered inputs": (stages.self_attention(x[:, order], w)[0], out[:, order]),
        "one query over a reordered set": (stages.cross_attention(query, x[:, order], w)[0], stages.cross_attention(query, x, w)[0]),
        "gradient from later inputs under the causal mask": (later, 0.0),
        "average pooling": (stages.average_pooling(x), x.mean(1)),
        "one-hot times a matrix": (one_hot @ x[0], x[0, order]),
        "recurrent decoder's attention": (recurrent, attention(query[:, :, None], heads, heads)[0][:, :, 0]),
        "asymmetry": (weights, weights.swapaxes(1, 2)),
    }  # fmt: skip
    return {name: float(jnp.abs(one - other).max()) for name, (one, other) in pairs.items()} | dropout_differences(
        key, x[0]
    )


def dropout_differences(key: jax.Array, x_LD: jax.Array, rate: float = 0.3, draws: int = 4000) -> dict[str, float]:
    """Means over many draws, in standard errors, less what a network has at inference: scaled down there, or scaled up in training.

    The second is the library's own: attention drops weights, here of as many heads as numbers, each on its own place alone.
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014, figure 2 and section 10.
    """
    first, second = jax.random.split(key)
    length, width = x_LD.shape
    plain_LD = jnp.where(jax.random.bernoulli(first, 1 - rate, (draws, length, width)), x_LD, 0).mean(0)
    places_BLHK = jnp.broadcast_to(1e3 * jnp.eye(length)[:, None], (draws, length, width, length))
    x_BLHV = jnp.broadcast_to(x_LD[..., None], (draws, length, width, 1))
    scaled_BLHV, _ = attention(places_BLHK, places_BLHK, x_BLHV, dropout=rate, key=second)
    means = {
        "scaled down at inference": (plain_LD, (1 - rate) * x_LD, (rate * (1 - rate) / draws) ** 0.5),
        "scaled up in training": (scaled_BLHV[..., 0].mean(0), x_LD, (rate / (1 - rate) / draws) ** 0.5),
    }
    return {
        f"dropout, {name}, standard errors": float((jnp.abs(found - x) / (jnp.abs(x_LD) * error)).mean())
        for name, (found, x, error) in means.items()
    }
