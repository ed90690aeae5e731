"""Negative sampling: a word told from words drawn at random."""

import jax
from jaxtyping import Array, Bool, Float


def negative_sampling(
    h_BD: Float[Array, "B D"], word_BD: Float[Array, "B D"], noise_BKD: Float[Array, "B K D"], counts_BK: Bool[Array, "B K"]
) -> Float[Array, "B"]:  # fmt: skip
    """-log sigmoid(h . word) - sum over the noise words that count of log sigmoid(-h . noise), in nats.

    Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of Words and Phrases and their Compositionality", 2013,
    equation 4 with its sign turned. A noise word that is the word itself does not count.
    """
    true_B = (h_BD * word_BD).sum(-1)
    false_BK = (noise_BKD * h_BD[:, None]).sum(-1)
    return jax.nn.softplus(-true_B) + (jax.nn.softplus(false_BK) * counts_BK).sum(-1)
