"""Words and the words around them: sub-sampling of frequent ones, windows of random width, noise for negative sampling.

Source: Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of Words and Phrases and their Compositionality", 2013;
what its text leaves open as in their program.
"""

import numpy as np
from jaxtyping import Float, Int, Int32

from dlcv.language.vocabulary import END, PAD, UNK

POWER = 0.75  # of the noise distribution


def kept(counts_V: Int[np.ndarray, "V"], sample: float) -> Float[np.ndarray, "V"]:
    """Probability that an occurrence of a word stays in the text: min(1, sqrt(t / f) + t / f), f its share of the words, t `sample`.

    The paper's text has sqrt(t / f) alone; the second term is the program's. All stay where `sample` is 0.
    """
    share_V = counts_V / max(counts_V.sum(), 1)
    ratio_V = sample / np.maximum(share_V, 1e-12)
    return np.minimum(1, np.sqrt(ratio_V) + ratio_V) if sample else np.ones(len(counts_V))


def noise(counts_V: Int[np.ndarray, "V"]) -> Float[np.ndarray, "V"]:
    """Cumulative probabilities of the noise words, in proportion to their counts to the power 3/4."""
    weights_V = counts_V.astype(float) ** POWER
    return np.cumsum(weights_V) / weights_V.sum()


def occurrences(tokens: Int[np.ndarray, "N"], size: int) -> Int[np.ndarray, "V"]:
    """How often each word occurs, without the special ones that no vector is learnt of."""
    counts_V = np.bincount(tokens, minlength=size)
    counts_V[[PAD, END, UNK]] = 0
    return counts_V


def thinned(
    tokens: Int[np.ndarray, "N"], kept_V: Float[np.ndarray, "V"], rng: np.random.Generator
) -> tuple[Int[np.ndarray, "M"], Int[np.ndarray, "M"]]:
    """The words that stay, and the sentence of each; END and unknown words leave no gap."""
    stays = (tokens != END) & (tokens != UNK) & (rng.random(len(tokens)) < kept_V[tokens])
    return tokens[stays], np.cumsum(tokens == END)[stays]


def contexts(
    sentences: Int[np.ndarray, "M"], window: int, rng: np.random.Generator
) -> tuple[Int32[np.ndarray, "P"], Int32[np.ndarray, "P"]]:
    """Places (word, context) of all pairs: each word draws how far it looks, 1 to `window`, within its sentence."""
    reach = rng.integers(1, window + 1, len(sentences))
    here = np.arange(len(sentences), dtype=np.int32)
    words, found = [], []
    for far in range(1, window + 1):
        left, right = here[:-far], here[far:]
        together = sentences[:-far] == sentences[far:]
        for word, context in ((left, right), (right, left)):
            seen = together & (reach[word] >= far)
            words.append(word[seen])
            found.append(context[seen])
    return np.concatenate(words), np.concatenate(found)


def skip_grams(tokens, kept_V, window: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One pass over a text as shuffled pairs: (words [P], contexts [P, 1])."""
    words, sentences = thinned(tokens, kept_V, rng)
    pairs = contexts(sentences, window, rng)
    order = rng.permutation(len(pairs[0]))
    return words[pairs[0][order]], words[pairs[1][order], None]


def bags(tokens, kept_V, window: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One pass over a text as shuffled windows: (words [M], contexts [M, 2 window], padded)."""
    words, sentences = thinned(tokens, kept_V, rng)
    centre, around = contexts(sentences, window, rng)
    order = np.argsort(centre, kind="stable")
    centre, around = centre[order], around[order]
    sizes = np.bincount(centre, minlength=len(words))
    place = np.arange(len(centre)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(words), 2 * window), PAD, words.dtype)
    table[centre, place] = words[around]
    order = rng.permutation(np.flatnonzero(sizes))
    return words[order], table[order]


MODELS = {"skip_gram": skip_grams, "cbow": bags}
