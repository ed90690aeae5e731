"""N-gram language models over token numbers: add-k and interpolated Kneser-Ney smoothing of any order, as sorted arrays.

Both are one recursion from the shortest context h to the longest, p(w | h) = share(h w) + rest(h) p(w | h without its first word), begun
at the uniform distribution; they differ in how counts become shares. A text is one array of tokens in which `start` begins each
sentence: it is context, never predicted, and nothing before it is looked at. Without `start` the text is one stream.
Source: Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling", 1998.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from dlcv.errors import Misuse


class Level(NamedTuple):
    """The n-grams of one order: G of them, C contexts, which are the n-grams of the order below by their places there."""

    keys: Int[np.ndarray, "G"]  # context * vocabulary + word, ascending
    share: Float[np.ndarray, "G"]
    rest: Float[np.ndarray, "C"]


@dataclass(frozen=True)
class Ngrams:
    """A smoothed model; `levels[k]` has the n-grams of order k + 1."""

    levels: tuple[Level, ...]
    vocabulary: int
    start: int = -1  # -1: the text has no sentences

    @property
    def uniform(self) -> float:
        return 1.0 / (self.vocabulary - (self.start >= 0))

    def save(self, path: Path) -> int:
        """Writes the model as a compressed NPZ file; the file's size in bytes."""
        columns = {
            f"{name}_{k}": column for k, level in enumerate(self.levels) for name, column in level._asdict().items()
        }
        np.savez_compressed(path, vocabulary=self.vocabulary, start=self.start, **columns)
        return path.stat().st_size

    @classmethod
    def load(cls, path: Path) -> "Ngrams":
        with np.load(path) as file:
            orders = sum(name.startswith("keys_") for name in file)
            levels = tuple(Level(*(file[f"{name}_{k}"] for name in Level._fields)) for k in range(orders))
            return cls(levels, int(file["vocabulary"]), int(file["start"]))


def add_k(tokens: Int[np.ndarray, "N"], order: int, vocabulary: int, start: int = -1, k: float = 1.0) -> Ngrams:
    """p(w | h) = (count(h w) + k) / (count(h) + k V) over the last `order` - 1 words h, fewer after a sentence's start.

    Raises Misuse for an order below 1, a k that is not positive and tokens outside the vocabulary.
    """
    if k <= 0:
        raise Misuse(f"k={k}: expected a positive number, such as 0.1")
    levels = []
    for grams in _count(tokens, order, vocabulary, start):
        counts = np.where(grams.whole, grams.counts, 0)
        mass = k * (vocabulary - (start >= 0))
        levels.append(_level(grams, counts, mass * (np.bincount(grams.contexts, counts, grams.above) > 0)))
    return Ngrams(tuple(levels), vocabulary, start)


def kneser_ney(
    tokens: Int[np.ndarray, "N"], order: int, vocabulary: int, start: int = -1, discounts: int = 3
) -> Ngrams:
    """Interpolated Kneser-Ney: below the highest order an n-gram counts once for each word seen before it.

    `discounts` is 3 for the modified form, which takes other amounts from counts 1, 2 and above, or 1 for Kneser and Ney's own ("Improved
    Backing-off for M-gram Language Modeling", 1995). N-grams that begin a sentence, before which no word can be, keep their counts.
    Raises Misuse as `add_k` does.
    """
    if discounts not in (1, 3):
        raise Misuse(f"discounts={discounts}: expected 1 (Kneser and Ney's) or 3 (modified)")
    levels, longer = [], None
    for grams in reversed(_count(tokens, order, vocabulary, start)):
        counts = grams.counts
        if longer is not None:
            preceded = np.bincount(longer.suffixes, minlength=len(counts))
            counts = np.where(grams.whole, counts, preceded)
        taken = _discounts(counts, discounts)[np.minimum(counts, 3)]
        levels.append(_level(grams, counts - taken, np.bincount(grams.contexts, taken, grams.above)))
        longer = grams
    return Ngrams(tuple(reversed(levels)), vocabulary, start)


def begun(tokens: Int[np.ndarray, "N"], start: int, end: int) -> Int[np.ndarray, "M"]:
    """A text of sentences that `end` closes, with `start` before each of them."""
    return np.insert(tokens, np.concatenate([[0], np.flatnonzero(tokens[:-1] == end) + 1]), start)


def nats(model: Ngrams, tokens: Int[np.ndarray, "*B T"]) -> Float[np.ndarray, "*B T"]:
    """-log p of each token of texts of T tokens; 0 for `start`, which is not predicted."""
    tokens = _checked(tokens, model.vocabulary)
    probability = np.full(tokens.shape, model.uniform)
    grams, seen = np.zeros(tokens.shape, np.int64), np.ones(tokens.shape, bool)
    for k, level in enumerate(model.levels):
        contexts, reached = _before(grams, seen, tokens, model.start) if k else (grams, seen)
        grams, seen = _find(level.keys, contexts * model.vocabulary + tokens, reached)
        probability *= np.where(reached, level.rest[contexts], 1)
        probability += np.where(seen, level.share[grams], 0)
    return -np.log(np.where(tokens == model.start, 1, probability))


def perplexity(model: Ngrams, tokens: Int[np.ndarray, "*B T"]) -> float:
    """exp of the mean of `nats` over the tokens that are predicted."""
    return float(np.exp(nats(model, tokens).sum() / (tokens != model.start).sum()))


def distribution(model: Ngrams, context: Int[np.ndarray, "H"]) -> Float[np.ndarray, "V"]:
    """p(w | context) of every word; only the last `order` - 1 tokens, and none before the last `start`, count."""
    context = _checked(context, model.vocabulary)
    if len(begins := np.flatnonzero(context == model.start)):
        context = context[begins[-1] :]
    p_V = np.full(model.vocabulary, model.uniform)
    if model.start >= 0:
        p_V[model.start] = 0
    for k, level in enumerate(model.levels[: len(context) + 1]):
        place = _place(model, context[len(context) - k :])
        if place is None:
            break
        low, high = np.searchsorted(level.keys, (place * model.vocabulary, (place + 1) * model.vocabulary))
        p_V *= level.rest[place]
        p_V[level.keys[low:high] - place * model.vocabulary] += level.share[low:high]
    return p_V


class _Grams(NamedTuple):
    """The distinct n-grams of one order in a text, sorted by (context, word)."""

    keys: np.ndarray
    counts: np.ndarray  # how often each occurs as context and prediction; 0 for `start`
    contexts: np.ndarray  # place of its first n - 1 words among the n-grams of the order below
    suffixes: np.ndarray  # place of its last n - 1 words there
    whole: np.ndarray  # nothing longer predicts at its place: it has the highest order or begins a sentence
    above: int  # contexts there are


def _count(tokens, order: int, vocabulary: int, start: int) -> list[_Grams]:
    tokens = _checked(tokens, vocabulary)
    if not isinstance(order, int) or order < 1:
        raise Misuse(f"order={order!r}: expected the number of words of the longest n-gram, 1 or more")
    words, none = np.arange(vocabulary), np.zeros(vocabulary, np.int64)
    counts = np.bincount(tokens[tokens != start], minlength=vocabulary)
    found = [_Grams(words, counts, none, none, np.full(vocabulary, order == 1), 1)]
    places, there = tokens, np.ones(len(tokens), bool)
    begins = words == start
    for k in range(2, order + 1):
        contexts, there = _before(places, there, tokens, start)
        keys, first, inverse, counts = np.unique(
            (contexts * vocabulary + tokens)[there], return_index=True, return_inverse=True, return_counts=True
        )
        above, begins = len(begins), begins[keys // vocabulary]
        whole = begins | (k == order)
        found.append(_Grams(keys, counts, keys // vocabulary, places[there][first], whole, above))
        places = np.zeros(len(tokens), np.int64)
        places[there] = inverse
    return found


def _before(places, there, tokens, start: int) -> tuple[np.ndarray, np.ndarray]:
    """The n-gram that ends before each token, and whether there is one that may be its context."""
    reached, contexts = (np.roll(array, 1, -1) for array in (there, places))
    reached &= tokens != start
    reached[..., :1] = False
    return np.where(reached, contexts, 0), reached


def _find(keys, wanted, reached) -> tuple[np.ndarray, np.ndarray]:
    places = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    seen = reached & (keys[places] == wanted) if len(keys) else np.zeros(wanted.shape, bool)
    return np.where(seen, places, 0), seen


def _place(model: Ngrams, words) -> int | None:
    """Where the n-gram of these words lies among those of its order."""
    place = 0
    for level, word in zip(model.levels, words, strict=False):
        found = int(np.searchsorted(level.keys, key := place * model.vocabulary + int(word)))
        if found == len(level.keys) or level.keys[found] != key:
            return None
        place = found
    return place


def _discounts(counts, how_many: int) -> np.ndarray:
    """What is taken from counts 0, 1, 2 and 3 or more, by the leaving-one-out estimate; half a count a step where a text is too small."""
    n = [int((counts == c).sum()) for c in range(5)]
    if min(n[1:]) == 0:
        return np.array([0.0, 0.5, 1.0, 1.5]) if how_many == 3 else np.array([0.0, 0.5, 0.5, 0.5])
    y = n[1] / (n[1] + 2 * n[2])
    if how_many == 1:
        return np.array([0.0, y, y, y])
    return np.array([0.0, *(max(c - (c + 1) * y * n[c + 1] / n[c], 0.0) for c in (1, 2, 3))])


def _level(grams: _Grams, kept, mass_C) -> Level:
    """Shares and rests in proportion to what an n-gram keeps of its count and to the mass that each context gives to the order below."""
    sums_C = np.bincount(grams.contexts, kept, grams.above) + mass_C
    known = np.where(sums_C > 0, sums_C, 1)
    rest = np.where(sums_C > 0, mass_C / known, 1)
    return Level(grams.keys, (kept / known[grams.contexts]).astype(np.float32), rest.astype(np.float32))


def _checked(tokens, vocabulary: int) -> np.ndarray:
    tokens = np.asarray(tokens, np.int64)
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < vocabulary:
        raise Misuse(f"tokens from {tokens.min()} to {tokens.max()}: expected 0 to {vocabulary - 1}")
    return tokens
