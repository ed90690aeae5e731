"""Prefix language model: a decoder-only Transformer that sees the beginning of each window whole and tells what follows it.

Sources: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2020, section 3.2; Dong et al.,
"Unified Language Model Pre-training for Natural Language Understanding and Generation", 2019.
"""

import jax
import jax.numpy as jnp

from dlcv.engine.task import Setup, Task
from dlcv.ops.keys import named
from dlcv.tasks.causal_language_model import model_of, next_token


def make(
    setup: Setup, size: str = "char-cpu", mask: str = "prefix", positions: str = "learned", dropout: float = 0.0, tied: bool = True,
    scan: bool = False, remat: bool = False,
) -> Task:  # fmt: skip
    """One player, `model`: cross-entropy of the tokens after a prefix, which is as long as a place drawn at random, half of the window in
    evaluation.

    With `mask` "causal" the same tokens are told by a model that sees the prefix token by token, for comparison; the other options are
    those of `dlcv.models.gpt.GPT`.
    """
    fields = dict(positions=positions, tied=tied, dropout=dropout, scan=scan, remat=remat)
    return next_token(setup, model_of(setup, size, mask=mask, **fields), after_a_prefix)


def after_a_prefix(tokens_BT: jax.Array, key: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """Prefixes of 1 to T tokens [B] and weights 1 on the tokens that follow them [B, T]: those within are seen and not asked for."""
    rows, length = tokens_BT.shape[0], tokens_BT.shape[1] - 1
    if key is None:
        prefix_B = jnp.full(rows, max(length // 2, 1))
    else:
        prefix_B = jax.random.randint(named(key, "prefix"), (rows,), 1, length + 1)
    return prefix_B, (jnp.arange(length)[None] >= prefix_B[:, None] - 1).astype(jnp.float32)
